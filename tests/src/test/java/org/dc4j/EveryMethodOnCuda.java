package org.dc4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.method.Methods;

/** What {@link EveryMethodOnCudaTest} runs in a JVM of its own: "METHOD: LOSS" for each. */
final class EveryMethodOnCuda {
  private static final int IMAGES = 96;

  private EveryMethodOnCuda() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(System.getProperty("folder"));
    Path pictures = TinyPictures.write(folder.resolve("pictures"), IMAGES);
    for (String method : Methods.names()) {
      TrainingPlan plan = PlanFiles.with(TinyPlans.of(method, pictures, 1), "device", "cuda");
      Path run = folder.resolve(method);
      Training.run(plan, run, TrainingOptions.defaults());
      Path again = folder.resolve(method + "-again");
      Training.run(plan, again, TrainingOptions.defaults());
      TrainingTest.assertSameRun(again, run);
      List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
      System.out.println(method + ": " + lines.get(0).replaceAll(".*\"loss\":([^,}]*).*", "$1"));
    }
  }
}
