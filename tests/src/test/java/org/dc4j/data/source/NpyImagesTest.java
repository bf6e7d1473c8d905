package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyImagesTest {
  @TempDir Path folder;

  /** As numpy.save writes it: header padded to a multiple of 64 with blanks and a line end. */
  private DataSet open(int version, String descr, String order, String shape, int values)
      throws Exception {
    String dict =
        "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }".formatted(descr, order, shape);
    int start = version == 1 ? 10 : 12;
    int padded = (start + dict.length() + 1 + 63) / 64 * 64;
    ByteBuffer file = ByteBuffer.allocate(padded + values).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    file.put((byte) version).put((byte) 0);
    if (version == 1) {
      file.putShort((short) (padded - start));
    } else {
      file.putInt(padded - start);
    }
    file.put((dict + " ".repeat(padded - start - dict.length() - 1) + "\n").getBytes());
    for (int i = 0; i < values; i++) {
      file.put((byte) i);
    }
    Path path = folder.resolve("x.npy");
    Files.write(path, file.array());
    return DataSets.open(new DataSpec(DataSpec.Kind.NPY, path, null));
  }

  @Test
  void greyAndRgb() throws Exception {
    DataSet grey = open(1, "|u1", "False", "(3, 2, 4)", 24);
    assertThat(grey.images().size()).isEqualTo(3);
    assertThat(grey.labels()).isEmpty();
    assertThat(grey.images().name(2)).isEqualTo("00002");
    Image last = grey.images().read(2);
    assertThat(last.channels()).isEqualTo(1);
    assertThat(last.pixels()).containsExactly(16, 17, 18, 19, 20, 21, 22, 23);
    for (int version : new int[] {1, 2, 3}) {
      Image rgb = open(version, "|u1", "False", "(2, 1, 2, 3)", 12).images().read(1);
      assertThat(rgb.channels()).isEqualTo(3);
      assertThat(rgb.pixels()).containsExactly(6, 7, 8, 9, 10, 11);
    }
    assertThat(open(1, "|u1", "False", "(2, 1, 2, 1)", 4).images().read(1).channels()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "<f4; False; (10, 256); is not 8-bit images",
        "|u1; True; (2, 3, 4); Fortran order",
        "|u1; False; (24,); is no array of images",
        "|u1; False; (2, 3, 4, 5); is no array of images",
        "|u1; False; (2, 0, 4); out of range",
        "|u1; False; (99999999999999999999, 1, 1); out of range",
        "|u1; False; (200, 3, 4); truncated: expected"
      })
  void otherArraysAreRefused(String descr, String order, String shape, String problem) {
    assertThatThrownBy(() -> open(1, descr, order, shape, 24))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("x.npy")
        .hasMessageContaining(problem);
  }

  @Test
  void otherFilesAreRefused() throws Exception {
    Path file = folder.resolve("y.npy");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> NpyImages.open(file)).hasMessageContaining("not a .npy file");
    assertThatThrownBy(() -> NpyImages.open(folder.resolve("no.npy")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no.npy");
    assertThatThrownBy(() -> open(1, "|u1", "False", "(0, 3, 4)", 0))
        .hasMessageContaining("has no images");
  }
}
