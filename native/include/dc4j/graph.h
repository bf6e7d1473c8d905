/* Neighbour graphs and the clusterings that run on them. The conventions of kernels.h hold here
 * too.
 *
 * A graph is sparse: row i lists the rows it has a distance to, in increasing order; every pair it
 * does not list is at least `limit` apart. It is symmetric, bit for bit. */
#ifndef DC4J_GRAPH_H
#define DC4J_GRAPH_H

#include <dc4j/context.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A symmetric graph over n rows (opaque, immutable, memory 8 (n + 1) + 8 bytes per entry). It
 * needs no context and may be read by several threads. */
typedef struct dc4j_graph dc4j_graph;

/** A graph of given entries, which are copied. Row i has the entries offsets[i]..offsets[i + 1]
 * - 1.
 *  @param rows n, 0 <= n < 2^31 @param offsets [n + 1], from 0, never falling
 *  @param columns [offsets[n]] in 0..n-1, increasing within a row
 *  @param distances [offsets[n]] 0 <= distance < limit, the same at (i, j) and (j, i), 0 at (i, i)
 *  @param limit > 0: what is known of absent pairs is that they are at least this far apart
 *  @param out close with dc4j_graph_close */
DC4J_API dc4j_status dc4j_graph_of(int64_t rows, const int64_t* offsets, const int32_t* columns,
                                   const float* distances, float limit, dc4j_graph** out);

/** Number of rows; 0 for NULL, as with the two below. */
DC4J_API int64_t dc4j_graph_rows(const dc4j_graph* graph);
/** Number of entries (both directions of a pair counted, and the diagonal where it is stored). */
DC4J_API int64_t dc4j_graph_size(const dc4j_graph* graph);
/** Absent pairs are at least this far apart. */
DC4J_API float dc4j_graph_limit(const dc4j_graph* graph);
/** [rows + 1], owned by the graph like the two below; NULL for NULL. */
DC4J_API const int64_t* dc4j_graph_offsets(const dc4j_graph* graph);
/** [size] */
DC4J_API const int32_t* dc4j_graph_columns(const dc4j_graph* graph);
/** [size] */
DC4J_API const float* dc4j_graph_distances(const dc4j_graph* graph);

/** Closes a graph; NULL is accepted. */
DC4J_API void dc4j_graph_close(dc4j_graph* graph);

/** k-reciprocal Jaccard distance (Zhong et al. 2017, "Re-ranking person re-identification with
 *  k-reciprocal encoding", eq. 2-11, with local query expansion), as clustering for
 *  re-identification uses it.
 *
 *  rank(i) = i, then the ids of row i other than i and -1 in their order, together at most k1: ids
 *  may come from dc4j_nearest with or without `exclude`, and may miss i or hold it anywhere.
 *  R(i, k) = { j in the first k + 1 of rank(i) : i in the first k + 1 of rank(j) }; rank has k1
 *  places, so R(i, k1) is what is mutual among k1 (i itself counted).
 *  R*(i) = R(i, k1) and all R(q, h) with q in R(i, k1), 3 |R(q, h) n R(i, k1)| > 2 |R(q, h)|;
 *  h = k1 / 2 rounded to the nearest, ties to even.
 *  V_ij = exp(2 x_i.x_j) / sum over R*(i), 0 outside R*(i) (softmax of the negative squared
 * distance 2 - 2 x_i.x_j: rows are meant to have norm 1, which is not checked). V'_i = mean of V_j
 * over the first k2 of rank(i). m_ij = sum_t min(V'_it, V'_jt); J_ij = max(0, 1 - m / (2 - m)),
 * J_ii = 0.
 *
 *  Rounding: x_i.x_j as in the exact score; exponents are shifted by the row's largest; their sum
 *  (in increasing j), the mean (in order of rank) and m (in increasing t) in fp64; V, V' and J
 *  rounded to fp32. Every backend, tier and thread count gives the same bits.
 *
 *  @param x [n x d], n < 2^31
 *  @param ids [n x k1] row-major, each in -1..n-1 and none twice in a row
 *  @param k1 >= 1 (published: 30) @param k2 >= 1 (published: 6; 1 = no query expansion)
 *  @param limit 0 < limit <= 1. With 1 the graph holds every pair that shares a neighbour's
 *                neighbour, often thousands per row; whoever only asks for pairs within some eps
 *                needs no more than a limit above it, tens per row
 *  @param out the pairs with J < limit and the diagonal; close with dc4j_graph_close
 *  Never n x n: memory grows with the entries of V' and of the graph. */
DC4J_API dc4j_status dc4j_jaccard(dc4j_context* context, const dc4j_matrix* x, const int64_t* ids,
                                  int64_t k1, int64_t k2, float limit, dc4j_graph** out);

/** DBSCAN (Ester et al. 1996) on a graph, with the labels of scikit-learn. A row is core if at
 * least min_samples rows lie within eps of it (distance <= eps in fp32, the row itself counted
 * whether its entry is stored or not). Core rows within eps of each other share a cluster; clusters
 * are numbered by their lowest core row; another row within eps of a core row joins the
 * lowest-numbered cluster that has one; the rest are noise.
 *  @param eps 0 <= eps < the graph's limit @param min_samples >= 1
 *  @param labels [rows], -1 for noise @param clusters their number, or NULL */
DC4J_API dc4j_status dc4j_dbscan(dc4j_context* context, const dc4j_graph* graph, float eps,
                                 int64_t min_samples, int32_t* labels, int64_t* clusters);

/** What dc4j_pic runs with. */
typedef struct dc4j_pic_options {
  /** Scale of distances (published: 0.2); sigma^2 positive and finite. */
  double sigma;
  /** Share of the neighbours in a step, 0 <= alpha < 1 (published: 0.001). */
  double alpha;
  /** Steps, 0..1,000,000 (published: 200). */
  int64_t iterations;
} dc4j_pic_options;

/** Power iteration clustering (Lin & Cohen 2010) as deep clustering uses it: the mode-seeking
 * variant of Caron et al. 2018, which finds the number of clusters itself.
 *
 *  Entries of row i that are -1 or i itself count for nothing. For the others
 *  w_ij = exp(-distance_ij / sigma^2), 0 elsewhere; G = W + W^T. From v = 1 / n, `iterations` times
 *    u_i = alpha sum_j G_ij v_j + (1 - alpha) / n,   v = u / sum_i u_i.
 *  Row i points to the j of largest G_ij (v_j - v_i), lowest j on ties, if that is > 0, else to
 *  itself. Rows whose pointers end at the same row are one cluster. A cluster of one row joins that
 *  of its first neighbour (in the order of its entries) whose cluster has several, all judged
 * before any joins; without such it stays. Clusters are numbered by their lowest row.
 *
 *  Rounding: fp64 throughout; sums in increasing j, and over rows in blocks of 1024, each over 32
 * lanes like the exact score, whose sums are then added in order; no fused multiply-adds. Every
 * backend, tier and thread count gives the same labels.
 *
 *  @param ids [n x k] row-major, each in -1..n-1, none but -1 twice in a row: from dc4j_nearest,
 *             best with each row excluded from its own list (published: k = 5)
 *  @param distances [n x k] squared distances to them, >= 0 where they count; n < 2^31
 *  @param labels [n] @param clusters their number, or NULL
 *  O(n k) memory and time per step; never n x n. */
DC4J_API dc4j_status dc4j_pic(dc4j_context* context, const int64_t* ids,
                              const dc4j_matrix* distances, const dc4j_pic_options* options,
                              int32_t* labels, int64_t* clusters);

#ifdef __cplusplus
}
#endif

#endif
