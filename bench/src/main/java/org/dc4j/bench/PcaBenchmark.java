package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** PCA fit (covariance n D^2 flop + leading eigenvectors) and whitening (2 n D d flop). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class PcaBenchmark {
  @Param({"60000"})
  public int n;

  @Param({"256", "1024"})
  public int dims;

  @Param({"64"})
  public int components;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix out;
  private Whitening whitening;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Gaussian.matrix(n, dims, 3);
    out = FloatMatrix.allocate(n, components);
    whitening = fit();
    applyTransform();
    checkUnitVariance();
  }

  private void checkUnitVariance() {
    double square = 0;
    for (int i = 0; i < n; i++) {
      square += (double) out.get(i, 0) * out.get(i, 0);
    }
    if (Math.abs(square / (n - 1) - 1) > 1e-3) {
      throw new IllegalStateException("first whitened component has variance " + square / (n - 1));
    }
  }

  @Benchmark
  public int fitTransform() {
    try (Whitening fitted = fit()) {
      return fitted.rank();
    }
  }

  private Whitening fit() {
    try (Pca pca = context.kernels().pca(dims)) {
      pca.add(x);
      return pca.finish(components, 0);
    }
  }

  @Benchmark
  public float applyTransform() {
    context.kernels().whitenApply(whitening, x, false, out);
    return out.get(n - 1, 0);
  }

  @TearDown
  public void close() {
    whitening.close();
    out.close();
    x.close();
    context.close();
  }
}
