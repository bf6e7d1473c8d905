package org.dc4j.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.SparseGraph;

/**
 * Clusters of unit rows as re-identification finds them (methods.md 1.6 and 1.7): the k-reciprocal
 * Jaccard distances between near rows, then DBSCAN on them, for one eps or for several of the same
 * graph. Never n x n. Owns native memory: close it. Not thread-safe.
 */
public final class JaccardDbscan implements AutoCloseable {
  /** A limit that holds every distance {@link #propose} may look at; above it a row is far. */
  public static final double FAR = 0.95;

  // DBSCAN asks for eps below the graph's limit; a wider graph than that costs memory only.
  private static final double MARGIN = 0.01;
  private static final int QUANTILES = 20;
  private static final double PLATEAU = 0.98;

  /**
   * Constants of graph and clustering.
   *
   * @param k1 neighbours of a row, itself among them (published: 30)
   * @param k2 rows a row's neighbourhood is averaged over, itself among them; 1 = none (published:
   *     6)
   * @param minSamples rows within eps that make a row core, itself counted (published: 4)
   */
  public record Options(int k1, int k2, int minSamples) {}

  /**
   * A clustering.
   *
   * @param labels [n] 0..clusters-1, -1 = noise
   * @param clusters their number
   */
  public record Found(int[] labels, int clusters) {
    /** Share of the rows that are in a cluster; 0 without rows. */
    public double coverage() {
      return Arrays.stream(labels).filter(label -> label >= 0).count()
          / (double) Math.max(1, labels.length);
    }
  }

  /**
   * An eps with what it would give.
   *
   * @param eps the eps
   * @param found its clusters
   */
  public record Proposal(double eps, Found found) {}

  private final DeviceContext device;
  private final Options options;
  private final SparseGraph graph;

  /**
   * Builds the graph.
   *
   * @param rows [n x d] of length 1; not needed afterwards
   * @param largestEps largest eps that will be asked for, below 1
   */
  public JaccardDbscan(DeviceContext device, FloatMatrix rows, Options options, double largestEps) {
    this.device = device;
    this.options = options;
    float limit = (float) Math.min(1, largestEps + MARGIN);
    try (LongVector ids = LongVector.allocate(rows.rows() * options.k1())) {
      device.kernels().nearestSelf(rows, options.k1(), true, ids, null);
      graph = device.graphs().jaccard(rows, ids, options.k1(), options.k2(), limit);
    }
  }

  /** Clusters of rows within eps of each other, 0 <= eps <= the largest that was announced. */
  public Found cluster(double eps) {
    try (IntVector labels = IntVector.allocate(graph.rows())) {
      int clusters = device.graphs().dbscan(graph, (float) eps, options.minSamples(), labels);
      return new Found(labels.toArray(), clusters);
    }
  }

  /**
   * The k-distance of every row, sorted: the eps from which on it is core, which is the distance to
   * its minSamples-th neighbour, itself the first. At least the graph's limit where the graph has
   * fewer neighbours; then it is given as infinity.
   *
   * @return [n] rising
   */
  public float[] kDistances() {
    float[] all = new float[Math.toIntExact(graph.rows())];
    for (int row = 0; row < all.length; row++) {
      float[] distances = graph.distances(row); // 0 for the row itself among them
      Arrays.sort(distances);
      boolean near = distances.length >= options.minSamples();
      all[row] = near ? distances[options.minSamples() - 1] : Float.POSITIVE_INFINITY;
    }
    Arrays.sort(all);
    return all;
  }

  /**
   * An eps for rows whose right one is unknown, among the quantiles of the k-distances in steps of
   * 5 %, cut to two decimals: the largest that gives nearly (98 %) as many clusters as the best of
   * them. Where the number of clusters hardly falls, a larger eps takes noise into clusters; where
   * it falls, it merges them. Costs a DBSCAN for each.
   *
   * @param wanted clusters that it must not fall below if one of the quantiles gives so many
   */
  public Proposal propose(int wanted) {
    float[] distances = kDistances();
    List<Proposal> tried = new ArrayList<>(List.of(new Proposal(0, cluster(0))));
    for (int q = 1; q < QUANTILES && distances.length > 0; q++) {
      float quantile = distances[(int) ((long) distances.length * q / QUANTILES)];
      double eps = Math.ceil(quantile * 100) / 100;
      if (eps >= graph.limit()) {
        break;
      }
      tried.add(new Proposal(eps, cluster(eps)));
    }
    int most = tried.stream().mapToInt(proposal -> proposal.found().clusters()).max().orElse(0);
    double least = Math.max(PLATEAU * most, Math.min(most, wanted));
    return tried.stream()
        .filter(proposal -> proposal.found().clusters() >= least)
        .reduce((earlier, later) -> later.eps() > earlier.eps() ? later : earlier)
        .orElseThrow();
  }

  @Override
  public void close() {
    graph.close();
  }
}
