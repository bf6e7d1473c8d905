package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
  @TempDir Path folder;

  static byte[] idx(int magic, int... sizes) {
    int values = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + values);
    file.putInt(magic);
    for (int size : sizes) {
      file.putInt(size);
    }
    for (int i = 0; i < values; i++) {
      file.put((byte) (i * 7));
    }
    return file.array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private DataSet open(String split) {
    return DataSets.open(new DataSpec(DataSpec.Kind.IDX, folder, split));
  }

  @Test
  void plainAndGzipGiveTheSame() throws Exception {
    byte[] images = idx(0x803, 3, 2, 4);
    byte[] labels = idx(0x801, 3);
    write("train-images-idx3-ubyte", images);
    write("train-labels-idx1-ubyte", labels);
    write("t10k-images-idx3-ubyte.gz", gzip(images));
    write("t10k-labels-idx1-ubyte.gz", gzip(labels));
    for (String split : new String[] {"train", "t10k", "test"}) {
      DataSet set = open(split);
      assertThat(set.images().size()).isEqualTo(3);
      Image last = set.images().read(2);
      assertThat(last.height()).isEqualTo(2);
      assertThat(last.width()).isEqualTo(4);
      assertThat(last.pixels()).containsExactly(112, 119, 126, -123, -116, -109, -102, -95);
      assertThat(set.labels()).hasValueSatisfying(l -> assertThat(l).containsExactly(0, 7, 14));
    }
    assertThat(open(null).images().name(2)).isEqualTo("train/00002");
    assertThat(open("test").images().name(2)).isEqualTo("t10k/00002");
    assertThat(open(null).description()).isEqualTo("train: 3 grey images of 2 x 4 pixels");
  }

  @Test
  void labelsAreOptionalAndTheOnlySplitIsTheDefault() throws Exception {
    write("mine-images.idx3-ubyte", idx(0x803, 3, 2, 4));
    assertThat(open(null).labels()).isEmpty();
    assertThat(open(null).images().name(0)).isEqualTo("mine/00000");
    assertThatThrownBy(() -> open("train"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no split \"train\"; accepted: mine");
  }

  @Test
  void truncatedFilesTellHowMuchIsThere() throws Exception {
    byte[] whole = idx(0x803, 100, 28, 28);
    write("train-images-idx3-ubyte", Arrays.copyOf(whole, 5000));
    assertThatThrownBy(() -> open(null))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train-images-idx3-ubyte")
        .hasMessageContaining("expected 78416 bytes for [100, 28, 28], found 5000");
    write("train-images-idx3-ubyte", Arrays.copyOf(whole, 9));
    assertThatThrownBy(() -> open(null)).hasMessageContaining("header of 16 bytes, found 9");
    byte[] packed = gzip(whole);
    for (int length : new int[] {5, 12, packed.length / 2, packed.length - 9}) {
      write("train-images-idx3-ubyte", Arrays.copyOf(packed, length));
      assertThatThrownBy(() -> open(null))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("truncated");
    }
  }

  @Test
  void aHeaderThatLiesAboutItsSizeCostsNothing() throws Exception {
    byte[] liar = idx(0x803, 1, 2, 2);
    ByteBuffer.wrap(liar).putInt(4, 2_000_000_000 / 4);
    write("train-images-idx3-ubyte", liar);
    assertThatThrownBy(() -> open(null)).hasMessageContaining("expected 2000000016 bytes");
    ByteBuffer.wrap(liar).putInt(4, Integer.MAX_VALUE);
    write("train-images-idx3-ubyte", liar);
    assertThatThrownBy(() -> open(null)).hasMessageContaining("up to 2 GiB");
    ByteBuffer.wrap(liar).putInt(4, -1);
    write("train-images-idx3-ubyte", liar);
    assertThatThrownBy(() -> open(null)).hasMessageContaining("up to 2 GiB");
  }

  @Test
  void otherFilesAreRefused() throws Exception {
    write("train-images-idx3-ubyte", idx(0x801, 16));
    assertThatThrownBy(() -> open(null))
        .hasMessageContaining("magic 0x00000801; accepted: 0x00000803");
    write("train-images-idx3-ubyte", Arrays.copyOf(idx(0x803, 3, 2, 4), 16 + 24 + 1));
    assertThatThrownBy(() -> open(null)).hasMessageContaining("longer than its header says");
    byte[] packed = gzip(idx(0x803, 100, 28, 28));
    packed[packed.length - 6] ^= 1; // in the check sum
    write("train-images-idx3-ubyte", packed);
    assertThatThrownBy(() -> open(null)).hasMessageContaining("damaged gzip data");
  }

  @Test
  void labelsMustMatchTheImages() throws Exception {
    write("train-images-idx3-ubyte", idx(0x803, 3, 2, 4));
    write("train-labels-idx1-ubyte", idx(0x801, 4));
    assertThatThrownBy(() -> open(null)).hasMessageContaining("4 labels").hasMessageContaining("3");
  }

  @Test
  void emptyAndMissingFoldersAreNamed() {
    assertThatThrownBy(() -> open(null)).hasMessageContaining("no IDX images; accepted");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse("idx:/no/such")))
        .hasMessageContaining("/no/such is not a folder");
    assertThatThrownBy(() -> DataSets.open(DataSpec.parse("fashion-mnist:/no/such")))
        .hasMessageContaining("dc4j data fetch fashion-mnist");
  }

  @Test
  void otherSizesAreNotFashionMnist() throws Exception {
    write("train-images-idx3-ubyte", idx(0x803, 3, 2, 4));
    assertThatThrownBy(() -> FashionMnist.open(folder, null))
        .hasMessageContaining("2 x 4 pixels; Fashion-MNIST has 28 x 28");
  }
}
