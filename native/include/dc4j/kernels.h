/* Numerical kernels. Conventions for all of them:
 *  - n rows, d columns, k clusters; shapes in brackets; matrices are views (matrix.h), never kept
 *    after the call; outputs are caller-allocated.
 *  - An output may overlap no other matrix or float array unless the kernel says so: else
 *    DC4J_INVALID_ARGUMENT.
 *  - Inputs with NaN or infinity give DC4J_NOT_FINITE naming the first row; outputs are then
 *    unspecified but within bounds.
 *  - Results do not depend on the number of threads. Labels, ids and centroid updates are the same
 * bits on every backend and tier; other floating-point results agree within their stated rounding.
 *  - Ties go to the lowest index.
 *
 * Exact score. score(i, j) = |c_j|^2 - 2 x_i.c_j, both terms in fp64 from the fp32 inputs, summed
 * over 32 lanes (element t goes to lane t mod 32, in increasing t) and the lanes folded pairwise:
 * lane[l] += lane[l + s] for s = 16, 8, 4, 2, 1. "Nearest" always means lowest (score, j). Products
 * of two fp32 values are exact in fp64, so a fused multiply-add changes nothing. */
#ifndef DC4J_KERNELS_H
#define DC4J_KERNELS_H

#include <dc4j/context.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- rows ---------------------------------------------------------------------------------- */

/** out_i = x_i / |x_i| (fp64 norm), rows of norm 0 stay 0.
 *  @param x [n x d]  @param out [n x d], may be x itself. */
DC4J_API dc4j_status dc4j_normalize_rows(dc4j_context* context, const dc4j_matrix* x,
                                         dc4j_matrix* out);

/* ---- PCA-whitening -------------------------------------------------------------------------- */

/** Streaming covariance of rows of width d (opaque; memory 8 d^2 bytes). Not thread-safe. */
typedef struct dc4j_pca dc4j_pca;

/** Starts a PCA of rows of width dims >= 1. The context must outlive it. Close with dc4j_pca_close.
 *  @param precision DC4J_PRECISION_FP32, or DC4J_PRECISION_FAST: the covariance's products in bf16
 *                   of the shifted rows (relative 2^-9 each, of random sign), summed in fp32 and
 *                   fp64; the mean keeps fp32 inputs. The leading subspace is within a sine of 5e-3
 *                   of the fp32 one for covariances whose spectrum falls like 1/i, far below what
 *                   half of the rows would change. */
DC4J_API dc4j_status dc4j_pca_begin(dc4j_context* context, int64_t dims, int32_t precision,
                                    dc4j_pca** out);

/** Adds rows [n x dims], n >= 0. Blocks are shifted by the mean of the first rows added (4096 at
 *  most) before the product (no cancellation at large means) and accumulated in fp64 across blocks.
 * The split of the data into calls changes only rounding. */
DC4J_API dc4j_status dc4j_pca_add(dc4j_pca* pca, const dc4j_matrix* x);

/** Solves for the leading components and writes the whitening transform.
 *  Covariance = scatter / (n - 1), so whitened components have unit sample variance.
 *  @param components d, 1..dims
 *  @param floor_ratio eigenvalues below floor_ratio * largest are raised to that value before the
 *                    inverse root (>= 0; the library's own floor dims * 2^-24 applies as well)
 *  @param mean       [1 x dims]
 *  @param transform  [d x dims]; row i is u_i / sqrt(lambda_i), descending lambda, the sign such
 * that the entry of u_i of largest magnitude (lowest index on ties) is positive
 *  @param eigenvalues [d] as solved, before the floor
 *  @param rank       number of eigenvalues (of the d) above the library's floor: the effective rank
 *  At least 2 rows must have been added. All rows equal gives DC4J_NUMERIC. */
