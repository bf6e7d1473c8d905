package org.dc4j.eval;

import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;

/**
 * How good a representation is, by one measurement for raw pixels, untrained and trained networks
 * alike: whiten by the training rows, normalise, then (1) k-NN accuracy and recall at 1 on the test
 * rows and (2) agreement of k-means on the test rows with their classes, over several seeds. Labels
 * serve this score only.
 *
 * @param knnAccuracy share of test rows classified right
 * @param recallAt1 share of test rows whose nearest other test row is of their class
 * @param nmi arithmetic NMI of k-means with the classes
 * @param nmiGeometric the same with the geometric normaliser of the DeepCluster paper
 * @param ari adjusted Rand index of k-means
 * @param accuracy of k-means under the best matching with the classes
 * @param effectiveRank of the leading `whiten` eigenvalues of the training rows; NaN without
 *     whitening
 */
public record RepresentationScore(
    double knnAccuracy,
    double recallAt1,
    MeanAndDeviation nmi,
    MeanAndDeviation nmiGeometric,
    MeanAndDeviation ari,
    MeanAndDeviation accuracy,
    double effectiveRank) {

  // Directions weaker than this share of the strongest are rounding noise of fp32 features; the
  // floor keeps whitening from blowing them up.
  private static final double FLOOR_RATIO = 1e-7;

  /** k-means, or whatever clustering shall be scored. */
  @FunctionalInterface
  public interface Clustering {
    /**
     * Clusters the rows of x.
     *
     * @param x [n x d], borrowed for the call
     * @return [n] clusters in 0..k-1
     */
    int[] labels(FloatMatrix x, int k, long seed);
  }

  /**
   * What is measured.
   *
   * @param whiten components kept by the whitening, 0 = none
   * @param neighbours k of the k-NN vote
   * @param temperature of the k-NN vote
   * @param clusters k of k-means, usually the number of classes
   * @param seeds one k-means run each
   */
  public record Protocol(
      int whiten, int neighbours, double temperature, int clusters, long[] seeds) {
    public Protocol {
      if (whiten < 0 || clusters < 1 || seeds.length == 0) {
        throw new IllegalArgumentException(
            "whiten %d, %d clusters, %d seeds; accepted: >= 0, >= 1, >= 1"
                .formatted(whiten, clusters, seeds.length));
      }
      seeds = seeds.clone();
    }

    @Override
    public long[] seeds() {
      return seeds.clone();
    }
  }

  /**
   * Measures; all inputs are borrowed and stay unchanged.
   *
   * @param train features [n x D] the whitening is fitted on and neighbours come from
   * @param trainLabels [n] classes >= 0
   * @param test features [t x D] scored
   * @param testLabels [t] classes >= 0
   * @throws IllegalArgumentException if widths or lengths do not fit, or whiten is above min(D, n -
   *     1), or there are fewer test rows than clusters
   */
  public static RepresentationScore of(
      Kernels kernels,
      FloatMatrix train,
      int[] trainLabels,
      FloatMatrix test,
      int[] testLabels,
      Protocol protocol,
      Clustering clustering) {
    KnnClassifier knn = new KnnClassifier(protocol.neighbours(), protocol.temperature());
    KnnClassifier.requireLabels("training", train, trainLabels);
    KnnClassifier.requireLabels("test", test, testLabels);
    requireShapes(train, test, protocol);
    if (protocol.whiten() == 0) {
      try (FloatMatrix rows = FloatMatrix.allocate(test.rows(), test.cols())) {
        kernels.normalizeRows(test, rows);
        double right = knn.accuracy(kernels, train, trainLabels, rows, testLabels);
        double recall = RecallAtK.of(kernels, rows, testLabels, 1)[0];
        return clustered(right, recall, Double.NaN, rows, testLabels, protocol, clustering);
      }
    }
    try (Whitening whitening = fit(kernels, train, protocol.whiten());
        FloatMatrix base = FloatMatrix.allocate(train.rows(), protocol.whiten());
        FloatMatrix rows = FloatMatrix.allocate(test.rows(), protocol.whiten())) {
      kernels.whitenApply(whitening, train, true, base);
      kernels.whitenApply(whitening, test, true, rows);
      double right = knn.accuracy(kernels, base, trainLabels, rows, testLabels);
      double rank = ClusterHealth.effectiveRank(whitening.eigenvalues());
      double recall = RecallAtK.of(kernels, rows, testLabels, 1)[0];
      return clustered(right, recall, rank, rows, testLabels, protocol, clustering);
    }
  }

  private static RepresentationScore clustered(
      double knnAccuracy,
      double recallAt1,
      double effectiveRank,
      FloatMatrix rows,
      int[] labels,
      Protocol protocol,
      Clustering clustering) {
    long[] seeds = protocol.seeds();
    double[] nmi = new double[seeds.length];
    double[] nmiGeometric = new double[seeds.length];
    double[] ari = new double[seeds.length];
    double[] accuracy = new double[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      int[] clusters = clustering.labels(rows, protocol.clusters(), seeds[i]);
      Contingency counts = Contingency.of(labels, clusters);
      nmi[i] = Nmi.arithmetic(counts);
      nmiGeometric[i] = Nmi.geometric(counts);
      ari[i] = Ari.of(counts);
      accuracy[i] = ClusterAccuracy.of(counts);
    }
    return new RepresentationScore(
        knnAccuracy,
        recallAt1,
        MeanAndDeviation.of(nmi),
        MeanAndDeviation.of(nmiGeometric),
        MeanAndDeviation.of(ari),
        MeanAndDeviation.of(accuracy),
        effectiveRank);
  }

  private static Whitening fit(Kernels kernels, FloatMatrix train, int width) {
    try (Pca pca = kernels.pca(train.cols())) {
      pca.add(train);
      return pca.finish(width, FLOOR_RATIO);
    }
  }

  private static void requireShapes(FloatMatrix train, FloatMatrix test, Protocol protocol) {
    if (train.cols() != test.cols()) {
      throw new IllegalArgumentException(
          "training features are " + train.cols() + " wide, test features " + test.cols());
    }
    long widest = Math.min(train.cols(), train.rows() - 1);
    if (protocol.whiten() > widest) {
      throw new IllegalArgumentException(
          "whitening to %d of [%d x %d] training features; accepted: 0 (none) .. %d"
              .formatted(protocol.whiten(), train.rows(), train.cols(), widest));
    }
    if (protocol.clusters() > test.rows()) {
      throw new IllegalArgumentException(
          protocol.clusters() + " clusters of " + test.rows() + " test rows; accepted: 1 .. rows");
    }
  }
}
