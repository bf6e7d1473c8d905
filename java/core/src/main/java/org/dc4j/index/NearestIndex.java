package org.dc4j.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;

/**
 * Named images searched by the cosine of their embeddings, exactly. Owns an L2-normalised copy of
 * the embeddings (4 n d bytes).
 *
 * <p>Close it; close twice is fine, use after close throws. The device context must outlive it. One
 * thread at a time.
 */
public final class NearestIndex implements AutoCloseable {
  /** Neighbours of each image that {@link #duplicates(double)} looks at. */
  public static final int DUPLICATE_NEIGHBOURS = 10;

  private final CosineNeighbours neighbours;
  private final List<String> names;

  private NearestIndex(CosineNeighbours neighbours, List<String> names) {
    this.neighbours = neighbours;
    this.names = names;
  }

  /**
   * An index over a copy of the embeddings.
   *
   * @param embeddings [n x d], n >= 1; any length, the copy is normalised
   * @param names [n], name of each row
   * @throws IllegalArgumentException if names and rows differ in number or there are none
   */
  public static NearestIndex copyOf(Kernels kernels, FloatMatrix embeddings, List<String> names) {
    if (names.size() != embeddings.rows()) {
      throw new IllegalArgumentException(
          names.size() + " names for " + embeddings.rows() + " embeddings; one each");
    }
    List<String> held = List.copyOf(names);
    return new NearestIndex(CosineNeighbours.of(kernels, embeddings), held);
  }

  /** Images in the index. */
  public int size() {
    return names.size();
  }

  /**
   * The min(m, n) nearest images of every query, nearest first, lowest row on ties.
   *
   * @param queries [q x d], any length
   * @param m >= 1
   * @return one list per query
   */
  public List<List<Hit>> search(FloatMatrix queries, int m) {
    List<List<Hit>> found = new ArrayList<>();
    neighbours.nearest(
        queries,
        m,
        (query, rows, distances) -> {
          List<Hit> hits = new ArrayList<>(rows.length);
          for (int i = 0; i < rows.length; i++) {
            hits.add(new Hit(rows[i], names.get((int) rows[i]), distances[i]));
          }
          found.add(List.copyOf(hits));
        });
    return found;
  }

  /** {@link #duplicates(double, int)} among the 10 nearest neighbours of each image. */
  public List<DuplicateGroup> duplicates(double similarity) {
    return duplicates(similarity, DUPLICATE_NEIGHBOURS);
  }

  /**
   * Groups of near-duplicates: two images belong together if their cosine is at least the threshold
   * and one is among the m nearest others of the other, or a chain of such pairs joins them. Pairs
   * farther down the list than m are not looked at; a group that reaches its members only through
   * them would come out in parts. Equal images always end in one group, since ties favour the
   * lowest rows and so all of them name the same neighbours.
   *
   * @param similarity cosine in (0, 1]; distances are fp32, so use 1 for exact duplicates only and
   *     for example 0.999 for re-encoded ones
   * @param m >= 1
   * @return groups of two or more, by their lowest row
   */
  public List<DuplicateGroup> duplicates(double similarity, int m) {
    if (!(similarity > 0 && similarity <= 1)) {
      throw new IllegalArgumentException(
          "similarity " + similarity + "; accepted: 0 < similarity <= 1");
    }
    DisjointSets sets = new DisjointSets(names.size());
    neighbours.nearestOthers(
        m,
        (query, rows, distances) -> {
          for (int i = 0; i < rows.length; i++) {
            double cosine = 1 - distances[i] / 2.0;
            if (cosine >= similarity) {
              sets.join((int) query, (int) rows[i], cosine);
            }
          }
        });
    Map<Integer, List<Long>> members = new TreeMap<>();
    for (int row = 0; row < names.size(); row++) {
      members.computeIfAbsent(sets.root(row), root -> new ArrayList<>()).add((long) row);
    }
    List<DuplicateGroup> groups = new ArrayList<>();
    members.forEach(
        (root, rows) -> {
          if (rows.size() > 1) {
            List<String> found = rows.stream().map(row -> names.get(row.intValue())).toList();
            groups.add(new DuplicateGroup(rows, found, sets.lowest(root)));
          }
        });
    return groups;
  }

  @Override
  public void close() {
    neighbours.close();
  }
}
