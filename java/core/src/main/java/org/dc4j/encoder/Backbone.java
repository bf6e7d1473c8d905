package org.dc4j.encoder;

/** The network families that ship; the names are those of the command line. */
public enum Backbone {
  /** Small convolutional network for 28-32 pixel images, made for CPU training. */
  COMPACT("compact"),
  /** ResNet-18 (He et al. 2016), 3x3 stem without pooling for images up to 64 pixels. */
  RESNET18("resnet18"),
  /** AlexNet with batch normalisation as in DeepCluster (methods.md 4.1), 224 pixels. */
  ALEXNET_BN("alexnet-bn");

  private final String label;

  Backbone(String label) {
    this.label = label;
  }

  /** Name on the command line and in files. */
  public String label() {
    return label;
  }

  /** The backbone of that name; the error lists all names. */
  public static Backbone of(String label) {
    StringBuilder names = new StringBuilder();
    for (Backbone backbone : values()) {
      if (backbone.label.equals(label)) {
        return backbone;
      }
      names.append(names.isEmpty() ? "" : ", ").append(backbone.label);
    }
    throw new IllegalArgumentException("backbone '" + label + "'; accepted: " + names);
  }
}
