package org.dc4j.faiss;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.cluster.KMeans;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.NativeLibraries;

/**
 * What {@link OneProcessTest} runs in a JVM of its own: libtorch, FAISS and dc4j in the order of
 * the property "order", then each once more. Prints one line "ours", "faiss" or "torch" with a
 * number for each call, and the OpenMP and BLAS libraries that are mapped.
 */
final class OneProcess {
  private OneProcess() {}

  public static void main(String[] arguments) throws IOException {
    List<String> order = List.of(System.getProperty("order").split(","));
    for (int turn = 0; turn < 2; turn++) {
      for (String part : order) {
        System.out.println(part + " " + run(part));
      }
    }
    Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .map(line -> line.replaceFirst("^[^/]*", ""))
        .filter(path -> path.matches(".*/lib(gomp|omp|iomp5|openblas|blas)[.-][^/]*"))
        .distinct()
        .forEach(path -> System.out.println("mapped " + path));
  }

  private static double run(String part) {
    return switch (part) {
      case "ours" -> ours();
      case "faiss" -> faiss();
      default -> torch();
    };
  }

  private static FloatMatrix rows() {
    return FaissFixture.blobs(2000, 32, 20, 0.3, 1);
  }

  private static double ours() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = rows();
        KMeans.Result result = KMeans.fit(context.kernels(), x, KMeans.Options.of(20, 1))) {
      return result.objective();
    }
  }

  private static double faiss() {
    try (FloatMatrix x = rows();
        FaissKMeans.Result result = FaissKMeans.fit(x, FaissKMeans.Options.of(20, 1), 2)) {
      return result.objective();
    }
  }

  private static double torch() {
    NativeLibraries.load();
    torch.set_num_threads(2);
    torch.manual_seed(5);
    try (Tensor a = torch.randn(300, 200);
        Tensor b = torch.randn(200, 300);
        Tensor product = torch.matmul(a, b);
        Tensor norm = product.norm()) {
      return norm.item_double();
    }
  }
}
