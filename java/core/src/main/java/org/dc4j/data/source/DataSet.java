package org.dc4j.data.source;

import java.util.Optional;
import org.dc4j.data.ImageSource;

/**
 * Images, and apart from them what evaluation may know: a trainer is given {@link #images} alone.
 *
 * @param labels class of every image, if the set tells; not to be changed
 * @param description one line for people
 */
public record DataSet(ImageSource images, Optional<int[]> labels, String description) {
  public DataSet {
    if (labels.isPresent() && labels.get().length != images.size()) {
      throw new IllegalArgumentException(
          labels.get().length + " labels for " + images.size() + " images");
    }
  }
}
