package org.dc4j.data.batch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.dc4j.data.Image;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews;
import org.dc4j.kernels.ImageViews.Format;
import org.dc4j.kernels.ImageViews.View;

/**
 * Renders with the native kernel on a one-thread context of its own, so that it never waits for the
 * context that trains. Owns that context, a request per size of views, and a staging block for
 * pixels, which grows to the largest request and is reused. Not thread-safe.
 */
final class ViewRenderer implements BatchRenderer {
  private final DeviceContext context;
  private final int capacity;
  private final Format format;
  private final Map<Size, ImageViews> requests = new HashMap<>();
  private BytePointer staging = new BytePointer();
  private List<Image> staged = List.of();
  private boolean closed;

  private record Size(int height, int width) {}

  /**
   * A renderer.
   *
   * @param device "cpu" or "reference"
   * @param capacity most images per request
   * @param format of the views, but for their size
   */
  ViewRenderer(String device, int capacity, Format format) {
    this.context = DeviceContext.open(device, 1);
    this.capacity = capacity;
    this.format = format;
  }

  @Override
  public void stage(List<Image> images) {
    requireOpen();
    long bytes = 0;
    for (Image image : images) {
      bytes += image.pixels().length;
    }
    if (staging.capacity() < bytes) {
      staging.close();
      staging = new BytePointer(bytes);
    }
    long at = 0;
    for (Image image : images) {
      staging.getPointer(at).put(image.pixels());
      at += image.pixels().length;
    }
    staged = List.copyOf(images);
  }

  @Override
  public void render(List<View> views, int height, int width, FloatMatrix rows) {
    requireOpen();
    ImageViews request =
        requests.computeIfAbsent(
            new Size(height, width),
            size -> new ImageViews(capacity, format.ofSize(size.height(), size.width())));
    request.clear();
    long at = 0;
    for (int i = 0; i < staged.size(); i++) {
      Image image = staged.get(i);
      request.add(
          staging.getPointer(at), image.height(), image.width(), image.channels(), views.get(i));
      at += image.pixels().length;
    }
    context.kernels().imagesApply(request, rows);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("renderer used after close");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      requests.values().forEach(ImageViews::close);
      context.close();
      staging.close();
    }
  }
}
