package org.dc4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.format.FileErrors;

/** The plan that a run folder was made by. */
public final class RunPlan {
  private RunPlan() {}

  /**
   * Reads plan.yaml; every field is in range, so that nothing of an absurd size is built from it.
   *
   * @throws DataException naming the file, if it is missing or no plan
   */
  public static TrainingPlan of(Path run) {
    Path file = run.resolve("plan.yaml");
    if (!Files.exists(file)) {
      throw new DataException(run + " is not a run: plan.yaml is missing");
    }
    try {
      return PlanFiles.readFile(file);
    } catch (InvalidPlanException e) {
      throw new DataException(String.join("\n", e.problems()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + file + ": " + FileErrors.describe(file, e), e);
    }
  }
}
