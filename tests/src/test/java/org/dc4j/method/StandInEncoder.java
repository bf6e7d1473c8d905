package org.dc4j.method;

import java.util.ArrayList;
import java.util.List;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.LoadedWeights;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;

/**
 * A network that does nothing: an image's pixels are its embedding. It keeps what a method sent
 * back, so that a test can compare loss and gradient with a plain computation.
 */
final class StandInEncoder implements Encoder {
  private final int width;

  /** Gradients [b x width of the output] of the passes since the start, in order. */
  final List<float[]> gradients = new ArrayList<>();

  int steps;
  StandInHead head;

  StandInEncoder(int width) {
    this.width = width;
  }

  @Override
  public EncoderSpec spec() {
    return new EncoderSpec(Backbone.COMPACT, 1, 1, width, width);
  }

  @Override
  public long parameterCount() {
    return 0;
  }

  @Override
  public void embed(FloatMatrix images, FloatMatrix out) {
    out.setRows(0, images);
  }

  @Override
  public TrainingPass forward(FloatMatrix images, long dropoutSeed) {
    return new Pass(images.copy(), images.copy());
  }

  @Override
  public TrainingPass forward(FloatMatrix images, int height, int width, long dropoutSeed) {
    return forward(images, dropoutSeed);
  }

  @Override
  public TrainingPass forward(FloatMatrix images, LinearHead head, long dropoutSeed) {
    FloatMatrix activated = images.copy();
    StandInHead linear = (StandInHead) head;
    FloatMatrix logits = FloatMatrix.allocate(images.rows(), linear.classes());
    for (int i = 0; i < images.rows(); i++) {
      for (int j = 0; j < width; j++) {
        activated.set(i, j, Math.max(0, images.get(i, j)));
      }
      for (int c = 0; c < linear.classes(); c++) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
          sum += (double) linear.weights[c][j] * activated.get(i, j);
        }
        logits.set(i, c, (float) sum);
      }
    }
    return new Pass(activated, logits);
  }

  @Override
  public void step() {
    steps++;
  }

  @Override
  public void setLearningRate(double learningRate) {}

  @Override
  public LinearHead newHead(int classes, OptimizerSpec optimizer, long seed) {
    head = new StandInHead(classes, width);
    return head;
  }

  @Override
  public StateDict weights() {
    return new StateDict();
  }

  @Override
  public void loadWeights(StateDict weights) {}

  @Override
  public LoadedWeights startFrom(StateDict weights) {
    return new LoadedWeights(List.of(), List.of());
  }

  @Override
  public StateDict optimizerState() {
    return new StateDict();
  }

  @Override
  public void loadOptimizerState(StateDict state) {}

  @Override
  public void close() {}

  /** weights[c][j] = sin(c + 2 j): fixed, and nothing symmetric. */
  static final class StandInHead implements LinearHead {
    @Override
    public void setLearningRate(double learningRate) {}

    final float[][] weights;

    StandInHead(int classes, int width) {
      weights = new float[classes][width];
      for (int c = 0; c < classes; c++) {
        for (int j = 0; j < width; j++) {
          weights[c][j] = (float) Math.sin(c + 2.0 * j);
        }
      }
    }

    @Override
    public int classes() {
      return weights.length;
    }

    @Override
    public void step() {}

    @Override
    public StateDict state() {
      return new StateDict().put("weight", TensorData.of(new float[0], 0));
    }

    @Override
    public void loadState(StateDict state) {}

    @Override
    public void close() {}
  }

  private final class Pass implements TrainingPass {
    private final FloatMatrix embedding;
    private final FloatMatrix output;
    private final FloatMatrix gradient;

    Pass(FloatMatrix embedding, FloatMatrix output) {
      this.embedding = embedding;
      this.output = output;
      this.gradient = FloatMatrix.allocate(output.rows(), output.cols());
    }

    @Override
    public FloatMatrix output() {
      return output;
    }

    @Override
    public FloatMatrix embedding() {
      return embedding;
    }

    @Override
    public FloatMatrix gradient() {
      return gradient;
    }

    @Override
    public void backward() {
      gradients.add(gradient.toArray());
    }

    @Override
    public void close() {
      embedding.close();
      output.close();
      gradient.close();
    }
  }
}