DC4J_API dc4j_status dc4j_pca_finish(dc4j_pca* pca, int64_t components, double floor_ratio,
                                     dc4j_matrix* mean, dc4j_matrix* transform, double* eigenvalues,
                                     int64_t* rank);

/** Closes a PCA; NULL is accepted. */
DC4J_API void dc4j_pca_close(dc4j_pca* pca);

/** out_i = transform (x_i - mean), then out_i / |out_i| when l2_normalize != 0 (rows of norm 0 stay
 * 0).
 *  @param x [n x D] @param mean [1 x D] @param transform [d x D] @param out [n x d] */
DC4J_API dc4j_status dc4j_whiten_apply(dc4j_context* context, const dc4j_matrix* x,
                                       const dc4j_matrix* mean, const dc4j_matrix* transform,
                                       int32_t l2_normalize, dc4j_matrix* out);

/* ---- k-means -------------------------------------------------------------------------------- */

/** labels[i] = the nearest centroid by the exact score above, for every backend and tier.
 *  @param x [n x d] @param centroids [k x d], 1 <= k < 2^31
 *  @param labels [n]
 *  @param distances [n] squared Euclidean |x_i - c|^2 from direct fp64 differences, or NULL
 *  @param objective sum of the squared distances in fp64, or NULL
 *  Never an n x k matrix. */
DC4J_API dc4j_status dc4j_kmeans_assign(dc4j_context* context, const dc4j_matrix* x,
                                        const dc4j_matrix* centroids, int32_t* labels,
                                        float* distances, double* objective);

/** dc4j_kmeans_assign for rows that have labels: the same result, sooner where most labels stay, as
 * in the iterations of Lloyd's algorithm.
 *  @param labels [n] in: centroids believed near (others than 0..k-1 are ignored); out: the nearest
 */
DC4J_API dc4j_status dc4j_kmeans_reassign(dc4j_context* context, const dc4j_matrix* x,
                                          const dc4j_matrix* centroids, int32_t* labels,
                                          float* distances, double* objective);

/** dc4j_kmeans_reassign for rows whose labels are the result for other centroids: the same result,
 *  without comparing what cannot have changed. A row whose exact score to its own centroid did not
 *  rise since then needs no centroid that has not moved (in any bit).
 *  @param previous [k x d] the centroids for which labels are exact (else the result need not be);
 *  entries that are not finite have moved
 *  @param labels [n] in: nearest under previous (others than 0..k-1: unknown); out: nearest
 *  @param compared pairs of a row and a centroid that were compared, at most n k; or NULL */
DC4J_API dc4j_status dc4j_kmeans_follow(dc4j_context* context, const dc4j_matrix* x,
                                        const dc4j_matrix* centroids, const dc4j_matrix* previous,
                                        int32_t* labels, float* distances, double* objective,
                                        int64_t* compared);

/** Nearest and second-nearest centroid by the exact score; k >= 2.
 *  @param first, second [n] labels @param first_distances, second_distances [n] or both NULL */
DC4J_API dc4j_status dc4j_kmeans_assign2(dc4j_context* context, const dc4j_matrix* x,
                                         const dc4j_matrix* centroids, int32_t* first,
                                         int32_t* second, float* first_distances,
                                         float* second_distances);

/** centroids[j] = mean of the rows labelled j; a cluster without rows keeps the centroid it has.
 *  Sums are exact in 64-bit fixed point, so no order of rows or threads changes a bit: with
 *  s = 62 - ceil(log2(n + 1)) - exponent(max |x|), element v contributes round(v * 2^s).
 *  exponent(m) is the e of 2^(e-1) <= m < 2^e (0 for m = 0), the maximum runs over all of x,
 * round() goes to the nearest, ties to even; the mean is fp64 sum * 2^-s / count, rounded to fp32.
 *  @param x [n x d] @param labels [n]: in 0..k-1, or -1 for a row to leave out
 *  @param centroids [k x d], in and out @param counts [k] out */
