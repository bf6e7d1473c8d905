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
   * brightness, contrast, saturation, hue, grey, blur, erase. Factors of 1, a hue, rotation or blur
   * of 0, an empty erased area change nothing.
   *
   * @param blur standard deviation of a Gaussian blur in pixels, 0..100
   * @param erased rectangle of the output that gets the format's fill
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
      boolean grey,
      double blur,
      Area erased) {
    /** Neither blurred nor erased. */
    public View(
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
        boolean grey) {
      this(
          boxLeft,
          boxTop,
          boxWidth,
          boxHeight,
          resizeHeight,
          resizeWidth,
          bicubic,
          pad,
          windowTop,
          windowLeft,
          rotationDegrees,
          flip,
          brightness,
          contrast,
          saturation,
          hueTurns,
          grey,
          0,
          Area.NONE);
    }
  }

  /** A rectangle of the output in pixels; a height or width of 0 is none. */
  public record Area(int top, int left, int height, int width) {
    public static final Area NONE = new Area(0, 0, 0, 0);
  }

  /**
   * Output of a batch: size, channels before Sobel, and the normalisation per channel.
   *
   * @param fill what erased rectangles hold, per channel, in the scale of the normalised values
   */
  public record Format(
      int height,
      int width,
      int channels,
      boolean sobel,
      float[] mean,
      float[] deviation,
      float[] fill) {
    public Format {
      if (mean.length == 0 || deviation.length == 0 || fill.length == 0) {
        throw new InvalidArgumentException("mean, deviation and fill need at least one value each");
      }
    }

    /** Erased rectangles hold the mean: 0 once normalised. */
    public Format(
        int height, int width, int channels, boolean sobel, float[] mean, float[] deviation) {
      this(height, width, channels, sobel, mean, deviation, new float[1]);
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
      return new Format(newHeight, newWidth, channels, sobel, mean, deviation, fill);
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
    this.images = Unscoped.make(() -> new ImageView(Math.max(capacity, 1)));
    this.parameters = Unscoped.make(() -> new ImageViewParameters(Math.max(capacity, 1)));
    this.output = Unscoped.make(ImageOutput::new);
    this.pixels = new BytePointer[capacity];
    output
        .height(format.height())
        .width(format.width())
        .channels(format.channels())
        .sobel(format.sobel() ? 1 : 0);
    for (int c = 0; c < 3; c++) {
      // The binding says _fill because JavaCPP's Pointer has a fill of its own.
      output
          .mean(c, channel(format.mean(), c))
          .deviation(c, channel(format.deviation(), c))
          ._fill(c, channel(format.fill(), c));
    }
  }

  // A value for all channels may stand alone.
  private static float channel(float[] values, int c) {
    return values[Math.min(c, values.length - 1)];
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
        .grey(view.grey() ? 1 : 0)
        .blur(view.blur())
        .erase_top(view.erased().top())
        .erase_left(view.erased().left())
        .erase_height(view.erased().height())
        .erase_width(view.erased().width());
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
