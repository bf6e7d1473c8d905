/* Losses of embeddings with their gradients, and the update of the memory they compare with. The
 * conventions of kernels.h hold. Whatever a loss compares with (centroids, memory) and whatever it
 * picked (labels, hardest samples) is constant in the gradient. */
#ifndef DC4J_LOSSES_H
#define DC4J_LOSSES_H

#include <dc4j/context.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Distance to the nearest centroid over distance to the second nearest (Yang, Yan, Wang 2022).
 *  With a_i = x_i - c_first, b_i = x_i - c_second, u = |a_i|, v = |b_i| from direct differences in
 *  fp64 and w = sqrt(v^2 + epsilon^2):
 *    loss = (1/n') sum_i u/w,  gradient_i = (1/n') (a_i / (max(u, epsilon) w) - u b_i / w^3).
 *  epsilon bounds the gradient where a distance vanishes: it is exact for u >= epsilon and goes
 *  linearly to 0 at x_i = c_first. Two labelled centroids of equal entries make a ratio of 1
 *  wherever x_i lies: term 1, gradient 0. n' counts the rows that are not left out; none gives loss
 *  0 and gradient 0. Centroids that no counted row names are not read.
 *  @param x [n x d] @param centroids [k x d], k < 2^31
 *  @param first, second [n] as from dc4j_kmeans_assign2: in 0..k-1 and different, or either -1 for
 *                       a row to leave out
 *  @param epsilon 1e-30..1e30, a length; 1e-6 suits rows of length 1
 *  @param gradient [n x d] d loss / d x, or NULL @param loss out */
DC4J_API dc4j_status dc4j_ratio_loss(dc4j_context* context, const dc4j_matrix* x,
                                     const dc4j_matrix* centroids, const int32_t* first,
                                     const int32_t* second, double epsilon, dc4j_matrix* gradient,
                                     double* loss);

/** InfoNCE over a memory (van den Oord et al. 2018; Cluster-Contrast, Dai et al. 2021): softmax
 *  cross-entropy of z_ij = x_i.c_j / temperature, in one pass over C and never n x k.
 *    loss = (1/n') sum_i (log sum_j exp z_ij - z_{i y_i}),
 *    gradient_i = 1 / (n' temperature) (sum_j softmax_ij c_j - c_{y_i}).
 *  n' counts the rows that are not left out; none gives loss 0 and gradient 0. Dot products are
 *  fp32 sums (those with the row's own label fp64): a logit is off by about 2^-22 |x_i| |c_j| /
 *  temperature. For rows of length 1 and temperatures from 0.05 that keeps every gradient row
 *  within 1e-5 of its length. Rows need not have length 1.
 *  @param x [n x d] @param memory C [k x d], k < 2^31
 *  @param labels [n] in 0..k-1, or -1 for a row to leave out
 *  @param temperature 1e-6..1e6
 *  @param precision DC4J_PRECISION_FP32, or DC4J_PRECISION_FAST: scores from int16 rows with a
 * scale each (exact sums), softmax weights and memory rows in bf16 for the gradient; on a GPU from
 * d = 256 all products are of fp16 factors with fp32 sums. For rows of length 1 and temperatures
 * from 0.05 the loss is within 1e-4 and every gradient row within 2e-3 of its length; within 8e-3
 * for memories of fewer than 100 rows, whose roundings do not average out.
 *  @param gradient [n x d] d loss / d x, or NULL @param loss out */
DC4J_API dc4j_status dc4j_info_nce(dc4j_context* context, const dc4j_matrix* x,
                                   const dc4j_matrix* memory, const int32_t* labels,
                                   double temperature, int32_t precision, dc4j_matrix* gradient,
                                   double* loss);

/** The label-preserving loss of implicit sample extension (Zhang et al. 2022, ISE): a row stays
 *  closer to its hardest own support than to the hardest of every other label.
 *    E_ij = exp(x_i.s_j / temperature), P_i = min over supports j with row i's label,
 *    Q_ig = max over supports j with another label g,
 *    loss = -(1/n') sum_i log(R_i + 1e-6),  R_i = P_i / (P_i + sum_g Q_ig + 1e-6).
 *  Dot products and all sums are fp64; the picks are the same on every backend, ties go to the
 *  lowest support, and the gradient passes through the picked supports alone. n' counts the rows
 *  with a label that a support has; the others are left out; none gives loss 0 and gradients 0.
 *  @param x [n x d] @param labels [n] >= 0, or -1 for a row to leave out
 *  @param supports s [m x d] @param support_labels [m] >= 0, or -1 for one to leave out
 *  @param temperature 1e-6..1e6
 *  @param gradient [n x d] d loss / d x, or NULL
 *  @param support_gradient [m x d] d loss / d s, or NULL @param loss out */
