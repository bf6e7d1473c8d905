package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dc4j.data.ImageFilesFixture.cut;
import static org.dc4j.data.ImageFilesFixture.halves;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
