package org.dc4j.data;

/**
 * A decoded 8-bit image [height x width x channels], interleaved, channels 1 (grey) or 3 (RGB).
 *
 * @param pixels height * width * channels bytes; not to be changed
 */
public record Image(byte[] pixels, int height, int width, int channels) {
  public Image {
    if (pixels.length != height * width * channels || (channels != 1 && channels != 3)) {
      throw new IllegalArgumentException(
          "%d bytes for an image [%d x %d x %d]".formatted(pixels.length, height, width, channels));
    }
  }
}
