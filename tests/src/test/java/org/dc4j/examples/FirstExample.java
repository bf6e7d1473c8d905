package org.dc4j.examples;

// README begin
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.dc4j.*;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.*;
import org.dc4j.data.ImageSource;
import org.dc4j.data.source.*;
import org.dc4j.index.*;
import org.dc4j.kernels.*;

public final class FirstExample {
  /** Arguments: a folder of images and a folder for the run. */
  public static void main(String[] args) {
    TrainingPlan plan = PlanFiles.preset("deepcluster-small");
    plan = PlanFiles.with(plan, "data", "folder:" + args[0]);
    plan = PlanFiles.with(plan, "clustering.k=20");
    plan = PlanFiles.with(plan, "schedule.epochs=3");
    Training.run(plan, Path.of(args[1]), TrainingOptions.defaults());

    ImageSource images = DataSets.open(DataSpec.parse(plan.data())).images();
    var names = IntStream.range(0, images.size()).mapToObj(images::name).toList();
    try (TrainedModel model = TrainedModel.open(Path.of(args[1]));
        DeviceContext device = DeviceContext.open("auto", 0);
        FloatMatrix rows = model.features(images); // [n x 64], of unit length
        NearestIndex index = NearestIndex.copyOf(device.kernels(), rows, names);
        FloatMatrix query = rows.rowRange(0, 1);
        KMeans.Result found = KMeans.fit(device.kernels(), rows, KMeans.Options.of(10, 1))) {
      for (Hit hit : index.search(query, 5).get(0)) {
        int cluster = found.labels().get(hit.row());
        System.out.printf("%s  cosine %.3f, cluster %d%n", hit.name(), hit.similarity(), cluster);
      }
    }
  }
}
// README end
