package org.dc4j.data.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;

/**
 * MSMT17 (Wei et al. 2018): its own layout, or packed like Market-1501. Its own has folders train
 * and test (mask_train_v2 and mask_test_v2 in version 2) and list_{train,val,query,gallery}.txt
 * with lines "0000/0000_000_01_0303morning_0008_0.jpg 0"; the camera is the third field of the
 * name. Training images are those of list_train and list_val.
 */
final class Msmt17 {
  private static final int CAMERA_FIELD = 2;

  private Msmt17() {}

  static DataSet open(Path folder, String split, ImageDecoder decoder) {
    Path root = LabelledFiles.root(folder, "MSMT17_V1");
    if (Market1501.isLayoutOf(root)) {
      return Market1501.open(root, split, decoder, "MSMT17");
    }
    String which = LabelledFiles.split(folder, split, "train", "query", "gallery");
    boolean train = which.equals("train");
    String images = images(root, train ? "train" : "test");
    LabelledFiles files = new LabelledFiles();
    for (String part : train ? List.of("train", "val") : List.of(which)) {
      Path list = root.resolve("list_" + part + ".txt");
      for (String[] line : LabelledFiles.words(list, 2)) {
        String[] fields = line[0].substring(line[0].lastIndexOf('/') + 1).split("_");
        if (fields.length <= CAMERA_FIELD) {
          throw new DataException(
              "%s: \"%s\" has no camera; accepted: names like 0000_000_01_0303morning_0008_0.jpg"
                  .formatted(list, line[0]));
        }
        files.add(
            images + "/" + line[0],
            LabelledFiles.number(list, line[1]),
            LabelledFiles.number(list, fields[CAMERA_FIELD]));
      }
    }
    return files.identities(root, decoder, "MSMT17 " + which);
  }

  private static String images(Path root, String name) {
    String masked = "mask_" + name + "_v2";
    return Files.isDirectory(root.resolve(masked)) ? masked : name;
  }
}
