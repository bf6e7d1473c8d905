package org.dc4j.encoder;

/**
 * What an encoder is, before its weights.
 *
 * @param backbone network family
 * @param channels input channels (2 with the Sobel front end, else 1 or 3)
 * @param height input height in pixels
 * @param width input width in pixels
 * @param embedding width of an embedding row
 */
public record EncoderSpec(Backbone backbone, int channels, int height, int width, int embedding) {
  /** Floats per input image. */
  public long inputSize() {
    return (long) channels * height * width;
  }
}