DC4J_API dc4j_status dc4j_kmeans_update(dc4j_context* context, const dc4j_matrix* x,
                                        const int32_t* labels, dc4j_matrix* centroids,
                                        int64_t* counts);

/** The sums of dc4j_kmeans_update, kept from one iteration to the next (opaque; memory 8 k d + 8 k
 * + 4 n bytes): only rows whose label changed are added again. Not thread-safe. */
typedef struct dc4j_kmeans_sums dc4j_kmeans_sums;

/** Starts sums of k clusters over the rows x [n x d]; every row is in none of them. The context
 * must outlive them, and x must hold the same values at every update. Close with
 * dc4j_kmeans_sums_close.
 */
DC4J_API dc4j_status dc4j_kmeans_sums_begin(dc4j_context* context, const dc4j_matrix* x, int64_t k,
                                            dc4j_kmeans_sums** out);

/** dc4j_kmeans_update with what is already known: the same centroids and counts, bit for bit
 * (integer sums have no order).
 *  @param x [n x d] as at begin @param labels [n]: in 0..k-1, or -1 @param centroids [k x d], in
 * and out @param counts [k] out @param moved number of rows whose label changed since the last
 * update; n at most @return DC4J_INVALID_ARGUMENT leaves the sums as they were; after any other
 * error the next update sums all rows anew, all of which have then moved */
DC4J_API dc4j_status dc4j_kmeans_sums_update(dc4j_kmeans_sums* sums, const dc4j_matrix* x,
                                             const int32_t* labels, dc4j_matrix* centroids,
                                             int64_t* counts, int64_t* moved);

/** Closes sums; NULL is accepted. */
DC4J_API void dc4j_kmeans_sums_close(dc4j_kmeans_sums* sums);

/** How dc4j_kmeans_seed chooses. */
enum { DC4J_SEED_RANDOM = 0, DC4J_SEED_KMEANS_PLUS_PLUS = 1 };

/** Chooses k rows of x as first centroids: `random` = k distinct rows uniformly; `k-means++` =
 * first row uniformly, then row i with probability D_i^2 / sum D^2 (Arthur & Vassilvitskii 2007),
 * D_i^2 = min |x_i - c|^2 over the rows chosen so far, direct fp64 differences summed over lanes as
 * in the exact score.
 *
 * k-means++ draws in batches, by rejection, from the same distribution. W_i is D_i^2 when a batch
 * starts. L = min(256, max(8, n / 8)) candidates are drawn independently, row i with probability
 * W_i / sum W; each in turn is accepted where v W_i < D_i^2 (D_i^2 now, after those accepted before
 * it), v uniform in [0, 1), until k rows are chosen. Given any past, a candidate is row i and
 * accepted with probability (W_i / sum W) (D_i^2 / W_i), hence an accepted one is row i with
 * probability D_i^2 / sum D^2; that no batch goes on after L candidates does not depend on the
 * candidates. When all W are 0 the lowest rows not chosen yet are taken.
 *
 * Random numbers are words of Philox4x32-10(seed, counter): the first row takes words 0 and 1 of
 * counter 0, candidate q = 1, 2, ... over all batches words 0 and 1 of counter q for u, 2 and 3 for
 * v. The candidate is the first row i with W_i > 0 and W_0 + ... + W_i > u sum W in fp64, sums of
 * 1024 rows in order added in order; by rounding at the latest the last row with W_i > 0.
 *  @param x [n x d], n >= k @param centroids [k x d] out @param rows [k] chosen row ids, or NULL */
DC4J_API dc4j_status dc4j_kmeans_seed(dc4j_context* context, const dc4j_matrix* x, int32_t method,
                                      uint64_t seed, dc4j_matrix* centroids, int64_t* rows);

