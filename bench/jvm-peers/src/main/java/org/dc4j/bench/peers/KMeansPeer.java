package org.dc4j.bench.peers;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * One run of a library's k-means, for bench/peers/run.py: reads x.npy of a folder, trains once on a
 * small part of it (so that the compiler has seen the code), then on all of it, writes
 * centroids.bin there and prints seconds and version as JSON.
 *
 * <p>Arguments: tribuo or spark, folder, k, iterations, threads.
 */
public final class KMeansPeer {
  private static final int WARM_ROWS = 8192;

  private KMeansPeer() {}

  /** What a library does with rows [n x d]; nothing is kept between calls. */
  interface Library extends AutoCloseable {
    /** The centroids [k x d] after so many iterations; sets up before it calls timed.run(). */
    double[][] train(double[][] rows, int k, int iterations, Clock clock);

    String version();

    @Override
    void close();
  }

  /** Adds up what is worth measuring. */
  static final class Clock {
    private long started;
    private long total;

    void start() {
      started = System.nanoTime();
    }

    void stop() {
      total += System.nanoTime() - started;
    }

    double seconds() {
      return total * 1e-9;
    }
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    int k = Integer.parseInt(args[2]);
    int iterations = Integer.parseInt(args[3]);
    int threads = Integer.parseInt(args[4]);
    double[][] rows = Rows.read(folder.resolve("x.npy"));
    try (Library library =
        args[0].equals("tribuo") ? new TribuoKMeans(threads) : new SparkKMeans(threads)) {
      double[][] few = Arrays.copyOf(rows, Math.min(rows.length, WARM_ROWS));
      library.train(few, Math.min(k, 256), 4, new Clock());
      Clock clock = new Clock();
      Rows.write(folder.resolve("centroids.bin"), library.train(rows, k, iterations, clock));
      System.out.printf(
          "{\"seconds\": [%.6f], \"info\": {\"%s\": \"%s\", \"java\": \"%s\"}}%n",
          clock.seconds(), args[0], library.version(), Runtime.version());
    } catch (Exception failure) {
      failure.printStackTrace();
      System.exit(1); // threads of the library may live on
    }
  }
}
