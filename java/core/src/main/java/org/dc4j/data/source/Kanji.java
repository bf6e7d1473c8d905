package org.dc4j.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.dc4j.data.DataException;
import org.dc4j.random.Seeds;

/**
 * Kanji in many fonts: re-identification in small. An identity is a character of JIS X 0208 level 1
 * (2,965 of them), a camera is a font; images are grey, 64 x 64, drawn by Java from fonts of Debian
 * packages (OFL, IPA and MIT licences). Half of the identities are for training, the other half,
 * disjoint, for tests.
 */
public final class Kanji {
  private static final String SET = "kanji";
  private static final int FIRST_ROW = 16;
  private static final int LAST_ROW = 47;
  private static final int CELLS = 94;
  private static final int EUC = 0xA0;
  private static final long SPLIT_SEED = 0;

  /**
   * Which images are made.
   *
   * @param identities training and test together, 2..2965
   * @param allFonts 20 fonts, brushes among them, instead of 12
   */
  public record Options(int identities, boolean allFonts) {
    public Options {
      if (identities < 2 || identities > characters().length) {
        throw new IllegalArgumentException(
            identities + " identities; accepted: 2.." + characters().length);
      }
    }
  }

  private Kanji() {}

  /**
   * Opens a split of a folder that {@link #fetch} made; labels are numbered from 0 in each.
   *
   * @param split "train" (also for null) or "test"
   * @throws DataException if the folder is not such a one
   */
  public static DataSet open(Path folder, String split) {
    return PackedFolder.open(folder, SET, split == null ? "train" : split);
  }

  /**
   * Gets the fonts from Debian (53 or 106 MB, without root, nothing is installed), draws the images
   * into {@code out} and forgets the fonts.
   *
   * @param listener told each step in words
   * @throws DataException if that does not work, or the folder holds other images
   */
  public static void fetch(Path out, Options options, Consumer<String> listener) {
    List<KanjiFont> fonts = options.allFonts() ? KanjiFont.ALL : KanjiFont.SMALL;
    String[] packages = KanjiFont.packages(fonts).toArray(new String[0]);
    fetch(out, options, listener, DebianPackages.of(packages));
  }

  static void fetch(Path out, Options options, Consumer<String> listener, DebianPackages packages) {
    String fonts = options.allFonts() ? "all" : "small";
    Fetched.into(
        out,
        SET,
        Map.of("identities", options.identities(), "fonts", fonts),
        packages,
        listener,
        (content, facts) -> draw(content, out, options, facts));
  }

  /** Code points of level 1 in the standard's order. */
  static int[] characters() {
    Charset euc = Charset.forName("EUC-JP");
    List<Integer> found = new ArrayList<>();
    for (int row = FIRST_ROW; row <= LAST_ROW; row++) {
      for (int cell = 1; cell <= CELLS; cell++) {
        String text = new String(new byte[] {(byte) (EUC + row), (byte) (EUC + cell)}, euc);
        if (text.length() == 1 && text.charAt(0) != '\uFFFD') {
          found.add((int) text.charAt(0));
        }
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void draw(Path content, Path out, Options options, Map<String, Object> facts)
      throws IOException {
    List<KanjiFont> fonts = options.allFonts() ? KanjiFont.ALL : KanjiFont.SMALL;
    List<KanjiRenderer> renderers = new ArrayList<>();
    List<Map<String, String>> sources = new ArrayList<>();
    for (KanjiFont font : fonts) {
      Path file = content.resolve("usr/share/fonts").resolve(font.file());
      if (!Files.isRegularFile(file)) {
        throw new DataException(
            "package %s has no %s".formatted(font.debianPackage(), font.file()));
      }
      renderers.add(new KanjiRenderer(file));
      sources.add(Map.of("camera", font.name(), "file", font.file(), "sha256", sha256(file)));
    }
    int[] characters = characters();
    new Seeds(SPLIT_SEED).stream(SET).shuffle(characters);
    int train = options.identities() / 2;
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("train", write(out, "train", characters, 0, train, fonts, renderers));
    counts.put(
        "test", write(out, "test", characters, train, options.identities(), fonts, renderers));
    facts.put("images", counts);
    facts.put("cameras", sources);
  }

  private record Glyph(KanjiRenderer renderer, int codePoint) {}

  private static int write(
      Path out,
      String split,
      int[] characters,
      int from,
      int to,
      List<KanjiFont> fonts,
      List<KanjiRenderer> renderers) {
    List<PackedFolder.Entry> entries = new ArrayList<>();
    List<Glyph> glyphs = new ArrayList<>();
    for (int i = from; i < to; i++) {
      for (int camera = 0; camera < fonts.size(); camera++) {
        if (renderers.get(camera).has(characters[i])) {
          String name =
              String.format(
                  Locale.ROOT, "%s/%04X/%s", split, characters[i], fonts.get(camera).name());
          entries.add(new PackedFolder.Entry(name, i - from, camera));
          glyphs.add(new Glyph(renderers.get(camera), characters[i]));
        }
      }
    }
    Iterator<byte[]> pixels =
        glyphs.stream().map(glyph -> glyph.renderer().draw(glyph.codePoint())).iterator();
    int side = KanjiRenderer.SIDE;
    PackedFolder.write(out, split, new PackedFolder.Split(entries, pixels, side, side));
    return entries.size();
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }
}
