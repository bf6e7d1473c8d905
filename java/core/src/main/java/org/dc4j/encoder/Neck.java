package org.dc4j.encoder;

/** What stands between the pooled features and the embedding (methods.md 4). */
public enum Neck implements Named {
  /**
   * The backbone's own: one linear layer (compact, GoogLeNet, ResNet; none there if the embedding
   * is as wide as the features), or AlexNet's two layers with dropout.
   */
  LINEAR("linear"),
  /** The features as they are. */
  NONE("none"),
  /** Linear, batch norm, ReLU, linear: DeepCluster-v2's projection. */
  MLP("mlp"),
  /**
   * Linear, batch norm without scale and shift (momentum 0.001), ReLU, dropout (published: 0.5),
   * linear, ReLU: ODC's. The embedding is what comes after the last ReLU, hence never negative.
   */
  ODC("odc"),
  /**
   * Batch norm whose shift stays 0: re-identification's BNNeck. A linear layer comes first if the
   * embedding is not as wide as the features.
   */
  BATCH_NORM("batchnorm");

  private final String label;

  Neck(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  /** Whether the neck has a hidden layer, whose width the spec must give. */
  public boolean hides() {
    return this == MLP || this == ODC;
  }

  /** The neck of that name; the error lists all names. */
  public static Neck of(String label) {
    return Named.of(Neck.class, "neck", label);
  }
}
