package org.dc4j.data.source;

import java.util.Arrays;
import java.util.Locale;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;

/** Grey images of an IDX file, held in memory; names are "train/00017". Thread-safe. */
final class IdxImages implements ImageSource {
  private final byte[] values;
  private final int count;
  private final int height;
  private final int width;
  private final String prefix;

  /** The images of a file [n x height x width]. */
  IdxImages(IdxFile file, String prefix, String name) {
    this.values = file.values();
    this.count = file.sizes()[0];
    this.height = file.sizes()[1];
    this.width = file.sizes()[2];
    this.prefix = prefix;
    if (height < 1 || width < 1) {
      throw new DataException("%s: images of %d x %d pixels".formatted(name, height, width));
    }
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public String name(int id) {
    return String.format(Locale.ROOT, "%s/%05d", prefix, id);
  }

  @Override
  public Image read(int id) {
    int bytes = height * width;
    int from = id * bytes;
    return new Image(Arrays.copyOfRange(values, from, from + bytes), height, width, 1);
  }
}
