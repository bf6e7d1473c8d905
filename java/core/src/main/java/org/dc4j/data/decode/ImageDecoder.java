package org.dc4j.data.decode;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.dc4j.data.Image;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.format.FileErrors;
import org.dc4j.kernels.NativeLibraries;

/**
 * Image files to pixels, by OpenCV's codecs (JPEG, PNG, BMP, WebP, TIFF and what else it knows).
 * The picture comes out as it is meant to be seen: EXIF orientation applied, transparency laid over
 * white, 16 bits scaled to 8, the first frame of an animation; grey stays one channel. Thread-safe.
 */
public final class ImageDecoder {
  /** Pixels above which an image is refused unless the caller says otherwise. */
  public static final long DEFAULT_MAX_PIXELS = 100_000_000L;

  // Three bytes a pixel must fit a Java array.
  private static final long LARGEST_MAX_PIXELS = Integer.MAX_VALUE / 4;
  private static final long MAX_FILE_BYTES = 1L << 30;
  private static final int WHITE = 255;

  /** Loads OpenCV when the first image is decoded: packed data sets never need it. */
  private static final class Codecs {
    static {
      NativeLibraries.load(); // settles the environment before OpenCV reads it
      Loader.load(opencv_imgcodecs.class);
      // One image is decoded by one thread; the callers' pools are the parallelism.
      opencv_core.setNumThreads(0);
    }

    /** Does nothing but see to it that the class is initialised. */
    static void load() {}
  }

  private final long maxPixels;

  /** A decoder that refuses images above {@link #DEFAULT_MAX_PIXELS}. */
  public ImageDecoder() {
    this(DEFAULT_MAX_PIXELS);
  }

  /**
   * A decoder with another limit.
   *
   * @param maxPixels largest height * width, 1..536870911
   */
  public ImageDecoder(long maxPixels) {
    if (maxPixels < 1 || maxPixels > LARGEST_MAX_PIXELS) {
      throw new IllegalArgumentException(
          "limit of %d pixels; accepted: 1..%d".formatted(maxPixels, LARGEST_MAX_PIXELS));
    }
    this.maxPixels = maxPixels;
  }

  /**
   * Reads and decodes a file.
   *
   * @throws UnreadableImageException if there is no such file or it does not decode
   */
  public Image read(Path file) {
    return read(file, file.toString());
  }

