package org.dc4j.data.source;

import java.util.List;
import java.util.stream.Stream;

/**
 * A font of Debian's with the kanji of JIS X 0208 level 1.
 *
 * @param name short name, part of image names
 * @param debianPackage that has it
 * @param file below usr/share/fonts
 */
record KanjiFont(String name, String debianPackage, String file) {
  /** Twelve printed hands, 53 MB of packages. */
  static final List<KanjiFont> SMALL =
      List.of(
          truetype("vlgothic", "vlgothic/VL-Gothic-Regular.ttf"),
          new KanjiFont(
              "ipafont-gothic", "fonts-ipafont-gothic", "opentype/ipafont-gothic/ipag.ttf"),
          new KanjiFont(
              "ipafont-mincho", "fonts-ipafont-mincho", "opentype/ipafont-mincho/ipam.ttf"),
          truetype("konatu", "konatu/Konatu.ttf"),
          truetype("dejima-mincho", "dejima-mincho/dejima-mincho-r227.ttf"),
          truetype("aoyagi-soseki", "aoyagi-soseki/aoyagi-soseki.ttf"),
          truetype("morisawa-bizud-mincho", "bizud-mincho/BIZUDMincho-Regular.ttf"),
          truetype("dotgothic16", "dotgothic16/DotGothic16-Regular.ttf"),
          truetype("oradano-mincho-gsrr", "oradano-mincho/OradanoGSRR.ttf"),
          truetype("stick", "stick/Stick-Regular.ttf"),
          truetype("train", "train/TrainOne-Regular.ttf"),
          truetype("reggae", "reggae/ReggaeOne-Regular.ttf"));

  /** Those and eight harder ones, brushes among them, 53 MB more. */
  static final List<KanjiFont> ALL =
      Stream.concat(
              SMALL.stream(),
              Stream.of(
                  truetype("kouzan-mouhitsu", "kouzan-mouhitsu/kouzan-mouhitsu.ttf"),
                  new KanjiFont(
                      "kouzan-gyosho",
                      "fonts-kouzan-mouhitsu",
                      "truetype/kouzan-mouhitsu/kouzan-mouhitsu-gyosho.ttf"),
                  new KanjiFont(
                      "kouzan-sousyo",
                      "fonts-kouzan-mouhitsu",
                      "truetype/kouzan-mouhitsu/KouzanBrushFontSousyo.ttf"),
                  truetype("yusei-magic", "yusei-magic/YuseiMagic-Regular.ttf"),
                  truetype("seto", "seto/setofont.ttf"),
                  truetype("kiloji", "kiloji/kiloji.ttf"),
                  truetype("yozvox-yozfont-cute", "yozvox-yozfont/YOzRC_.ttf"),
                  truetype("rocknroll", "rocknroll/RocknRollOne-Regular.ttf")))
          .toList();

  private static KanjiFont truetype(String name, String file) {
    return new KanjiFont(name, "fonts-" + name, "truetype/" + file);
  }

  /** The packages of some fonts, each once. */
  static List<String> packages(List<KanjiFont> fonts) {
    return fonts.stream().map(KanjiFont::debianPackage).distinct().toList();
  }
}
