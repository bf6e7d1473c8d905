package org.dc4j.index;

import java.util.Arrays;

/** Union-find over 0..n-1 with path halving; the root of a set is its lowest member. */
final class DisjointSets {
  private final int[] parent;
  private final double[] lowest;

  DisjointSets(int n) {
    parent = new int[n];
    for (int i = 0; i < n; i++) {
      parent[i] = i;
    }
    lowest = new double[n];
    Arrays.fill(lowest, 1);
  }

  int root(int member) {
    int at = member;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  /** Joins the sets of a and b by a pair of this similarity. */
  void join(int a, int b, double similarity) {
    int first = root(a);
    int second = root(b);
    int low = Math.min(first, second);
    int high = Math.max(first, second);
    parent[high] = low;
    lowest[low] = Math.min(similarity, Math.min(lowest[low], lowest[high]));
  }

  /** Least similarity of the pairs that joined the set with this root. */
  double lowest(int root) {
    return lowest[root];
  }
}
