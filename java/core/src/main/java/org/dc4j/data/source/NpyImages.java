package org.dc4j.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.format.FileErrors;

/**
 * Images in a .npy file (NumPy's format, versions 1 to 3): uint8 [n x h x w] or [n x h x w x 1]
 * grey, [n x h x w x 3] RGB. The file is mapped, so it may be larger than memory; it must not
 * change meanwhile. Names are "00017". Thread-safe.
 */
public final class NpyImages implements ImageSource {
  private static final String ACCEPTED =
      "; accepted: uint8 in C order, [n, height, width] or [n, height, width, 3]";
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\s]*)\\)");
  private static final long SEGMENT_BYTES = 1L << 30;

  private final List<ByteBuffer> segments = new ArrayList<>();
  private final int imagesPerSegment;
  private final int count;
  private final int height;
  private final int width;
  private final int channels;

  private NpyImages(FileChannel file, String name) throws IOException {
    ByteBuffer start = read(file, 0, 12).order(ByteOrder.LITTLE_ENDIAN);
    if (start.limit() < 12 || start.getInt(0) != 0x4D554E93 || start.getShort(4) != 0x5950) {
      throw new DataException(name + ": not a .npy file");
    }
    boolean wide = start.get(6) >= 2;
    long headerBytes = wide ? start.getInt(8) & 0xFFFFFFFFL : start.getShort(8) & 0xFFFF;
    int headerAt = wide ? 12 : 10;
    if (headerBytes > 1 << 16) {
      throw new DataException(name + ": header of " + headerBytes + " bytes; not an image array");
    }
    String header =
        StandardCharsets.ISO_8859_1.decode(read(file, headerAt, (int) headerBytes)).toString();
    long[] shape = shape(header, name);
    this.count = Math.toIntExact(shape[0]);
    this.height = Math.toIntExact(shape[1]);
    this.width = Math.toIntExact(shape[2]);
    this.channels = shape.length == 4 ? (int) shape[3] : 1;
    long imageBytes = shape[1] * shape[2] * channels;
    long dataAt = headerAt + headerBytes;
    long expected = dataAt + imageBytes * count;
    if (file.size() < expected) {
      throw new DataException(
          "%s: truncated: expected %d bytes, found %d".formatted(name, expected, file.size()));
    }
    this.imagesPerSegment = (int) Math.max(1, SEGMENT_BYTES / imageBytes);
    for (long first = 0; first < count; first += imagesPerSegment) {
      long images = Math.min(imagesPerSegment, count - first);
      segments.add(
          file.map(
              FileChannel.MapMode.READ_ONLY, dataAt + first * imageBytes, images * imageBytes));
    }
  }

  /**
   * Opens a file; there are no labels in it.
   *
   * @throws DataException if it is not such a file
   */
  public static DataSet open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      NpyImages images = new NpyImages(channel, file.toString());
      String description =
          String.format(
              Locale.ROOT,
              "%s: %,d %s images of %d x %d pixels",
              file,
              images.count,
              images.channels == 1 ? "grey" : "RGB",
              images.height,
              images.width);
      return new DataSet(images, Optional.empty(), description);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public String name(int id) {
    return String.format(Locale.ROOT, "%05d", id);
  }

  @Override
  public Image read(int id) {
    byte[] pixels = new byte[height * width * channels];
    segments.get(id / imagesPerSegment).get(id % imagesPerSegment * pixels.length, pixels);
    return new Image(pixels, height, width, channels);
  }

  private static long[] shape(String header, String name) {
    Matcher descr = DESCR.matcher(header);
    Matcher order = ORDER.matcher(header);
    Matcher shape = SHAPE.matcher(header);
    if (!descr.find() || !order.find() || !shape.find()) {
      throw new DataException(name + ": damaged .npy header" + ACCEPTED);
    }
    String found = "%s: array of '%s' (%s)".formatted(name, descr.group(1), shape.group(1));
    List<Long> sizes = new ArrayList<>();
    for (String size : shape.group(1).split(",")) {
      if (!size.isBlank()) {
        String digits = size.strip();
        // What has more digits than a long is out of range below in any case.
        sizes.add(digits.matches("\\d{1,18}") ? Long.parseLong(digits) : Long.MAX_VALUE);
      }
    }
    if (!descr.group(1).matches("[|<>=]?u1")) {
      throw new DataException(found + " is not 8-bit images" + ACCEPTED);
    }
    if (order.group(1).equals("True")) {
      throw new DataException(found + " is in Fortran order" + ACCEPTED);
    }
    boolean images =
        sizes.size() == 3 || (sizes.size() == 4 && List.of(1L, 3L).contains(sizes.get(3)));
    if (!images) {
      throw new DataException(found + " is no array of images" + ACCEPTED);
    }
    long limit = Integer.MAX_VALUE / 4;
    if (sizes.get(0) > limit
        || sizes.get(1) < 1
        || sizes.get(2) < 1
        || sizes.get(1) > limit / sizes.get(2)) {
      throw new DataException(found + ": sizes out of range; accepted: 1.." + limit + " pixels");
    }
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  private static ByteBuffer read(FileChannel file, long at, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && file.read(buffer, at + buffer.position()) >= 0) {
      // until full or at the end of the file
    }
    return buffer.flip();
  }
}
