package org.dc4j.kernels;

import org.bytedeco.javacpp.BytePointer;
import org.dc4j.nativecore.ImageOutput;
import org.dc4j.nativecore.ImageView;
import org.dc4j.nativecore.ImageViewParameters;

/**
 * The request of {@link Kernels#imagesApply}: n 8-bit images, the view to take of each, and the
 * output format. Owns native memory for the descriptions, not for the pixels; reusable for many
 * batches. Not thread-safe.
 */
public final class ImageViews implements AutoCloseable {
  /**
   * One image's view, steps in this order: crop box and resize, pad, window, rotate, flip,
   * brightness, contrast, saturation, hue, grey. Factors of 1, a hue or rotation of 0 change
   * nothing.
   */
  public record View(
      double boxLeft,
      double boxTop,
      double boxWidth,
      double boxHeight,
      int resizeHeight,
      int resizeWidth,
      boolean bicubic,
      int pad,
      int windowTop,
      int windowLeft,
      double rotationDegrees,
      boolean flip,
      double brightness,
      double contrast,
      double saturation,
      double hueTurns,
      boolean grey) {}

  /** Output of a batch: size, channels before Sobel, and the normalisation per channel. */
  public record Format(
      int height, int width, int channels, boolean sobel, float[] mean, float[] deviation) {
    public Format {
      if (mean.length == 0 || deviation.length == 0) {
        throw new InvalidArgumentException("mean and deviation need at least one value each");
      }
    }

    /** Channels written: 2 with Sobel. */
    public int outputChannels() {
      return sobel ? 2 : channels;
    }

    /** Floats per image. */
    public long size() {
      return (long) outputChannels() * height * width;
    }

    /** The same with another size. */
    public Format ofSize(int newHeight, int newWidth) {
      return new Format(newHeight, newWidth, channels, sobel, mean, deviation);
    }
  }

  private final int capacity;
  private final ImageView images;
  private final ImageViewParameters parameters;
  private final ImageOutput output;
  private final BytePointer[] pixels;
  private int size;
  private boolean closed;

  /** Room for up to capacity images of one output format. */
  public ImageViews(int capacity, Format format) {
    NativeLibraries.load();
    if (capacity < 0) {
      throw new InvalidArgumentException("capacity " + capacity + " must be >= 0");
    }
    this.capacity = capacity;
    this.images = new ImageView(Math.max(capacity, 1));
    this.parameters = new ImageViewParameters(Math.max(capacity, 1));
    this.output = new ImageOutput();
    this.pixels = new BytePointer[capacity];
    // Ours, also when made inside somebody's PointerScope.
    images.retainReference();
    parameters.retainReference();
    output.retainReference();
    output
        .height(format.height())
        .width(format.width())
        .channels(format.channels())
        .sobel(format.sobel() ? 1 : 0);
    for (int c = 0; c < 3; c++) {
      int from = Math.min(c, format.mean().length - 1);
      output.mean(c, format.mean()[from]).deviation(c, format.deviation()[from]);
    }
  }

  /** Forgets all images. */
  public void clear() {
    size = 0;
  }

  /**
   * Adds an image [height x width x channels] and its view. The pixels must stay valid until the
   * kernel has run.
   *
   * @param data 8-bit interleaved pixels, grey or RGB, at least as many as the sizes say
   */
  public void add(BytePointer data, int height, int width, int channels, View view) {
    open();
    if (size == capacity) {
      throw new InvalidArgumentException("more than " + capacity + " images");
    }
    long bytes = (long) height * width * channels;
    if (data != null && bytes > data.limit() - data.position()) {
      throw new InvalidArgumentException(
          "image of %d x %d x %d bytes, its pointer holds %d"
              .formatted(height, width, channels, data.limit() - data.position()));
    }
    pixels[size] = data; // keeps the memory alive
    images.getPointer(size).data(data).height(height).width(width).channels(channels);
    parameters
        .getPointer(size)
        .box_left(view.boxLeft())
        .box_top(view.boxTop())
        .box_width(view.boxWidth())
        .box_height(view.boxHeight())
        .resize_height(view.resizeHeight())
        .resize_width(view.resizeWidth())
        .filter(view.bicubic() ? 1 : 0)
        .pad(view.pad())
        .window_top(view.windowTop())
        .window_left(view.windowLeft())
        .rotation(view.rotationDegrees())
        .flip(view.flip() ? 1 : 0)
        .brightness(view.brightness())
        .contrast(view.contrast())
        .saturation(view.saturation())
        .hue(view.hueTurns())
        .grey(view.grey() ? 1 : 0);
    size++;
  }

  /** Images added since the last {@link #clear}. */
  public int size() {
    return size;
  }

  ImageView images() {
    return open().images;
  }

  ImageViewParameters parameters() {
    return open().parameters;
  }

  ImageOutput output() {
    return open().output;
  }

  private ImageViews open() {
    if (closed) {
      throw new IllegalStateException("image views used after close");
    }
    return this;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      images.close();
      parameters.close();
      output.close();
    }
  }
}
