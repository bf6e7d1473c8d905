package org.dc4j.data.source;

import java.nio.file.Path;
import java.util.List;
import org.dc4j.data.decode.ImageDecoder;

/**
 * Stanford Online Products (Song et al. 2016), its own splits Ebay_train.txt and Ebay_test.txt: a
 * header, then "image_id class_id super_class_id path".
 */
final class OnlineProducts {
  private OnlineProducts() {}

  static DataSet open(Path folder, String split, ImageDecoder decoder) {
    Path root = LabelledFiles.root(folder, "Stanford_Online_Products");
    String which = LabelledFiles.split(folder, split, "train", "test");
    Path list = root.resolve("Ebay_" + which + ".txt");
    List<String[]> lines = LabelledFiles.words(list, 4);
    LabelledFiles files = new LabelledFiles();
    for (String[] line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      files.add(line[3], LabelledFiles.number(list, line[1]), -1);
    }
    return files.renumbered(root, decoder, "SOP " + which);
  }
}
