package org.dc4j;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.random.RandomStream;

/**
 * A tiny data set of drawn shapes and a plan that trains on it in seconds, for end-to-end tests.
 */
public final class TinyPictures {
  public static final int SIZE = 16;
  public static final int CLASSES = 4;

  private TinyPictures() {}

  /** Writes n IDX images of bars, squares, crosses and dots with noise under folder. */
  public static Path write(Path folder, int n) throws IOException {
    Files.createDirectories(folder);
    try (DataOutputStream images = open(folder.resolve("train-images-idx3-ubyte"));
        DataOutputStream labels = open(folder.resolve("train-labels-idx1-ubyte"))) {
      images.writeInt(0x00000803);
      images.writeInt(n);
      images.writeInt(SIZE);
      images.writeInt(SIZE);
      labels.writeInt(0x00000801);
      labels.writeInt(n);
      for (int i = 0; i < n; i++) {
        images.write(draw(i % CLASSES, new RandomStream(i)));
        labels.write(i % CLASSES);
      }
    }
    return folder;
  }

  /** Images that must not be read. */
  public static ImageSource unread(int n) {
    return new ImageSource() {
      @Override
      public int size() {
        return n;
      }

      @Override
      public String name(int id) {
        return "image-" + id;
      }

      @Override
      public Image read(int id) {
        throw new AssertionError("image " + id + " was read");
      }
    };
  }

  private static DataOutputStream open(Path file) throws IOException {
    return new DataOutputStream(Files.newOutputStream(file));
  }

  private static byte[] draw(int kind, RandomStream random) {
    byte[] pixels = new byte[SIZE * SIZE];
    int at = 3 + random.nextInt(SIZE - 8);
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        boolean on =
            switch (kind) {
              case 0 -> y >= at && y < at + 3;
              case 1 -> x >= at && x < at + 4 && y >= at && y < at + 4;
              case 2 -> x == y || x == SIZE - 1 - y;
              default -> (x + at) % 4 == 0 && (y + at) % 4 == 0;
            };
        pixels[y * SIZE + x] = (byte) ((on ? 200 : 20) + random.nextInt(40));
      }
    }
    return pixels;
  }

  /** The small preset on those images: 8 clusters, batches of 16, the given epochs. */
  public static TrainingPlan plan(Path folder, int epochs) {
    TrainingPlan plan = PlanFiles.preset("deepcluster-small");
    Map<String, String> settings =
        Map.ofEntries(
            Map.entry("data", "idx:" + folder),
            Map.entry("threads", "2"),
            Map.entry("image.height", "16"),
            Map.entry("image.width", "16"),
            Map.entry("encoder.embedding", "16"),
            Map.entry("clustering.k", "8"),
            Map.entry("clustering.whiten", "8"),
            Map.entry("clustering.everyEpochs", "1"),
            Map.entry("evaluation.whiten", "8"),
            Map.entry("schedule.batchSize", "16"),
            Map.entry("schedule.reassign", "1.0"),
            Map.entry("schedule.epochs", Integer.toString(epochs)));
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      plan = PlanFiles.with(plan, setting.getKey(), setting.getValue());
    }
    return plan;
  }
}
