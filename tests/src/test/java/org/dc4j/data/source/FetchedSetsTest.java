package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sets made of Debian packages, with scripts in place of apt-get and dpkg-deb. */
class FetchedSetsTest {
  private static final String UNITS = "usr/share/games/wesnoth/1.16/data/core/images/units/";
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "elves-wood/archer+female-bow-attack1.png, elves-wood/archer+female",
    "elves-wood/archer-die1.png, elves-wood/archer",
    "elves-wood/archer.png, elves-wood/archer",
    "drakes/burner-fire-se-3.png, drakes/burner",
    "drakes/glider-n.png, drakes/glider",
    "dwarves/thunderer/thunderer-7.png, dwarves/thunderer",
    "human-loyalists/knight/knight-sword-10.png, human-loyalists/knight",
    "monsters/seahorse.png, monsters/seahorse",
    "cannon12.png, cannon",
    "undead/n.png, undead/n"
  })
  void spritesKnowTheirUnit(String path, String unit) {
    assertThat(SpriteClass.of(path)).isEqualTo(unit);
    assertThat(SpriteClass.isUnit(path)).isTrue();
  }

  @Test
  void sharedFramesAndOtherFilesAreNoUnits() {
    assertThat(List.of("undead/zombie-orc.png", "undead/soulless.png", "ghost-1.png", "a/x.txt"))
        .noneMatch(SpriteClass::isUnit);
    assertThat(SpriteClass.isUnit("undead/ghost.png")).isTrue();
  }

  @Test
  void spritesArePackedByUnitAndSplitByClass() throws Exception {
    for (String unit : new String[] {"elves/archer", "orcs/grunt", "drakes/flyer", "undead/bat"}) {
      for (int i = 1; i <= 4; i++) {
        sprite(unit + "-attack-" + i + ".png", 0xFF0000FF, 72, 72);
      }
    }
    for (int i = 1; i <= 3; i++) {
      sprite("orcs/rare-die" + i + ".png", 0xFF00FF00, 72, 72); // too few images
    }
    sprite("orcs/grunt.png", 0xFF00FF00, 144, 72); // shrunk to 72 x 36
    sprite("drakes/flyer.png", 0x00FFFFFF, 10, 10); // transparent
    Path out = folder.resolve("out");
    List<String> steps = new ArrayList<>();
    Wesnoth.fetch(out, steps::add, scripts());
    DataSet train = DataSets.open(DataSpec.parse("wesnoth:" + out));
    DataSet test = DataSets.open(DataSpec.parse("wesnoth:" + out + "?split=test"));
    assertThat(train.images().size() + test.images().size()).isEqualTo(18);
    assertThat(IntStream.of(train.labels().orElseThrow()).distinct()).containsExactly(0, 1);
    assertThat(IntStream.of(test.labels().orElseThrow()).distinct()).containsExactly(0, 1);
    Image wide = find("orcs/grunt.png", train, test);
    assertThat(pixel(wide, 36, 36)).containsExactly(0, 255, 0);
    assertThat(pixel(wide, 4, 36)).containsExactly(255, 255, 255);
    assertThat(pixel(find("drakes/flyer.png", train, test), 36, 36)).containsOnly(255);
    assertThat(pixel(find("orcs/grunt-attack-1.png", train, test), 0, 0))
        .containsExactly(0, 0, 255);
    Wesnoth.fetch(out, steps::add, scripts());
    assertThat(steps.get(steps.size() - 1)).contains("already");
    assertThatThrownBy(() -> Kanji.open(out, null)).hasMessageContaining("holds set wesnoth");
    assertThatThrownBy(() -> Wesnoth.open(out, "val"))
        .hasMessageContaining("no split \"val\"; accepted: train, test");
    Kanji.Options few = new Kanji.Options(4, false);
    assertThatThrownBy(() -> Kanji.fetch(out, few, steps::add, scripts()))
        .hasMessageContaining("holds set wesnoth")
        .hasMessageContaining("give another folder");
    Files.writeString(out.resolve("test-labels.npy"), "no array");
    assertThatThrownBy(() -> Wesnoth.open(out, "test")).hasMessageContaining("test-labels.npy");
    Files.delete(out.resolve("manifest.json"));
    assertThatThrownBy(() -> Wesnoth.open(out, "test"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("was not finished")
        .hasMessageContaining("data fetch wesnoth");
    assertThatThrownBy(() -> Wesnoth.open(folder.resolve("none"), null))
        .hasMessageContaining("none: no such folder");
  }

  @Test
  void levelOneIsComplete() {
    int[] characters = Kanji.characters();
    assertThat(characters).hasSize(2965).doesNotHaveDuplicates();
    assertThat(characters[0]).isEqualTo('\u4E9C');
    assertThat(characters[2964]).isEqualTo('\u8155');
  }

  @Test
  void whatIsMissingIsNamed() {
    Kanji.Options options = new Kanji.Options(4, false);
    assertThatThrownBy(() -> Kanji.fetch(folder.resolve("k"), options, step -> {}, scripts()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("kanji was not fetched: package fonts-vlgothic has no truetype/");
    assertThatThrownBy(() -> Wesnoth.fetch(folder.resolve("w"), step -> {}, scripts()))
        .hasMessageContaining("the package has no folder usr/share/games/wesnoth");
    assertThat(folder.resolve("k")).isEmptyDirectory();
    DebianPackages two = new DebianPackages(scripts().aptGet(), "dpkg-deb", List.of("p", "q"));
    assertThatThrownBy(() -> Wesnoth.fetch(folder.resolve("w"), step -> {}, two))
        .hasMessageContaining("left 1 .deb files for 2 packages");
    assertThatThrownBy(() -> new Kanji.Options(2966, true))
        .hasMessage("2966 identities; accepted: 2..2965");
    assertThatThrownBy(() -> new KanjiRenderer(Path.of("pom.xml")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("pom.xml: not a usable font");
    assertThat(KanjiFont.packages(KanjiFont.ALL)).hasSize(18);
    assertThat(KanjiFont.ALL).hasSize(20).startsWith(KanjiFont.SMALL.toArray(new KanjiFont[0]));
  }

  /** Needs a network: run with -Ddc4j.network=true. */
  @Test
  @EnabledIfSystemProperty(named = "dc4j.network", matches = "true")
  void kanjiComeFromDebian() {
    Kanji.fetch(folder.resolve("k"), new Kanji.Options(20, false), step -> {});
    DataSet test = DataSets.open(DataSpec.parse("kanji:" + folder.resolve("k") + "?split=test"));
    assertThat(test.images().size()).isBetween(110, 120);
    assertThat(IntStream.of(test.labels().orElseThrow()).distinct().count()).isEqualTo(10);
    for (int id = 0; id < test.images().size(); id++) {
      Image image = test.images().read(id);
      int ink = 0;
      for (byte pixel : image.pixels()) {
        ink += pixel & 0xFF;
      }
      assertThat(ink / (255.0 * 64 * 64)).isBetween(0.02, 0.6);
      assertThat(test.images().camera(id)).isBetween(0, 11);
    }
  }

  private void sprite(String name, int argb, int width, int height) throws Exception {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, argb);
    }
    Path file = folder.resolve("content/" + UNITS + name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private static Image find(String name, DataSet... sets) {
    for (DataSet set : sets) {
      for (int id = 0; id < set.images().size(); id++) {
        if (set.images().name(id).equals(name)) {
          return set.images().read(id);
        }
      }
    }
    throw new AssertionError("no image " + name);
  }

  private static int[] pixel(Image image, int row, int column) {
    int at = (row * image.width() + column) * 3;
    return IntStream.range(at, at + 3).map(i -> image.pixels()[i] & 0xFF).toArray();
  }

  /** A package whose content is the folder "content" of this test. */
  private DebianPackages scripts() {
    try {
      String copy = "mkdir -p " + folder + "/content; cp -r " + folder + "/content/. \"$3\"";
      return new DebianPackages(script("touch p.deb"), script(copy), List.of("p"));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private String script(String body) throws Exception {
    Path file = Files.createTempFile(folder, "program", ".sh");
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }
}
