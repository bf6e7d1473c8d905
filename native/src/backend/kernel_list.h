// The one list of kernels. A line here makes the table slot (table.h), the declaration in the
// reference room and the declaration in every CPU tier; `reference` fills every slot, `cpu` starts
// from it and overrides slot by slot, `cuda` inherits nothing.
//
// DC4J_KERNEL(name, (parameters))
#ifndef DC4J_KERNEL
#error "define DC4J_KERNEL before including kernel_list.h"
#endif

DC4J_KERNEL(normalize_rows, (Workers & workers, ConstMatrix x, Matrix out))
// scatter [d x d] += sum (x_i - shift)(x_i - shift)^T (upper triangle), sum [d] += sum (x_i -
// shift)
DC4J_KERNEL(covariance_add, (Workers & workers, ConstMatrix x, const float* shift,
                             Precision precision, double* scatter, double* sum))
// T = Q' A Q; matrix [n x n] and factors [n - 1] hold Q's reflections then, as LAPACK's dsytrd
// leaves them. All on the host
DC4J_KERNEL(tridiagonalise, (Workers & workers, int64_t n, double* matrix, double* diagonal,
                             double* beside, double* factors))
// Of a tridiagonal matrix, the largest; all on the host
DC4J_KERNEL(tridiagonal_values, (Workers & workers, int64_t n, const double* diagonal,
                                 const double* beside, int64_t wanted, double* values))
DC4J_KERNEL(whiten_apply, (Workers & workers, ConstMatrix x, ConstMatrix mean,
                           ConstMatrix transform, bool l2_normalize, Matrix out))
// hints [n]: centroids believed near, or NULL; may be labels itself
DC4J_KERNEL(kmeans_assign,
            (Workers & workers, ConstMatrix x, ConstMatrix centroids, const int32_t* hints,
             int32_t* labels, float* distances, double* objective))
DC4J_KERNEL(kmeans_follow,
            (Workers & workers, ConstMatrix x, ConstMatrix centroids, ConstMatrix previous,
             int32_t* labels, float* distances, double* objective, int64_t* compared))
DC4J_KERNEL(kmeans_assign2,
            (Workers & workers, ConstMatrix x, ConstMatrix centroids, int32_t* first,
             int32_t* second, float* first_distances, float* second_distances))
DC4J_KERNEL(kmeans_update, (Workers & workers, ConstMatrix x, const int32_t* labels,
                            Matrix centroids, int64_t* counts))
// max |x|; throws where x is not finite
DC4J_KERNEL(largest_magnitude, (Workers & workers, ConstMatrix x, const char* name, float* largest))
// Takes rows whose label changed from the sums [k x d] of one cluster to those of the other: rows
// in fixed point (core/fixed_point.h), label -1 = no cluster. counts [k] follow; moved: such rows.
DC4J_KERNEL(kmeans_move,
            (Workers & workers, ConstMatrix x, const int32_t* before, const int32_t* after,
             int64_t clusters, int shift, int64_t* sums, int64_t* counts, int64_t* moved))
// The means of such sums; clusters without rows keep their centroid.
DC4J_KERNEL(kmeans_means, (Workers & workers, const int64_t* sums, const int64_t* counts, int shift,
                           Matrix centroids))
DC4J_KERNEL(kmeans_seed, (Workers & workers, ConstMatrix x, int32_t method, uint64_t seed,
                          Matrix centroids, int64_t* rows))
DC4J_KERNEL(kmeans_fill_empty,
            (Workers & workers, ConstMatrix x, const int32_t* labels, const float* distances,
             int32_t policy, uint64_t seed, Matrix centroids, int64_t* counts, int64_t* filled))
DC4J_KERNEL(nearest, (Workers & workers, ConstMatrix queries, ConstMatrix base, int64_t neighbours,
                      const int64_t* exclude, int64_t* ids, float* distances))
DC4J_KERNEL(nearest_self, (Workers & workers, ConstMatrix x, int64_t neighbours, bool itself,
                           int64_t* ids, float* distances))
DC4J_KERNEL(cross_entropy, (Workers & workers, ConstMatrix logits, const int32_t* labels,
                            const float* class_weights, Matrix gradient, double* loss))
DC4J_KERNEL(ratio_loss,
            (Workers & workers, ConstMatrix x, ConstMatrix centroids, const int32_t* first,
             const int32_t* second, double epsilon, Matrix gradient, double* loss))
DC4J_KERNEL(info_nce, (Workers & workers, ConstMatrix x, ConstMatrix memory, const int32_t* labels,
                       double temperature, Precision precision, Matrix gradient, double* loss))
DC4J_KERNEL(label_preserving_loss,
            (Workers & workers, ConstMatrix x, const int32_t* labels, ConstMatrix supports,
             const int32_t* support_labels, double temperature, Matrix gradient,
             Matrix support_gradient, double* loss))
DC4J_KERNEL(memory_update, (Workers & workers, Matrix memory, ConstMatrix x, const int32_t* labels,
                            bool hardest, float old_weight, float new_weight))
// own, other [n] rows of the memory, -1 = the row is not moved
DC4J_KERNEL(extend_rows, (Workers & workers, ConstMatrix x, ConstMatrix memory, const int32_t* own,
                          const int32_t* other, double lambda, Matrix supports))
DC4J_KERNEL(extend_rows_gradient,
            (Workers & workers, ConstMatrix x, ConstMatrix memory, const int32_t* own,
             const int32_t* other, double lambda, ConstMatrix support_gradient, Matrix gradient))
DC4J_KERNEL(add_scaled, (Workers & workers, ConstMatrix x, double scale, Matrix out))
DC4J_KERNEL(jaccard, (Workers & workers, ConstMatrix x, const int64_t* ids, int64_t k1, int64_t k2,
                      Graph& graph))
DC4J_KERNEL(dbscan, (Workers & workers, const Graph& graph, float eps, int64_t min_samples,
                     int32_t* labels, int64_t* clusters))
DC4J_KERNEL(pic, (Workers & workers, const int64_t* ids, ConstMatrix distances,
                  const dc4j_pic_options& options, int32_t* labels, int64_t* clusters))
DC4J_KERNEL(images_apply,
            (Workers & workers, int64_t n, const dc4j_image* images, const dc4j_image_view* views,
             const dc4j_image_output& output, Matrix batch))
