package org.dc4j.data.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;
import org.dc4j.format.CsvFile;

/**
 * Cars196 (Krause et al. 2013) as metric learning splits it: classes 1..98 train, 99..196 test. The
 * annotations are read from cars_annos.csv, an export of cars_annos.mat with (at least) the columns
 * relative_im_path and class.
 */
final class Cars196 {
  private static final int LAST_TRAINING_CLASS = 98;
  private static final String EXPORT =
      "a table with the columns relative_im_path,class, for example \"car_ims/000001.jpg,1\"";

  private Cars196() {}

  static DataSet open(Path folder, String split, ImageDecoder decoder) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + ": no such folder; accepted: car_ims and cars_annos.csv in it");
    }
    boolean train = LabelledFiles.split(folder, split, "train", "test").equals("train");
    Path table = folder.resolve("cars_annos.csv");
    if (!Files.exists(table)) {
      boolean matlab = Files.exists(folder.resolve("cars_annos.mat"));
      throw new DataException(
          "%s: no such file; accepted: %s%s"
              .formatted(
                  table, EXPORT, matlab ? " (cars_annos.mat is not read: export it once)" : ""));
    }
    List<String> header = CsvFile.header(table);
    int path = header.indexOf("relative_im_path");
    int label = header.indexOf("class");
    if (path < 0 || label < 0) {
      throw new DataException(
          "%s has the columns %s; accepted: %s".formatted(table, String.join(",", header), EXPORT));
    }
    LabelledFiles files = new LabelledFiles();
    CsvFile.read(
        table,
        row -> {
          int number = LabelledFiles.number(table, row.get(label));
          if (train == number <= LAST_TRAINING_CLASS) {
            files.add(row.get(path), number, -1);
          }
        });
    return files.renumbered(folder, decoder, "Cars196 " + (train ? "train" : "test"));
  }
}
