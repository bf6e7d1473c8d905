package org.dc4j.data.source;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dc4j.data.DataException;

/**
 * Which data set, as users write it: {@code name:path[?split=train]}.
 *
 * @param split part of the set, or null for the default
 */
public record DataSpec(Kind kind, Path path, String split) {
  /** The kinds of data sets, by the name that users write. */
  public enum Kind {
    /** Folder with the four Fashion-MNIST files. */
    FASHION_MNIST("fashion-mnist", "DIR", true),
    /** Folder with PREFIX-images-idx3-ubyte[.gz] and PREFIX-labels-idx1-ubyte[.gz]. */
    IDX("idx", "DIR", true),
    /** Folder of image files, flat or one folder per class. */
    FOLDER("folder", "DIR", false),
    /** Text file with one image path per line. */
    LIST("list", "FILE", false),
    /** uint8 array [n x h x w] or [n x h x w x 3]. */
    NPY("npy", "FILE", false),
    /** Folder that "data fetch kanji" made. */
    KANJI("kanji", "DIR", true),
    /** Folder that "data fetch wesnoth" made. */
    WESNOTH("wesnoth", "DIR", true),
    /** CUB_200_2011. */
    CUB200("cub200", "DIR", true),
    /** Folder with car_ims and cars_annos.csv. */
    CARS196("cars196", "DIR", true),
    /** Stanford_Online_Products. */
    SOP("sop", "DIR", true),
    /** Market-1501-v15.09.15. */
    MARKET1501("market1501", "DIR", true),
    /** MSMT17, in its own or in Market's layout. */
    MSMT17("msmt17", "DIR", true);

    private final String label;
    private final String argument;
    private final boolean splits;

    Kind(String label, String argument, boolean splits) {
      this.label = label;
      this.argument = argument;
      this.splits = splits;
    }

    /** The name in a spec. */
    public String label() {
      return label;
    }

    /** How a spec of this kind is written, for help and errors. */
    public String usage() {
      return label + ":" + argument + (splits ? "[?split=train]" : "");
    }
  }

  private static final Pattern OPTIONS =
      Pattern.compile("(.*)\\?([A-Za-z]+)=([^?=]*)", Pattern.DOTALL);

  public DataSpec {
    if (split != null && !kind.splits) {
      throw new DataException(
          "split=%s: %s data has no splits; accepted: %s"
              .formatted(split, kind.label(), kind.usage()));
    }
  }

  /**
   * Reads a spec.
   *
   * @throws DataException naming what is wrong and what is accepted
   */
  public static DataSpec parse(String text) {
    int colon = text.indexOf(':');
    Kind kind = colon < 0 ? null : kindOf(text.substring(0, colon));
    if (kind == null) {
      throw new DataException(
          "data \"%s\" names no known kind%s; accepted: %s".formatted(text, hint(text), usages()));
    }
    String rest = text.substring(colon + 1);
    String split = null;
    Matcher options = OPTIONS.matcher(rest);
    if (options.matches()) {
      rest = options.group(1);
      split = options.group(3);
      if (!options.group(2).equals("split") || split.isEmpty()) {
        throw new DataException(
            "data \"%s\": option %s=%s; accepted: %s"
                .formatted(text, options.group(2), split, kind.usage()));
      }
    }
    if (rest.isEmpty()) {
      throw new DataException(
          "data \"%s\" has no path; accepted: %s".formatted(text, kind.usage()));
    }
    try {
      return new DataSpec(kind, Path.of(rest), split);
    } catch (InvalidPathException e) {
      throw new DataException("data \"%s\": not a path: %s".formatted(text, e.getMessage()), e);
    }
  }

  /** The accepted forms, for help and errors. */
  public static String usages() {
    List<String> usages = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      usages.add(kind.usage());
    }
    return String.join(", ", usages);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return kind.label() + ":" + path + (split == null ? "" : "?split=" + split);
  }

  private static Kind kindOf(String label) {
    for (Kind kind : Kind.values()) {
      if (kind.label.equals(label)) {
        return kind;
      }
    }
    return null;
  }

  // A bare path is the commonest slip.
  private static String hint(String text) {
    try {
      if (Files.isDirectory(Path.of(text))) {
        return " (for the images in that folder write folder:" + text + ")";
      }
    } catch (InvalidPathException e) {
      return "";
    }
    return "";
  }
}
