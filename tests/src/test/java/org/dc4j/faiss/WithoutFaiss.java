package org.dc4j.faiss;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.cluster.KMeans;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;

/**
 * What {@link FaissAbsentTest} runs in a JVM of its own, on a class path whose native jar lacks the
 * FAISS libraries, as a build without FAISS makes it.
 */
public final class WithoutFaiss {
  private WithoutFaiss() {}

  /** The class path, but for the files of FAISS. */
  private static final class Hiding extends URLClassLoader {
    Hiding(URL[] path) {
      super(path, ClassLoader.getPlatformClassLoader());
    }

    @Override
    public URL findResource(String name) {
      return name.endsWith("faiss.so") ? null : super.findResource(name);
    }
  }

  public static void main(String[] arguments) throws Exception {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      path.add(url(entry));
    }
    try (Hiding loader = new Hiding(path.toArray(URL[]::new))) {
      loader.loadClass(WithoutFaiss.class.getName()).getMethod("use").invoke(null);
    }
  }

  private static URL url(String entry) throws MalformedURLException {
    return new File(entry).toURI().toURL();
  }

  /** Asks for FAISS in each way and prints what comes; then clusters without it. */
  public static void use() {
    System.out.println("available " + Faiss.isAvailable());
    System.out.println("why " + Faiss.whyNot());
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix x = FloatMatrix.of(new float[][] {{1, 2}, {3, 4}, {9, 9}})) {
      tell("version", Faiss::version);
      tell("index", () -> FaissIndex.create(2, "Flat", FaissMetric.L2));
      tell("load", () -> FaissIndex.load(new File("none").toPath()));
      tell("kmeans", () -> FaissKMeans.fit(x, FaissKMeans.Options.of(2, 1), 1));
      tell("pca", () -> FaissPca.train(x, 1, false, 1));
      try (KMeans.Result ours = KMeans.fit(context.kernels(), x, KMeans.Options.of(2, 1))) {
        System.out.println("ours " + ours.labels().size());
      }
    }
  }

  private static void tell(String what, Runnable call) {
    try {
      call.run();
      System.out.println(what + " went through");
    } catch (RuntimeException e) {
      System.out.println(what + " " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
