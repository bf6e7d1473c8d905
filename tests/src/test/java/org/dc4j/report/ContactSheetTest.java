package org.dc4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.dc4j.format.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContactSheetTest {
  @TempDir Path folder;

  /** A 4 x 2 picture: left half red, right half transparent. */
  private static byte[] halfRed() {
    BufferedImage image = new BufferedImage(4, 2, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 2; y++) {
      image.setRGB(0, y, 0xffff0000);
      image.setRGB(1, y, 0xffff0000);
    }
    return SyntheticRun.png(image);
  }

  @Test
  void putsTypicalImagesInRows() throws IOException {
    Files.writeString(
        folder.resolve("assignments.csv"), "id,name,cluster,distance\n1,a,8,2\n2,b,8,1\n3,c,6,1\n");
    Path png = folder.resolve("sheet.png");
    ContactSheet.write(folder, id -> id == 2 ? halfRed() : null, png, 5, 3, 40);
    BufferedImage sheet = ImageIO.read(png.toFile());
    assertThat(sheet.getWidth()).isEqualTo(72 + 3 * 44);
    assertThat(sheet.getHeight()).isEqualTo(4 + 2 * 44);
    // Row 0 is cluster 8: image 2 (nearest) centred in its cell, then image 1, a grey box.
    assertThat(sheet.getRGB(72 + 5, 4 + 20) & 0xffffff).isEqualTo(0xff0000);
    assertThat(sheet.getRGB(72 + 30, 4 + 20) & 0xffffff).isEqualTo(0xffffff);
    assertThat(sheet.getRGB(72 + 5, 4 + 5) & 0xffffff).isEqualTo(0xffffff);
    assertThat(sheet.getRGB(72 + 44 + 5, 4 + 5) & 0xffffff).isEqualTo(0xd5dadf);
    assertThat(sheet.getRGB(72 + 88 + 5, 4 + 5) & 0xffffff).isEqualTo(0xffffff);
    assertThat(sheet.getRGB(4, 4) & 0xffffff).isEqualTo(0x1c2430); // the label's first dot
  }

  @Test
  void badRequestsAreErrors() throws IOException {
    Path png = folder.resolve("sheet.png");
    assertThatThrownBy(() -> ContactSheet.write(folder, id -> null, png, 1, 1, 20))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("assignments.csv: no such file");
    Files.writeString(folder.resolve("assignments.csv"), "id,cluster\n1,-1\n");
    assertThatThrownBy(() -> ContactSheet.write(folder, id -> null, png, 1, 1, 20))
        .hasMessageContaining("no image belongs to a cluster");
    Files.writeString(folder.resolve("assignments.csv"), "id,cluster\n1,0\n");
    assertThatThrownBy(() -> ContactSheet.write(folder, id -> null, png, 1, 1, 8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ContactSheet.write(folder, id -> null, png, 1, 2_000_000_000, 99))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too large");
    assertThat(png).doesNotExist();
  }
}
