package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dc4j.data.ImageFilesFixture.cut;
import static org.dc4j.data.ImageFilesFixture.halves;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ImageSource;
import org.dc4j.data.ScanReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;

  private void write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private DataSet open() {
    return DataSets.open(new DataSpec(DataSpec.Kind.FOLDER, folder, null));
  }

  private static List<String> names(ImageSource images) {
    List<String> names = new ArrayList<>();
    for (int id = 0; id < images.size(); id++) {
      names.add(images.name(id));
    }
    return names;
  }

  @Test
  void classFoldersWithABrokenFile() throws Exception {
    byte[] png = halves("png", 4, 6, 0xFF0000, 0x0000FF);
    write("dog/b.PNG", png);
    write("dog/a.jpg", halves("jpg", 4, 6, 0xFF0000, 0x0000FF));
    write("cat/x.png", cut(png, 0.5));
    write("cat/y.png", png);
    write("cat/notes.txt", new byte[3]);
    write("cat/.hidden.png", png);
    write(".thumbs/t.png", png);
    DataSet set = open();
    assertThat(names(set.images()))
        .containsExactly("cat/x.png", "cat/y.png", "dog/a.jpg", "dog/b.PNG");
    assertThat(set.labels()).hasValueSatisfying(l -> assertThat(l).containsExactly(0, 0, 1, 1));
    assertThat(set.description()).contains("4 images in 2 class folders");
    ScanReport report = ImageScan.scan(set.images(), 2, n -> {});
    assertThat(report.unreadable()).hasSize(1);
    assertThat(report.unreadable().get(0).name()).isEqualTo("cat/x.png");
    assertThat(report.unreadable().get(0).reason())
        .contains(folder.resolve("cat/x.png").toString());
    assertThat(names(report.quarantine(set.images())))
        .containsExactly("cat/y.png", "dog/a.jpg", "dog/b.PNG");
  }

  @Test
  void flatFoldersAndMixturesHaveNoLabels() throws Exception {
    write("b.png", new byte[1]);
    write("a.png", new byte[1]);
    assertThat(open().labels()).isEmpty();
    write("c/a.png", new byte[1]);
    write("d/a.png", new byte[1]);
    assertThat(open().labels()).isEmpty();
    assertThat(names(open().images())).containsExactly("a.png", "b.png", "c/a.png", "d/a.png");
  }

  @Test
  void orderIsTheByteOrderOfPaths() throws Exception {
    // "a-b" sorts before "a/": '-' is 0x2D, '/' is 0x2F; upper case before lower case.
    for (String name : new String[] {"a/z.png", "a-b/z.png", "B/z.png", "a.x/z.png", "a0/z.png"}) {
      write(name, new byte[1]);
    }
    DataSet set = open();
    assertThat(names(set.images()))
        .containsExactly("B/z.png", "a-b/z.png", "a.x/z.png", "a/z.png", "a0/z.png");
    assertThat(set.labels()).hasValueSatisfying(l -> assertThat(l).containsExactly(0, 1, 2, 3, 4));
  }

  @Test
  void linksAreFollowedAndLoopsEnd() throws Exception {
    write("real/a.png", halves("png", 4, 6, 0xFF0000, 0x0000FF));
    Files.createSymbolicLink(folder.resolve("real/loop"), folder);
    Files.createSymbolicLink(folder.resolve("linked.png"), folder.resolve("real/a.png"));
    Files.createSymbolicLink(folder.resolve("dangling.png"), folder.resolve("gone.png"));
    DataSet set = open();
    assertThat(names(set.images())).containsExactly("dangling.png", "linked.png", "real/a.png");
    ScanReport report = ImageScan.scan(set.images(), 1, n -> {});
    assertThat(report.readable()).containsExactly(1, 2);
  }

  /** A file by the bytes of its name, percent-encoded where the test's locale might lack them. */
  private void writeBytesOfName(String encoded, byte[] bytes) throws IOException {
    Files.write(Path.of(URI.create(folder.toUri() + encoded)), bytes);
  }

  @Test
  void namesThatAreNoTextAreReadByTheirBytes() throws Exception {
    byte[] png = halves("png", 4, 6, 0xFF0000, 0x0000FF);
    writeBytesOfName("%E9t%E9.png", png); // Latin-1
    writeBytesOfName("%C3%A9t%C3%A9.png", png); // UTF-8
    writeBytesOfName("bad%E9.png", cut(png, 0.5));
    ImageSource images = open().images();
    assertThat(names(images))
        .containsExactly("\\xE9t\\xE9.png", "bad\\xE9.png", "\u00E9t\u00E9.png");
    ScanReport report = ImageScan.scan(images, 1, n -> {});
    assertThat(report.readable()).containsExactly(0, 2);
    assertThat(report.unreadable().get(0).reason()).startsWith(folder + "/bad\\xE9.png: ");
  }

  @Test
  void aNameIsOneLine() throws Exception {
    byte[] png = halves("png", 4, 6, 0xFF0000, 0x0000FF);
    writeBytesOfName("two%0Alines.png", png);
    writeBytesOfName("a%09tab%0D%7F.png", png);
    writeBytesOfName("next%C2%85%E2%80%A8.png", png);
    writeBytesOfName("back%5Cslash.png", png);
    ImageSource images = open().images();
    assertThat(names(images))
        .containsExactly(
            "a\\x09tab\\x0D\\x7F.png",
            "back\\slash.png",
            "next\\x85\\u2028.png",
            "two\\x0Alines.png");
    assertThat(ImageScan.scan(images, 1, n -> {}).unreadable()).isEmpty();
  }

  @Test
  void aFolderThatCannotBeListedIsSkipped() throws Exception {
    write("cat/a.png", halves("png", 4, 6, 0xFF0000, 0x0000FF));
    write("dog/a.png", halves("png", 4, 6, 0xFF0000, 0x0000FF));
    // Deeper than a path may be long: not even root can list the last one.
    String deep = "for i in $(seq 20); do d=$(printf 'cow%0250d' $i); mkdir $d; cd $d; done";
    shell(deep);
    try {
      DataSet set = open();
      List<String> names = names(set.images());
      assertThat(names).hasSize(3).startsWith("cat/a.png").endsWith("dog/a.png");
      assertThat(names.get(1)).startsWith("cow000");
      assertThat(set.labels()).hasValueSatisfying(l -> assertThat(l).containsExactly(0, -1, 1));
      ScanReport report = ImageScan.scan(set.images(), 1, n -> {});
      assertThat(report.readable()).containsExactly(0, 2);
      assertThat(report.unreadable().get(0).reason()).contains("cannot be read: ", "too long");
    } finally {
      shell("rm -r cow*"); // Java cannot either
    }
  }

  @Test
  void aLockedFolderIsSkipped() throws Exception {
    write("a.png", halves("png", 4, 6, 0xFF0000, 0x0000FF));
    write("lost+found/b.png", new byte[1]);
    Path locked = folder.resolve("lost+found");
    Files.setPosixFilePermissions(locked, Set.of());
    try {
      assumeFalse(Files.isReadable(locked), "root may list every folder");
      DataSet set = open();
      assertThat(set.description()).endsWith(": 1 images");
      assertThat(names(set.images())).containsExactly("a.png", "lost+found/");
      ScanReport report = ImageScan.scan(set.images(), 1, n -> {});
      assertThat(report.unreadable().get(0).reason())
          .endsWith(
              "lost+found/: this folder cannot be listed, its images are left out: permission denied");
    } finally {
      Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private void shell(String script) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void emptyMissingAndWrongAreNamed() throws Exception {
    write("readme.txt", new byte[1]);
    assertThatThrownBy(this::open)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no images; accepted: files ending in .bmp, .jpeg, .jpg, .png");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse("folder:/no/such")))
        .hasMessageContaining("/no/such: no such folder");
    Path file = folder.resolve("readme.txt");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse("folder:" + file)))
        .hasMessageContaining("is a file, not a folder");
  }

  @Test
  void listsAreRelativeToThemselves() throws Exception {
    write("sub/my photo 1.png", halves("png", 4, 6, 0xFF0000, 0x0000FF));
    Path absolute = folder.resolve("sub/my photo 1.png");
    write(
        "lists/l.txt",
        ("\uFEFF# photos\n../sub/my photo 1.png\t3\n\n" + absolute + " -1\r\ngone.png 0\n")
            .getBytes("UTF-8"));
    DataSet set = DataSets.open(DataSpec.parse("list:" + folder.resolve("lists/l.txt")));
    assertThat(names(set.images()))
        .containsExactly("../sub/my photo 1.png", absolute.toString(), "gone.png");
    assertThat(set.labels()).hasValueSatisfying(l -> assertThat(l).containsExactly(3, -1, 0));
    assertThat(ImageScan.scan(set.images(), 1, n -> {}).readable()).containsExactly(0, 1);
  }

  @Test
  void listErrorsNameTheLine() throws Exception {
    write("l.txt", "a.png 1\nb.png\n".getBytes("UTF-8"));
    String spec = "list:" + folder.resolve("l.txt");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse(spec)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2: \"b.png\" has no label");
    write("l.txt", "a.png\nb.png 1\n".getBytes("UTF-8"));
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse(spec)))
        .hasMessageContaining("line 2: \"b.png 1\" has a label");
    write("l.txt", "# nothing\n".getBytes("UTF-8"));
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse(spec)))
        .hasMessageContaining("lists no images");
    write("l.txt", "a\0b.png\n".getBytes("UTF-8"));
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse(spec)))
        .hasMessageContaining("line 1: not a path");
    write("l.txt", new byte[] {(byte) 0xFF, (byte) 0xFE, 0x41});
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse(spec)))
        .hasMessageContaining("not UTF-8 text");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse("list:/no/such")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("/no/such");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse("list:" + folder)))
        .hasMessageContaining("is a folder");
  }
}
