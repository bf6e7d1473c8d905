package org.dc4j.encoder.torch;

import java.lang.ref.Reference;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.kernels.FloatMatrix;

/** A recorded forward pass: the output tensor (which holds the graph) and its gradient. */
final class TorchTrainingPass implements TrainingPass {
  private final int threads;
  private final FloatMatrix images; // the graph reads them again in backward
  private final Tensor embedding;
  private final Tensor output;
  private final Tensor gradient;
  private final FloatMatrix embeddingView;
  private final FloatMatrix outputView;
  private final FloatMatrix gradientView;
  private boolean done;
  private boolean closed;

  /** Made inside {@link TorchRuntime#call}; {@code result} [b x width] may be the embedding. */
  TorchTrainingPass(int threads, FloatMatrix images, Tensor embedding, Tensor result) {
    this.threads = threads;
    this.images = images;
    this.embedding = TorchRuntime.keep(embedding.contiguous());
    this.output = TorchRuntime.keep(result.contiguous());
    this.gradient = TorchRuntime.keep(torch.zeros(output.size(0), output.size(1)));
    this.embeddingView = view(this.embedding);
    this.outputView = view(output);
    this.gradientView = view(gradient);
  }

  private static FloatMatrix view(Tensor tensor) {
    return FloatMatrix.view(tensor.data_ptr_float(), tensor.size(0), tensor.size(1), tensor);
  }

  @Override
  public FloatMatrix output() {
    checkOpen();
    return outputView;
  }

  @Override
  public FloatMatrix embedding() {
    checkOpen();
    return embeddingView;
  }

  @Override
  public FloatMatrix gradient() {
    checkOpen();
    return gradientView;
  }

  @Override
  public void backward() {
    checkOpen();
    if (done) {
      throw new IllegalStateException("backward() ran already; it runs once per forward pass");
    }
    images.pointer(); // throws if they were closed, where libtorch would read freed memory
    done = true;
    TorchRuntime.run(
        threads,
        "backward pass",
        () -> output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional()));
    Reference.reachabilityFence(images); // the graph does not refer to them
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("training pass used after close");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      embeddingView.close();
      outputView.close();
      gradientView.close();
      embedding.close();
      output.close();
      gradient.close();
    }
  }
}
