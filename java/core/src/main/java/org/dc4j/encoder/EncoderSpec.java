package org.dc4j.encoder;

/**
 * What an encoder is, before its weights.
 *
 * @param backbone network family
 * @param channels input channels (2 with the Sobel front end, else 1 or 3)
 * @param height input height in pixels
 * @param width input width in pixels
 * @param embedding width of an embedding row
 * @param pooling of the last feature map
 * @param neck from pooled features to the embedding
 * @param hidden width inside the necks that have a hidden layer; 0 elsewhere
 * @param normalize whether embeddings are divided by their Euclidean length, in training and
 *     evaluation
 * @param normGroup rows of a training batch that share batch statistics (ghost batch norm, Hoffer
 *     et al. 2017), 0 = all
 * @param freezeNorm whether batch norm uses its running statistics in training too and leaves them
 *     alone
 */
public record EncoderSpec(
    Backbone backbone,
    int channels,
    int height,
    int width,
    int embedding,
    Pooling pooling,
    Neck neck,
    int hidden,
    boolean normalize,
    int normGroup,
    boolean freezeNorm) {
  /** The backbone with the pooling and neck of its own, plain batch norm, rows of any length. */
  public EncoderSpec(Backbone backbone, int channels, int height, int width, int embedding) {
    this(
        backbone,
        channels,
        height,
        width,
        embedding,
        Pooling.AVERAGE,
        Neck.LINEAR,
        0,
        false,
        0,
        false);
  }

  /** Floats per input image. */
  public long inputSize() {
    return (long) channels * height * width;
  }

  /** The same with another pooling. */
  public EncoderSpec with(Pooling other) {
    return new EncoderSpec(
        backbone,
        channels,
        height,
        width,
        embedding,
        other,
        neck,
        hidden,
        normalize,
        normGroup,
        freezeNorm);
  }

  /** The same with another neck, {@code hiddenWidth} wide inside. */
  public EncoderSpec with(Neck other, int hiddenWidth) {
    return new EncoderSpec(
        backbone,
        channels,
        height,
        width,
        embedding,
        pooling,
        other,
        hiddenWidth,
        normalize,
        normGroup,
        freezeNorm);
  }

  /** The same with embeddings of length 1. */
  public EncoderSpec normalized() {
    return new EncoderSpec(
        backbone,
        channels,
        height,
        width,
        embedding,
        pooling,
        neck,
        hidden,
        true,
        normGroup,
        freezeNorm);
  }

  /** The same with batch norm over groups of rows, or frozen. */
  public EncoderSpec withNorm(int group, boolean freeze) {
    return new EncoderSpec(
        backbone, channels, height, width, embedding, pooling, neck, hidden, normalize, group,
        freeze);
  }
}
