package org.dc4j.encoder;

/** How the last feature map becomes one row of features. */
public enum Pooling implements Named {
  /**
   * What the backbone itself does: the mean over the whole map (ResNet, GoogLeNet), over a 3x3 grid
   * of it (compact), or no pooling at all (AlexNet, which flattens its map).
   */
  AVERAGE("average"),
  /**
   * Generalised mean (Radenovic et al. 2019; methods.md 4.7) in the place of the plain one:
   * mean(max(x, 1e-6)^p)^(1/p) with one learnable power p, 3 at first. Not for AlexNet, which pools
   * nothing.
   */
  GEM("gem");

  private final String label;

  Pooling(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  /** The pooling of that name; the error lists all names. */
  public static Pooling of(String label) {
    return Named.of(Pooling.class, "pooling", label);
  }
}
