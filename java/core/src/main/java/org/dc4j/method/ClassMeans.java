package org.dc4j.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dc4j.data.sample.ClusterMembers;
import org.dc4j.kernels.FloatMatrix;

/**
 * The mean memory row of every class, kept while single rows of the memory change: an update costs
 * the rows of the classes it touches, not those of all. A mean is the sum of its class's rows in
 * rising order of their ids, in fp64, divided by their number and rounded once; so it depends on
 * the rows as they are and not on the updates that led to them, and means made anew after a resume
 * are the same bit for bit. Owns its matrix: close it. Not thread-safe.
 */
final class ClassMeans implements AutoCloseable {
  private final FloatMatrix memory;
  private final int[] classes;
  private final ClusterMembers members;
  private final FloatMatrix rows;

  /**
   * The means of all classes.
   *
   * @param memory [n x d], which stays the caller's and is read again by {@link #update}
   * @param classes [n] of each row, 0..count-1, every class has a row
   */
  ClassMeans(FloatMatrix memory, int[] classes, int count) {
    this.memory = memory;
    this.classes = classes;
    this.members = ClusterMembers.of(classes, count);
    this.rows = FloatMatrix.allocate(count, memory.cols());
    IntStream.range(0, count).forEach(this::compute);
  }

  /** [count x d]; stays this object's. */
  FloatMatrix rows() {
    return rows;
  }

  /** After the memory rows of these ids changed. */
  void update(int[] ids) {
    Arrays.stream(ids).map(id -> classes[id]).distinct().forEach(this::compute);
  }

  private void compute(int cluster) {
    int from = members.starts()[cluster];
    int to = members.starts()[cluster + 1];
    double[] sum = new double[Math.toIntExact(rows.cols())];
    for (int i = from; i < to; i++) {
      float[] row = memory.row(members.ids()[i]);
      for (int j = 0; j < sum.length; j++) {
        sum[j] += row[j];
      }
    }
    float[] mean = new float[sum.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = (float) (sum[j] / (to - from));
    }
    rows.setRow(cluster, mean);
  }

  @Override
  public void close() {
    rows.close();
  }
}
