package org.dc4j.kernels;

import java.util.function.Function;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.dc4j.nativecore.GraphHandle;
import org.dc4j.nativecore.global.dc4j;

/**
 * A symmetric neighbour graph in native memory that it owns: row i lists the rows it has a distance
 * to, in increasing order; pairs it does not list are at least {@link #limit} apart. Immutable, so
 * several threads may read it; close waits for them. Needs no context. Close twice is fine, use
 * after close throws IllegalStateException.
 */
public final class SparseGraph implements AutoCloseable {
  private final NativeHandle<GraphHandle> handle;

  SparseGraph(GraphHandle made) {
    this.handle = new NativeHandle<>(made, "graph", dc4j::dc4j_graph_close);
  }

  /**
   * A graph of given entries, which are copied: row i has the entries offsets[i] to offsets[i + 1]
   * - 1.
   *
   * @param offsets [n + 1], from 0, never falling
   * @param columns rows in 0..n-1, increasing within a row
   * @param distances 0 <= distance < limit, the same in both directions, 0 on the diagonal (which
   *     need not be stored)
   */
  public static SparseGraph of(long[] offsets, int[] columns, float[] distances, float limit) {
    NativeLibraries.load();
    if (offsets.length == 0 || columns.length != distances.length) {
      throw new InvalidArgumentException(
          "%d offsets, %d columns, %d distances; accepted: at least one offset, as many columns as distances"
              .formatted(offsets.length, columns.length, distances.length));
    }
    if (offsets[offsets.length - 1] != columns.length) {
      throw new InvalidArgumentException(
          "the last offset is " + offsets[offsets.length - 1] + ", expected " + columns.length);
    }
    GraphHandle out = new GraphHandle();
    try (LongPointer starts = new LongPointer(offsets);
        IntPointer to = new IntPointer(columns);
        FloatPointer values = new FloatPointer(distances)) {
      Status.check(dc4j.dc4j_graph_of(offsets.length - 1L, starts, to, values, limit, out));
    }
    return new SparseGraph(out);
  }

  /** Number of rows. */
  public long rows() {
    return use(dc4j::dc4j_graph_rows);
  }

  /** Number of entries: both directions of a pair, and the diagonal where it is stored. */
  public long size() {
    return use(dc4j::dc4j_graph_size);
  }

  /** Absent pairs are at least this far apart. */
  public float limit() {
    return use(dc4j::dc4j_graph_limit);
  }

  /** The rows that row has a distance to, increasing. */
  public int[] neighbours(long row) {
    return use(
        graph -> {
          int[] columns = new int[count(graph, row)];
          try (IntPointer all = dc4j.dc4j_graph_columns(graph)) {
            all.position(offset(graph, row)).get(columns);
          }
          return columns;
        });
  }

  /** The distances to {@link #neighbours}. */
  public float[] distances(long row) {
    return use(
        graph -> {
          float[] distances = new float[count(graph, row)];
          try (FloatPointer all = dc4j.dc4j_graph_distances(graph)) {
            all.position(offset(graph, row)).get(distances);
          }
          return distances;
        });
  }

  private static int count(GraphHandle graph, long row) {
    long rows = dc4j.dc4j_graph_rows(graph);
    if (row < 0 || row >= rows) {
      throw new InvalidArgumentException("row " + row + " of a graph of " + rows);
    }
    return Math.toIntExact(offset(graph, row + 1) - offset(graph, row));
  }

  private static long offset(GraphHandle graph, long row) {
    try (LongPointer offsets = dc4j.dc4j_graph_offsets(graph)) {
      return offsets.get(row);
    }
  }

  /** A native call on this graph; close waits for it. */
  <T> T use(Function<GraphHandle, T> call) {
    return handle.use(call);
  }

  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    try {
      return "SparseGraph[" + rows() + " rows, " + size() + "]";
    } catch (IllegalStateException e) {
      return "SparseGraph[closed]";
    }
  }
}
