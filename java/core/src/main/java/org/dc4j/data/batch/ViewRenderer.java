package org.dc4j.data.batch;

import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.dc4j.data.Image;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews;
import org.dc4j.kernels.ImageViews.Format;
import org.dc4j.kernels.ImageViews.View;

/**
 * Renders with the native kernel on a one-thread context of its own, so that it never waits for the
 * context that trains. Owns that context and a staging block for pixels, which grows to the largest
 * request and is reused. Not thread-safe.
 */
final class ViewRenderer implements BatchRenderer {
  private final DeviceContext context;
  private final ImageViews request;
  private BytePointer staging = new BytePointer();
  private boolean closed;

  /**
   * A renderer.
   *
   * @param device "cpu" or "reference"
   * @param capacity most images per request
   */
  ViewRenderer(String device, int capacity, Format format) {
    this.context = DeviceContext.open(device, 1);
    this.request = new ImageViews(capacity, format);
  }

  @Override
  public void render(List<Image> images, List<View> views, FloatMatrix rows) {
    if (closed) {
      throw new IllegalStateException("renderer used after close");
    }
    long bytes = 0;
    for (Image image : images) {
      bytes += image.pixels().length;
    }
    if (staging.capacity() < bytes) {
      staging.close();
      staging = new BytePointer(bytes);
    }
    request.clear();
    long at = 0;
    for (int i = 0; i < images.size(); i++) {
      Image image = images.get(i);
      BytePointer pixels = staging.getPointer(at);
      pixels.put(image.pixels());
      request.add(pixels, image.height(), image.width(), image.channels(), views.get(i));
      at += image.pixels().length;
    }
    context.kernels().imagesApply(request, rows);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      request.close();
      context.close();
      staging.close();
    }
  }
}
