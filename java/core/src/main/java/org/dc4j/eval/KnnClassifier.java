package org.dc4j.eval;

import org.dc4j.index.CosineNeighbours;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;

/**
 * Classification of embeddings by a weighted vote of the nearest training rows by cosine (Wu et al.
 * 2018, the protocol of DINO and others): each neighbour adds exp(similarity / temperature) to its
 * class, the lowest class wins ties. Queries are walked in chunks; one normalised copy of the
 * training rows is held while a method runs.
 *
 * @param neighbours k >= 1; all training rows vote where there are fewer
 * @param temperature > 0, for example 0.07
 */
public record KnnClassifier(int neighbours, double temperature) {
  public KnnClassifier {
    if (neighbours < 1) {
      throw new IllegalArgumentException(neighbours + " neighbours; at least 1 is needed");
    }
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature " + temperature + "; accepted: a finite number > 0");
    }
  }

  /**
   * The class of every query.
   *
   * @param train [n x d], n >= 1, any length
   * @param labels [n] classes >= 0
   * @param queries [q x d], any length
   * @return [q]
   */
  public int[] predict(Kernels kernels, FloatMatrix train, int[] labels, FloatMatrix queries) {
    requireLabels("training", train, labels);
    DenseLabels classes = DenseLabels.of(labels);
    double[] votes = new double[classes.values().length];
    int[] predicted = new int[Math.toIntExact(queries.rows())];
    try (CosineNeighbours search = CosineNeighbours.of(kernels, train)) {
      search.nearest(
          queries,
          neighbours,
          (query, rows, distances) -> {
            int winner = vote(classes.indices(), rows, distances, votes);
            predicted[(int) query] = classes.values()[winner];
          });
    }
    return predicted;
  }

  /**
   * Share of the test rows whose class is predicted right.
   *
   * @param testLabels one class >= 0 per test row; at least one row
   */
  public double accuracy(
      Kernels kernels, FloatMatrix train, int[] labels, FloatMatrix test, int[] testLabels) {
    requireLabels("test", test, testLabels);
    int[] predicted = predict(kernels, train, labels, test);
    int right = 0;
    for (int i = 0; i < predicted.length; i++) {
      right += predicted[i] == testLabels[i] ? 1 : 0;
    }
    return right / (double) predicted.length;
  }

  /**
   * Share of the rows whose class is predicted right by all the other rows.
   *
   * @param embeddings [n x d], n >= 2, any length
   * @param labels [n] classes >= 0
   */
  public double leaveOneOut(Kernels kernels, FloatMatrix embeddings, int[] labels) {
    requireLabels("query", embeddings, labels);
    if (labels.length < 2) {
      throw new IllegalArgumentException("1 row; at least 2 are needed to leave one out");
    }
    DenseLabels classes = DenseLabels.of(labels);
    double[] votes = new double[classes.values().length];
    long[] right = new long[1];
    try (CosineNeighbours search = CosineNeighbours.of(kernels, embeddings)) {
      search.nearestOthers(
          neighbours,
          (query, rows, distances) -> {
            int winner = vote(classes.indices(), rows, distances, votes);
            right[0] += classes.values()[winner] == labels[(int) query] ? 1 : 0;
          });
    }
    return right[0] / (double) labels.length;
  }

  private int vote(int[] classOf, long[] rows, float[] distances, double[] votes) {
    for (long row : rows) {
      votes[classOf[(int) row]] = 0;
    }
    for (int i = 0; i < rows.length; i++) {
      // Relative to the nearest neighbour: the winner is the same and exp cannot overflow.
      double similarity = (distances[0] - distances[i]) / 2.0;
      votes[classOf[(int) rows[i]]] += Math.exp(similarity / temperature);
    }
    int winner = classOf[(int) rows[0]];
    for (long row : rows) {
      int candidate = classOf[(int) row];
      if (votes[candidate] > votes[winner]
          || (votes[candidate] == votes[winner] && candidate < winner)) {
        winner = candidate;
      }
    }
    return winner;
  }

  static void requireLabels(String what, FloatMatrix rows, int[] labels) {
    if (labels.length != rows.rows()) {
      throw new IllegalArgumentException(
          "%d %s labels for %d rows; one each".formatted(labels.length, what, rows.rows()));
    }
    if (labels.length == 0) {
      throw new IllegalArgumentException("no " + what + " rows; at least one is needed");
    }
    Contingency.requireNotNegative(what + " labels", labels);
  }
}
