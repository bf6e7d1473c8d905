package org.dc4j.encoder.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;

/** Small encoders, images and a loss in plain Java for the tests of this package. */
final class Fixtures {
  static final EncoderSpec COMPACT = new EncoderSpec(Backbone.COMPACT, 1, 16, 16, 24);
  static final OptimizerSpec SGD = OptimizerSpec.sgd(0.05, 0.9, 1e-4);
  static final OptimizerSpec ADAM = OptimizerSpec.adam(0.003, 1e-4);

  private Fixtures() {}

  static Encoder compact(OptimizerSpec optimizer, int threads) {
    return TorchEncoders.create(COMPACT, optimizer, 7, threads);
  }

  /** Uniform [-1, 1) images of a spec. */
  static FloatMatrix images(EncoderSpec spec, int rows, long seed) {
    RandomStream random = new Seeds(seed).stream("images");
    float[] values = new float[Math.toIntExact(rows * spec.inputSize())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return FloatMatrix.of(values, rows, spec.inputSize());
  }

  /** Gradient of the mean cross-entropy of row i against class i mod classes, in fp64. */
  static void crossEntropyGradient(FloatMatrix logits, FloatMatrix gradient) {
    int classes = (int) logits.cols();
    for (long i = 0; i < logits.rows(); i++) {
      float[] row = logits.row(i);
      double max = Double.NEGATIVE_INFINITY;
      for (float value : row) {
        max = Math.max(max, value);
      }
      double sum = 0;
      for (float value : row) {
        sum += Math.exp(value - max);
      }
      for (int j = 0; j < classes; j++) {
        double target = j == i % classes ? 1 : 0;
        double p = Math.exp(row[j] - max) / sum;
        gradient.set(i, j, (float) ((p - target) / logits.rows()));
      }
    }
  }

  /** Cross-entropy steps [from, to) on images of their own; encoder and head move. */
  static void train(Encoder encoder, LinearHead head, int from, int to) {
    for (int step = from; step < to; step++) {
      try (FloatMatrix images = images(encoder.spec(), 12, step)) {
        try (TrainingPass pass = encoder.forward(images, head, step)) {
          crossEntropyGradient(pass.output(), pass.gradient());
          pass.backward();
        }
      }
      encoder.step();
      head.step();
    }
  }

  static float[][] embeddings(Encoder encoder, FloatMatrix images) {
    try (FloatMatrix out = FloatMatrix.allocate(images.rows(), encoder.spec().embedding())) {
      encoder.embed(images, out);
      float[][] rows = new float[(int) out.rows()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = out.row(i);
      }
      return rows;
    }
  }

  /** Names and bytes, for equality to the bit. */
  static String bytes(StateDict state) {
    StringBuilder text = new StringBuilder();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              byte[] copy = new byte[tensor.data().remaining()];
              tensor.data().duplicate().get(copy);
              text.append(name).append('=').append(java.util.HexFormat.of().formatHex(copy));
              text.append('\n');
            });
    return text.toString();
  }

  static long residentKilobytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS");
  }
}
