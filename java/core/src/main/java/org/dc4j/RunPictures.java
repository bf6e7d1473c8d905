package org.dc4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageSource;
import org.dc4j.data.Subset;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.format.FileErrors;
import org.dc4j.format.FormatException;
import org.dc4j.report.Thumbnails;
import org.dc4j.train.TrainingListener;

/** Pictures for the report of a run whose data set has to be opened again. */
final class RunPictures {
  private static final Thumbnails NONE = id -> null;

  private RunPictures() {}

  /** The pictures, or none and a message to the listener. */
  static Thumbnails open(Path run, TrainingListener listener) {
    Path ids = run.resolve("ids.txt");
    Path plan = run.resolve("plan.yaml");
    if (!Files.exists(ids) || !Files.exists(plan)) {
      return NONE; // nothing in the report needs a picture before ids.txt is there
    }
    try {
      TrainingPlan training = PlanFiles.fromYaml(Files.readString(plan));
      if (training.data() == null) {
        listener.message("the plan names no data set: the report has no pictures");
        return NONE;
      }
      ImageSource all = DataSets.open(DataSpec.parse(training.data())).images();
      return new ThumbnailsOf(new Subset(all, positions(Files.readAllLines(ids), all)));
    } catch (InvalidPlanException | DataException | FormatException | UncheckedIOException e) {
      listener.message("the report has no pictures: " + e.getMessage());
    } catch (IOException e) {
      listener.message("the report has no pictures: " + FileErrors.describe(e));
    }
    return NONE;
  }

  /** Where the run's images stand in the data set; both have the same order. */
  private static int[] positions(List<String> names, ImageSource all) {
    int[] positions = new int[names.size()];
    int at = 0;
    for (int i = 0; i < positions.length; i++) {
      while (at < all.size() && !all.name(at).equals(names.get(i))) {
        at++;
      }
      if (at == all.size()) {
        throw new DataException(
            "the data set has changed: image %s of ids.txt is not where it was"
                .formatted(names.get(i)));
      }
      positions[i] = at++;
    }
    return positions;
  }
}
