package org.dc4j.data.source;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;

/**
 * CUB-200-2011 (Wah et al. 2011) as metric learning splits it: classes 1..100 train, 101..200 test.
 * Read from images.txt ("number path") and image_class_labels.txt ("number class").
 */
final class Cub200 {
  private static final int LAST_TRAINING_CLASS = 100;

  private Cub200() {}

  static DataSet open(Path folder, String split, ImageDecoder decoder) {
    Path root = LabelledFiles.root(folder, "CUB_200_2011");
    boolean train = LabelledFiles.split(folder, split, "train", "test").equals("train");
    Path labelFile = root.resolve("image_class_labels.txt");
    Map<String, Integer> classes = new HashMap<>();
    for (String[] line : LabelledFiles.words(labelFile, 2)) {
      classes.put(line[0], LabelledFiles.number(labelFile, line[1]));
    }
    LabelledFiles files = new LabelledFiles();
    for (String[] line : LabelledFiles.words(root.resolve("images.txt"), 2)) {
      String name = line[1].substring(line[1].lastIndexOf('/') + 1);
      Integer label = classes.get(line[0]);
      if (label == null) {
        throw new DataException(labelFile + " has no class for image " + line[0]);
      }
      if (!name.startsWith("._") && train == label <= LAST_TRAINING_CLASS) {
        files.add("images/" + line[1], label, -1);
      }
    }
    return files.renumbered(root, decoder, "CUB-200-2011 " + (train ? "train" : "test"));
  }
}
