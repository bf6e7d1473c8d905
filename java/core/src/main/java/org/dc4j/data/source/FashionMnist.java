package org.dc4j.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.dc4j.data.DataException;

/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 60,000 + 10,000 grey photos of clothes, 28 x 28, 10
 * classes, MIT licence (c) Zalando SE. The four files are known by the SHA-256 of their unpacked
 * content, so a copy compressed by somebody else is as good.
 */
public final class FashionMnist {
  private static final int SIDE = 28;

  /** File name to SHA-256 of its unpacked content. */
  static final Map<String, String> FILES =
      Map.of(
          "train-images-idx3-ubyte.gz",
          "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
          "train-labels-idx1-ubyte.gz",
          "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
          "t10k-images-idx3-ubyte.gz",
          "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
          "t10k-labels-idx1-ubyte.gz",
          "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

  private FashionMnist() {}

  /**
   * Opens a split of a folder that holds the files, or the part of them that {@code demo} ships.
   *
   * @param split "train" (also for null) or "test"
   * @throws DataException if the folder is not Fashion-MNIST
   */
  public static DataSet open(Path folder, String split) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + ": no such folder; \"dc4j data fetch fashion-mnist --out DIR\" makes one");
    }
    DataSet set = IdxFolder.open(folder, split == null ? "train" : split);
    IdxImages images = (IdxImages) set.images();
    if (images.height() != SIDE || images.width() != SIDE) {
      throw new DataException(
          "%s: images of %d x %d pixels; Fashion-MNIST has 28 x 28 (idx:DIR takes any size)"
              .formatted(folder, images.height(), images.width()));
    }
    return new DataSet(images, set.labels(), "Fashion-MNIST " + set.description());
  }

  /**
   * Gets the full set from Debian's package dataset-fashion-mnist (31 MB), with apt-get and
   * dpkg-deb but without root: nothing is installed. Files already there and intact are kept; a
   * file appears under its name only when complete.
   *
   * @param out folder for the four files, made if absent
   * @param listener told each step in words
   * @throws DataException if that does not work, with what to do by hand
   */
  public static void fetch(Path out, Consumer<String> listener) {
    fetch(out, listener, DebianPackages.of("dataset-fashion-mnist"));
  }

  static void fetch(Path out, Consumer<String> listener, DebianPackages source) {
    try {
      Files.createDirectories(out);
      if (isComplete(out)) {
        listener.accept("Fashion-MNIST is already in " + out);
        return;
      }
      Path work = Files.createTempDirectory("dc4j-fashion-mnist");
      try {
        source.unpack(work, listener);
        Path files = work.resolve("content/usr/share/datasets/fashion-mnist");
        for (String name : new TreeMap<>(FILES).keySet()) {
          install(files.resolve(name), out.resolve(name), FILES.get(name));
        }
      } finally {
        DebianPackages.deleteTree(work);
      }
      listener.accept("Fashion-MNIST is in " + out);
    } catch (IOException | DataException e) {
      throw new DataException(
          "%s%n%s".formatted("Fashion-MNIST was not fetched: " + e.getMessage(), byHand(out)), e);
    }
  }

  /** True if the folder holds all four files intact. */
  public static boolean isComplete(Path folder) {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      try {
        if (!Files.isRegularFile(path) || !contentSha256(path).equals(file.getValue())) {
          return false;
        }
      } catch (IOException e) {
        return false; // damaged gzip data
      }
    }
    return true;
  }

  private static void install(Path from, Path to, String expected) throws IOException {
    if (!Files.isRegularFile(from)) {
      throw new DataException("the package has no file " + from.getFileName());
    }
    String found = contentSha256(from);
    if (!found.equals(expected)) {
      throw new DataException(
          "%s: content has SHA-256 %s, expected %s".formatted(to.getFileName(), found, expected));
    }
    Path part = to.resolveSibling(to.getFileName() + ".part");
    Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
    Files.move(part, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String contentSha256(Path gzip) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(gzip), 1 << 16)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  private static String byHand(Path out) {
    return ("By hand: put %s into %s. They are in Debian's package dataset-fashion-mnist (folder"
            + " usr/share/datasets/fashion-mnist) and at"
            + " https://github.com/zalandoresearch/fashion-mnist.")
        .formatted(String.join(", ", new TreeMap<>(FILES).keySet()), out);
  }
}