/** What dc4j_kmeans_fill_empty does with clusters of count 0. */
enum {
  /** Leaves the centroid where it is. */
  DC4J_EMPTY_KEEP = 0,
  /** FAISS: copies a donor chosen with probability (count - 1) / (n - k), multiplies alternate
   *  coordinates by 1 +- 1/1024 on both sides (to fp32's largest number at most) and halves the
   *  donor's count. */
  DC4J_EMPTY_FAISS = 1,
  /** Takes the rows farthest from their centroid, farthest first (lowest row on ties). */
  DC4J_EMPTY_FARTHEST = 2
};

/** Re-seeds clusters whose counts are 0.
 *  @param x [n x d] @param labels [n] @param distances [n] (both read by `farthest` only, else may
 * be NULL) @param centroids [k x d] in/out @param counts [k] in/out @param filled number of
 * clusters re-seeded */
DC4J_API dc4j_status dc4j_kmeans_fill_empty(dc4j_context* context, const dc4j_matrix* x,
                                            const int32_t* labels, const float* distances,
                                            int32_t policy, uint64_t seed, dc4j_matrix* centroids,
                                            int64_t* counts, int64_t* filled);

/* ---- neighbours ----------------------------------------------------------------------------- */

/** The m nearest rows of `base` for every query, by lowest (exact score, row): the score above with
 *  base rows in the place of centroids.
 *  @param queries [q x d] @param base [n x d]
 *  @param neighbours m >= 1; places beyond the available rows hold id -1, distance +inf
 *  @param exclude [q] a base row each query must not return (itself), -1 = none; or NULL
 *  @param ids [q x m] row-major @param distances [q x m] squared Euclidean, or NULL */
DC4J_API dc4j_status dc4j_nearest(dc4j_context* context, const dc4j_matrix* queries,
                                  const dc4j_matrix* base, int64_t neighbours,
                                  const int64_t* exclude, int64_t* ids, float* distances);

/** dc4j_nearest of x among its own rows, the same bits, in half the products: a product of two rows
 *  serves both. Memory besides the outputs: x twice at 1 (int8), 2 (int16) or 4 bytes an element
 * and 28 m + 900 bytes a row, up to 2 GiB; beyond that the work is dc4j_nearest's.
 *  @param x [n x d]
 *  @param neighbours m >= 1; places beyond the available rows hold id -1, distance +inf
 *  @param itself 1: a row may be among its own neighbours, 0: each row is excluded from its own
 *  @param ids [n x m] row-major @param distances [n x m] squared Euclidean, or NULL */
DC4J_API dc4j_status dc4j_nearest_self(dc4j_context* context, const dc4j_matrix* x,
                                       int64_t neighbours, int32_t itself, int64_t* ids,
                                       float* distances);

/* ---- objectives ----------------------------------------------------------------------------- */

/** Softmax cross-entropy of pseudo labels, for large k, with its gradient in one pass.
 *  loss = sum_i w_{y_i} (log sum_j exp z_ij - z_{i y_i}) / sum_i w_{y_i}; rows with a negative
 * label are left out of both sums; no row left gives loss 0 and gradient 0.
 *  @param logits [n x k] @param labels [n], negative or in 0..k-1
 *  @param class_weights [k] >= 0, or NULL for all 1
 *  @param gradient [n x k] d loss / d logits, may be NULL, must not overlap logits @param loss out
 */
DC4J_API dc4j_status dc4j_cross_entropy(dc4j_context* context, const dc4j_matrix* logits,
                                        const int32_t* labels, const float* class_weights,
                                        dc4j_matrix* gradient, double* loss);

/* ---- random numbers ------------------------------------------------------------------------- */

/** Philox4x32-10 (Salmon et al. 2011): out[i] for i in [0, count) are the 32-bit words of the
 * stream of `key`, four words to a 128-bit counter that starts at `counter`. No context: pure
 * function. */
DC4J_API dc4j_status dc4j_philox(uint64_t key, uint64_t counter, int64_t count, uint32_t* out);

#ifdef __cplusplus
}
#endif

#endif
