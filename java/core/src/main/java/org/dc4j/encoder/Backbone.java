package org.dc4j.encoder;

import java.util.Arrays;
import java.util.List;

/** The network families that ship; the names are those of the command line. */
public enum Backbone implements Named {
  /** Small convolutional network for 28-32 pixel images, made for CPU training. */
  COMPACT("compact"),
  /** ResNet-18 (He et al. 2016), 3x3 stem without pooling for images up to 64 pixels. */
  RESNET18("resnet18"),
  /** ResNet-50 with the stride on the 3x3 convolutions, as torchvision's; stem as ResNet-18's. */
  RESNET50("resnet50"),
  /** ResNet-50 whose last stage keeps its resolution, for re-identification (methods.md 4.7). */
  RESNET50_REID("resnet50-reid"),
  /** AlexNet with batch normalisation as in DeepCluster (methods.md 4.1), 224 pixels. */
  ALEXNET_BN("alexnet-bn"),
  /** GoogLeNet with batch normalisation, as torchvision's (methods.md 4.6), 224 or 227 pixels. */
  GOOGLENET("googlenet");

  private final String label;

  Backbone(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  /** All names, in the order of the constants. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Backbone::label).toList();
  }

  /** The backbone of that name; the error lists all names. */
  public static Backbone of(String label) {
    return Named.of(Backbone.class, "backbone", label);
  }
}
