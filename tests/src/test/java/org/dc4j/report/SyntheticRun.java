package org.dc4j.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.CsvFile;
import org.dc4j.format.JsonLines;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;

/** A run folder of made-up but plausible figures: 2,000 images, 40 clusters, 20 epochs. */
final class SyntheticRun {
  static final int IMAGES = 2000;
  static final int CLUSTERS = 40;
  static final int EPOCHS = 20;

  private SyntheticRun() {}

  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    AtomicFiles.write(
        folder.resolve("plan.yaml"),
        """
        method: deepcluster
        data: "folder:/data/shapes?split=train"
        seed: 7
        threads: 2
        device: cpu
        encoder:
          backbone: compact
          embedding: 256
          weights: null
        clustering:
          k: 42
          whiten: 64
        schedule:
          epochs: 20
          batchSize: 128
        """);
    writeMetrics(folder.resolve("metrics.jsonl"));
    writeAssignments(folder.resolve("assignments.csv"));
    AtomicFiles.write(
        folder.resolve("results.json"),
        """
        {"columns":["raw pixels","untrained","trained"],"rows":[
        {"metric":"knn","mean":[0.8123,0.7654,0.8611],"spread":[0.0012,0.0101,0.0043]},
        {"metric":"nmi","mean":[0.5011,0.4402,0.6127],"spread":[0.004,0.012,0.009]},
        {"metric":"ari","mean":[0.3466,null,0.4801],"spread":[0.005,null,0.011]},
        {"metric":"effective_rank","mean":[41.27,12.5,118.44],"spread":[0,3.25,2.1]}]}
        """);
    CsvFile.write(
        folder.resolve("skipped.csv"),
        List.of("name", "reason"),
        List.of(
            List.of("broken/0001.jpg", "ends after 512 of 20,481 bytes"),
            List.of("notes.txt", "is not an image of a kind that is read (PNG, JPEG, BMP)"))
            .stream());
  }

  private static void writeMetrics(Path file) {
    RandomStream noise = new Seeds(7).stream("metrics", 0);
    try (JsonLines lines = JsonLines.open(file)) {
      for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        double done = 1 - Math.exp(-epoch / 6.0);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("event", "epoch");
        row.put("epoch", epoch);
        row.put("loss", 3.7 - 2.2 * done + 0.1 * noise.nextDouble());
        if (epoch > 1) {
          row.put("nmi_previous", 0.35 + 0.42 * done + 0.02 * noise.nextDouble());
          row.put("moved", 0.8 - 0.6 * done + 0.03 * noise.nextDouble());
        }
        row.put("nmi_labels", 0.4 + 0.22 * done + 0.02 * noise.nextDouble());
        row.put("clusters", 42);
        row.put("empty", epoch < 6 ? 5 - epoch / 2 : 2);
        row.put("smallest", epoch < 4 ? 0 : epoch / 3);
        row.put("largest", (int) (420 - 240 * done));
        row.put("objective", 1534.5 - 60 * done);
        row.put("effective_rank", 12 + 100 * done);
        if (epoch % 5 == 0) {
          row.put("knn", 0.76 + 0.1 * done);
        }
        row.put("epoch_seconds", 7.1 + noise.nextDouble());
        lines.append(row);
      }
      lines.append(Map.of("event", "final", "objective", 1470.25));
    }
  }

  private static void writeAssignments(Path file) {
    RandomStream draws = new Seeds(7).stream("assignments", 0);
    List<List<?>> rows = new ArrayList<>();
    for (int id = 0; id < IMAGES; id++) {
      int cluster = (int) (CLUSTERS * Math.pow(draws.nextDouble(), 1.6));
      double distance = 0.2 + 0.9 * draws.nextDouble() * draws.nextDouble();
      rows.add(List.of(id, "train/shape-%05d.png".formatted(id), cluster, (float) distance));
    }
    CsvFile.write(file, List.of("id", "name", "cluster", "distance"), rows.stream());
  }

  /** A grey 28 x 28 picture of rings whose width depends on the id; none for every 50th. */
  static byte[] thumbnail(int id) {
    if (id % 50 == 7) {
      return null;
    }
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 28; y++) {
      for (int x = 0; x < 28; x++) {
        double radius = Math.hypot(x - 13.5, (y - 13.5) * (1 + id % 3 * 0.4));
        int grey = radius > 13 ? 0 : (int) (127 + 127 * Math.cos(radius * (0.2 + id % 9 * 0.1)));
        image.getRaster().setSample(x, y, 0, grey);
      }
    }
    return png(image);
  }

  static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