DC4J_API dc4j_status dc4j_label_preserving_loss(dc4j_context* context, const dc4j_matrix* x,
                                                const int32_t* labels, const dc4j_matrix* supports,
                                                const int32_t* support_labels, double temperature,
                                                dc4j_matrix* gradient,
                                                dc4j_matrix* support_gradient, double* loss);

/** Implicit support samples (Zhang et al. 2022, ISE): a row is moved from its own memory row
 *  towards another.
 *    v_i = x_i + lambda (c_other - c_own), s_i = v_i / |v_i|; v_i = x_i where own or other is -1;
 *    a v_i of length 0 gives 0.
 *  fp64 without fused multiply-adds, |v_i|^2 over 32 lanes as in the exact score, s rounded to
 * fp32: the same bits on every backend, tier and thread count.
 *  @param x [n x d] @param memory C [k x d], k < 2^31
 *  @param own, other [n] in 0..k-1, or -1 @param lambda 0..1e6
 *  @param supports s [n x d] out */
DC4J_API dc4j_status dc4j_extend_rows(dc4j_context* context, const dc4j_matrix* x,
                                      const dc4j_matrix* memory, const int32_t* own,
                                      const int32_t* other, double lambda, dc4j_matrix* supports);

/** Sends the gradient of supports back to the rows that dc4j_extend_rows made them from, the memory
 *  being constant:
 *    gradient_i += (g_i - (g_i.s_i) s_i) / |v_i|,   g = support_gradient,
 *  with v and s of dc4j_extend_rows in fp64; nothing is added where |v_i| is 0. The same bits
 *  everywhere, as there.
 *  @param x, memory, own, other, lambda as there
 *  @param support_gradient d loss / d s [n x d] @param gradient [n x d] in and out */
DC4J_API dc4j_status dc4j_extend_rows_gradient(dc4j_context* context, const dc4j_matrix* x,
                                               const dc4j_matrix* memory, const int32_t* own,
                                               const int32_t* other, double lambda,
                                               const dc4j_matrix* support_gradient,
                                               dc4j_matrix* gradient);

/** out_i += scale x_i, in fp64 without a fused multiply-add, rounded to fp32: how the gradient of a
 *  weighted sum of losses comes together. The same bits everywhere.
 *  @param x [n x d] @param scale finite @param out [n x d] in and out */
DC4J_API dc4j_status dc4j_add_scaled(dc4j_context* context, const dc4j_matrix* x, double scale,
                                     dc4j_matrix* out);

/** Which samples dc4j_memory_update takes in (Cluster-Contrast, Dai et al. 2021). */
enum {
  /** Every sample in batch order, c_y renormalised after each. */
  DC4J_MEMORY_CM = 0,
  /** One sample per label: that of smallest dot product with c_y before the call (the lowest row on
   *  ties). */
  DC4J_MEMORY_CM_HARD = 1
};

/** Momentum update of a memory: v = old_weight c_y + (1 - old_weight) x_i, c_y = v / |v|.
 *  v is computed in fp32, both products and their sum rounded, |v| is an fp64 sum over 32 lanes as
 *  in the exact score, c_y = v (1 / |v|) in fp64, rounded to fp32: the same bits on every backend,
 *  tier and thread count as sample after sample in batch order. A v of length 0 leaves c_y as it
 *  is. Memory rows that no label names are neither read nor written.
 *  @param memory C [k x d] in and out, k < 2^31 @param x [n x d]
 *  @param labels [n] in 0..k-1, or -1 for a row to skip
 *  @param mode DC4J_MEMORY_CM or DC4J_MEMORY_CM_HARD
 *  @param old_weight 0..1, taken as fp32: the share of the old c_y that stays (0.1 keeps a tenth)
 */
DC4J_API dc4j_status dc4j_memory_update(dc4j_context* context, dc4j_matrix* memory,
                                        const dc4j_matrix* x, const int32_t* labels, int32_t mode,
                                        double old_weight);

#ifdef __cplusplus
}
#endif

#endif