  /**
   * {@link #read(Path)} of a file whose path may not be fit to print.
   *
   * @param name for error messages
   */
  public Image read(Path file, String name) {
    byte[] bytes;
    try {
      requireRegular(file);
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new UnreadableImageException(
            "%s: %d bytes; accepted: files up to %d bytes".formatted(name, size, MAX_FILE_BYTES));
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new UnreadableImageException(name + ": no such file", e);
    } catch (IOException e) {
      throw new UnreadableImageException(
          name + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
    return decode(bytes, name);
  }

  /** Refuses what may never end: a device gives bytes for ever, a pipe may wait for ever. */
  private static void requireRegular(Path file) throws IOException {
    if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
      throw new FileSystemException(file.toString(), null, "is not a regular file");
    }
  }

  /**
   * Decodes a file's bytes.
   *
   * @param name for error messages
   * @throws UnreadableImageException if they do not decode
   */
  public Image decode(byte[] file, String name) {
    if (file.length == 0) {
      throw new UnreadableImageException(name + ": the file is empty");
    }
    Optional<ImageHeader> header = ImageHeader.of(file);
    header.ifPresent(known -> check(known, name));
    boolean png = header.isPresent() && header.get().format().equals("PNG");
    return decodeChecked(png ? PngChunks.essential(file) : file, name);
  }

  private Image decodeChecked(byte[] file, String name) {
    Codecs.load();
    try (PointerScope scope = new PointerScope()) {
      Mat bytes = new Mat(1, file.length, opencv_core.CV_8UC1, new BytePointer(file));
      IntPointer kinds = new IntPointer();
      MatVector metadata = new MatVector();
      Mat decoded =
          opencv_imgcodecs.imdecodeWithMetadata(
              bytes, kinds, metadata, opencv_imgcodecs.IMREAD_UNCHANGED);
      if (decoded.empty()) {
        throw new UnreadableImageException(
            name + ": damaged, or not an image; accepted: JPEG, PNG, BMP, WebP, TIFF");
      }
      checkPixels(decoded.cols(), decoded.rows(), name);
      return picture(eightBits(decoded, name), orientation(kinds, metadata), name);
    } catch (UnreadableImageException e) {
      throw e;
    } catch (RuntimeException e) {
      // OpenCV's exceptions; the first line tells what is wrong.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown error");
      throw new UnreadableImageException(name + ": " + reason, e);
    }
  }

  private void check(ImageHeader header, String name) {
    checkPixels(header.width(), header.height(), name);
    // What tells no size is left to no decoder's own limits.
    if (header.format().equals("TIFF") && (header.width() == 0 || header.height() == 0)) {
      throw new UnreadableImageException(name + ": damaged TIFF file, it does not tell its size");
    }
    if (!header.ends()) {
      throw new UnreadableImageException(
          name + ": truncated " + header.format() + " file, it stops before its end marker");
    }
  }

  private void checkPixels(long width, long height, String name) {
    if (height > 0 && width > maxPixels / height) {
      throw new UnreadableImageException(
          "%s: %d x %d pixels; accepted: up to %d pixels"
              .formatted(name, width, height, maxPixels));
    }
  }

  private static Mat eightBits(Mat decoded, String name) {
    int depth = decoded.depth();
    if (depth == opencv_core.CV_8U) {
      return decoded;
    }
    if (depth != opencv_core.CV_16U) {
      throw new UnreadableImageException(
          name + ": pixels are floats or signed; accepted: 1 to 8 and 16 bits a channel");
    }
    Mat scaled = new Mat();
    decoded.convertTo(scaled, opencv_core.CV_8U, 1.0 / 257, 0);
    return scaled;
  }

  private static int orientation(IntPointer kinds, MatVector metadata) {
    for (long i = 0; i < metadata.size(); i++) {
      if (kinds.get(i) == opencv_imgcodecs.IMAGE_METADATA_EXIF) {
        return ExifOrientation.of(bytes(metadata.get(i)));
      }
    }
    return ExifOrientation.AS_STORED;
  }

  private static byte[] bytes(Mat mat) {
    byte[] bytes = new byte[Math.toIntExact(mat.total() * mat.elemSize())];
    new BytePointer(mat.data()).get(bytes);
    return bytes;
  }

  /** B, G, R (, A) as stored to R, G, B as displayed. */
  private static Image picture(Mat mat, int orientation, String name) {
    int channels = mat.channels();
    if (channels != 1 && channels != 3 && channels != 4) {
      throw new UnreadableImageException(
          name + ": " + channels + " channels; accepted: 1 (grey), 3 (colour), 4 (with alpha)");
    }
    byte[] stored = bytes(mat.isContinuous() ? mat : mat.clone());
    int rows = mat.rows();
    int cols = mat.cols();
    if (channels == 1 && orientation == ExifOrientation.AS_STORED) {
      return new Image(stored, rows, cols, 1);
    }
    // Where the displayed top left pixel is stored, and the steps to its right and lower neighbour.
    boolean transposed = orientation >= 5;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    int start = (fromBottom ? (rows - 1) * cols : 0) + (fromRight ? cols - 1 : 0);
    int alongColumn = fromBottom ? -cols : cols;
    int alongRow = fromRight ? -1 : 1;
    int right = transposed ? alongColumn : alongRow;
    int down = transposed ? alongRow : alongColumn;
    int height = transposed ? cols : rows;
    int width = transposed ? rows : cols;
    int outChannels = channels == 1 ? 1 : 3;
    byte[] pixels = new byte[height * width * outChannels];
    int out = 0;
    for (int y = 0; y < height; y++) {
      int from = start + y * down;
      for (int x = 0; x < width; x++, from += right) {
        if (channels == 1) {
          pixels[out++] = stored[from];
          continue;
        }
        int at = from * channels;
        int alpha = channels == 4 ? stored[at + 3] & 0xFF : 255;
        pixels[out++] = overWhite(stored[at + 2], alpha);
        pixels[out++] = overWhite(stored[at + 1], alpha);
        pixels[out++] = overWhite(stored[at], alpha);
      }
    }
    return new Image(pixels, height, width, outChannels);
  }

  private static byte overWhite(byte value, int alpha) {
    return alpha == 255
        ? value
        : (byte) (((value & 0xFF) * alpha + WHITE * (255 - alpha) + 127) / 255);
  }
}
