package org.dc4j.eval;

import java.util.Arrays;

/**
 * Labels renumbered 0..m-1 in ascending order of their values.
 *
 * @param values [m] the distinct labels, ascending
 * @param indices [n] position of each item's label in values
 */
record DenseLabels(int[] values, int[] indices) {
  static DenseLabels of(int[] labels) {
    int[] values = labels.clone();
    Arrays.sort(values);
    int distinct = 0;
    for (int i = 0; i < values.length; i++) {
      if (i == 0 || values[i] != values[i - 1]) {
        values[distinct++] = values[i];
      }
    }
    values = Arrays.copyOf(values, distinct);
    int[] indices = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      indices[i] = Arrays.binarySearch(values, labels[i]);
    }
    return new DenseLabels(values, indices);
  }

  /** Items per distinct label. */
  long[] sizes() {
    long[] sizes = new long[values.length];
    for (int index : indices) {
      sizes[index]++;
    }
    return sizes;
  }
}
