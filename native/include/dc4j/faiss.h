/* FAISS (https://github.com/facebookresearch/faiss, MIT licence) as a second engine, in a library
 * of its own: libdc4j_faiss.so, there only if the build found FAISS >= 1.7.3. It needs nothing of
 * libdc4j. Conventions:
 *  - Matrices are dense row-major fp32: row i of x [n x d] starts at x + i * d. They are read
 *    during the call only; outputs are caller-allocated and overlap no input. A pointer may be NULL
 *    only if it stands for no element.
 *  - Rows with NaN or infinity give DC4J_NOT_FINITE naming the first; rows of a norm above 2^61
 *    DC4J_INVALID_ARGUMENT, since FAISS sums squared distances in fp32.
 *  - threads: 1..1024 threads for this call, of FAISS's OpenMP team and of OpenBLAS; 0 = all cores
 *    this process may use. Both settings are put back afterwards. FAISS rounds in fp32 and may
 *    group sums by thread: unlike those of kernels.h, its results may depend on the thread count.
 *  - device: DC4J_FAISS_CPU, or the ordinal of a CUDA device that FAISS's GPU part can use
 *    (dc4j_faiss_gpu_status; DC4J_UNSUPPORTED with the reason where it cannot; nothing falls back).
 *    With a device rows may lie in host memory or on that device, complete when the call is made:
 *    such rows stay there. Outputs always lie in host memory, and are complete when the call
 *    returns. Rows on a device that an index elsewhere is given, and outputs on a device, are
 *    DC4J_INVALID_ARGUMENT. FAISS takes workspace (up to 1.5 GiB of the device, 256 MiB of pinned
 *    host memory) with the first index of a device and keeps it. On a device FAISS runs one call at
 * a time; what fails there past its checks (a kernel, a copy) ends the process, since FAISS
 * asserts.
 *  - What FAISS itself refuses is DC4J_INVALID_ARGUMENT with FAISS's own words. */
#ifndef DC4J_FAISS_H
#define DC4J_FAISS_H

#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Raised whenever a signature or a struct of this header changes; the Java side refuses another.
 */
#define DC4J_FAISS_ABI_VERSION 2

/** ABI version this library was built with. */
DC4J_API int32_t dc4j_faiss_abi_version(void);

/** Version of the FAISS inside, for example "1.7.3"; static storage. */
DC4J_API const char* dc4j_faiss_version(void);

/** As dc4j_last_error(), for the functions of this header. */
DC4J_API const char* dc4j_faiss_last_error(void);

/** The device of what FAISS computes on the CPU. */
enum { DC4J_FAISS_CPU = -1 };

/** Why FAISS cannot use CUDA device `device` (built without its GPU part, no driver, no such
 * device, no cuBLAS, ...), or "" where it can. The calling thread's until its next call. */
DC4J_API const char* dc4j_faiss_gpu_status(int32_t device);

/* ---- index ---------------------------------------------------------------------------------- */

/** An index with its vectors (opaque). One call at a time, except that searches and the getters may
 *  run concurrently with each other. */
typedef struct dc4j_faiss_index dc4j_faiss_index;

/** How vectors are compared: largest inner product, or smallest squared Euclidean distance. */
enum { DC4J_FAISS_INNER_PRODUCT = 0, DC4J_FAISS_L2 = 1 };

/** A new, empty index.
 *  @param dims d, 1..2^20
 *  @param description a factory string of FAISS, of the kinds whose numbers can be checked before
 *    FAISS sees them (it does not check them itself). Any number of transforms, then one kind:
 *      transforms  "PCA<o>,"  "PCAR<o>,"  to o columns, 1..d;  "L2norm,"
 *      "Flat"                      exact
 *      "SQ8" "SQ6" "SQ4" "SQfp16"  scalar quantiser
 *      "PQ<m>" "PQ<m>x<b>"         product quantiser: m parts (a divisor of d) of b bits, 4..12
 *                                  (in lists 4..8), default 8
 *      "HNSW<m>" "HNSW<m>,SQ8" ..  graph with m links, 2..256, over Flat or a scalar quantiser
 *      "IVF<n>,Flat" "IVF<n>,SQ8" .. "IVF<n>,PQ<m>" .. inverted lists, n in 1..2^20
 *  @param metric DC4J_FAISS_L2 or DC4J_FAISS_INNER_PRODUCT
 *  @param device DC4J_FAISS_CPU or a CUDA device: there "Flat" and "IVF<n>,Flat" alone
 *  @param out receives the index; close with dc4j_faiss_index_close */
DC4J_API dc4j_status dc4j_faiss_index_create(int64_t dims, const char* description, int32_t metric,
                                             int32_t device, dc4j_faiss_index** out);

/** Frees an index; NULL is accepted. */
DC4J_API void dc4j_faiss_index_close(dc4j_faiss_index* index);

/** Width of the vectors (d). */
DC4J_API int64_t dc4j_faiss_index_dims(const dc4j_faiss_index* index);

/** Number of vectors (n). */
DC4J_API int64_t dc4j_faiss_index_size(const dc4j_faiss_index* index);

/** DC4J_FAISS_L2 or DC4J_FAISS_INNER_PRODUCT. */
DC4J_API int32_t dc4j_faiss_index_metric(const dc4j_faiss_index* index);

/** The CUDA device the vectors lie on, or DC4J_FAISS_CPU. */
DC4J_API int32_t dc4j_faiss_index_device(const dc4j_faiss_index* index);

/** 1 if vectors can be added, 0 if the index must be trained first. */
DC4J_API int32_t dc4j_faiss_index_is_trained(const dc4j_faiss_index* index);

/** Learns what the index needs (lists, code books, rotations) from x [n x dims]; no vector is
 * added. Nothing happens where nothing is to be learnt. The index must be empty. FAISS wants at
 * least as many rows as lists and as code words. */
DC4J_API dc4j_status dc4j_faiss_index_train(dc4j_faiss_index* index, const float* x, int64_t n,
                                            int64_t dims, int32_t threads);

/** Appends x [n x dims]; the first vector ever added has id 0. The index must be trained. */
DC4J_API dc4j_status dc4j_faiss_index_add(dc4j_faiss_index* index, const float* x, int64_t n,
                                          int64_t dims, int32_t threads);

/** The `neighbours` best vectors for each query, best first. Places for which FAISS finds none have
 *  id -1 and distance +infinity (L2) or -infinity (inner product).
 *  @param queries [q x dims] @param neighbours m >= 1 (on a CUDA device FAISS finds at most 2048)
 *  @param ids [q x m] @param distances [q x m] squared distances, or inner products */
DC4J_API dc4j_status dc4j_faiss_index_search(const dc4j_faiss_index* index, const float* queries,
                                             int64_t q, int64_t dims, int64_t neighbours,
                                             int32_t threads, int64_t* ids, float* distances);

/** Sets a search parameter through faiss::ParameterSpace: "nprobe", the lists looked at (IVF,
 *  1..their number; on a CUDA device at most 2048), or "efSearch", the breadth of the graph search
 * (HNSW, 1..2^20). */
DC4J_API dc4j_status dc4j_faiss_index_set(dc4j_faiss_index* index, const char* parameter,
                                          int64_t value);

/** Writes the index to a file: FAISS's own bytes (which FAISS reads in any language), then 32
 * bytes: "DC4JFAIS", format 1, the number of FAISS's bytes, their check sum (three little-endian
 * 64-bit numbers). The check sum runs over 64-bit little-endian words w (the last one filled up
 * with zeros): h = 0xcbf29ce484222325 at first, then h = (h ^ w) * 0x9e3779b97f4a7c15, h ^= h
 * >> 32. The file is written under another name beside `path`, forced to disk and renamed. */
DC4J_API dc4j_status dc4j_faiss_index_save(const dc4j_faiss_index* index, const char* path);

/** Reads what dc4j_faiss_index_save wrote, on whatever device, into an index on the CPU. FAISS does
 * not check what it reads, so a file without the last 32 bytes or with another check sum is
 * refused: DC4J_INVALID_ARGUMENT, as for a file that cannot be read. */
DC4J_API dc4j_status dc4j_faiss_index_load(const char* path, dc4j_faiss_index** out);

/* ---- k-means -------------------------------------------------------------------------------- */

/** Parameters of faiss::Clustering, by its names. */
typedef struct dc4j_faiss_kmeans_options {
  /** Lloyd iterations, 1..2^20. */
  int32_t niter;
  /** Runs from other first centroids, of which the best is kept, 1..64. */
  int32_t nredo;
  /** 0..2^30 - 1. */
  int32_t seed;
  /** Not 0: unit centroids, compared by inner product (rows should be unit rows). */
  int32_t spherical;
  /** FAISS draws k times as many rows and ignores the others, 1..2^31 - 1; its default is 256. */
  int32_t max_points_per_centroid;
  /** DC4J_FAISS_CPU, or the CUDA device that searches. The update of the centroids is FAISS's own
   * on the CPU; for rows on the device it is done there, with the same results. */
  int32_t device;
} dc4j_faiss_kmeans_options;

/** faiss::Clustering of x over an exact index, then one assignment of all rows to the centroids.
 *  With k == n FAISS copies the rows and iterates not at all.
 *  @param x [n x d], d in 1..2^20, n < 2^31
 *  @param centroids [k x d], 1 <= k <= n
 *  @param labels [n], 0..k-1
 *  @param distances [n] squared distance to the centroid, or with spherical the inner product
 *  @param objective sum of distances, fp64
 *  @param objectives [niter] FAISS's sum (of the rows it drew) before each update of the best run
 *  @param iterations how many of `objectives` were written */
DC4J_API dc4j_status dc4j_faiss_kmeans(const float* x, int64_t n, int64_t d, int64_t k,
                                       const dc4j_faiss_kmeans_options* options, int32_t threads,
                                       float* centroids, int32_t* labels, float* distances,
                                       double* objective, double* objectives, int32_t* iterations);

/* ---- PCA ------------------------------------------------------------------------------------ */

/** A trained faiss::PCAMatrix (opaque). Thread-safe. */
typedef struct dc4j_faiss_pca dc4j_faiss_pca;

/** Trains on x [n x d] (FAISS draws 1000 d rows where there are more).
 *  @param components o, 1..min(d, n - 1)
 *  @param whiten not 0: components are divided by the square root of their eigenvalue. DC4J_NUMERIC
 *    if one of them is not positive.
 *  @param out receives the PCA; close with dc4j_faiss_pca_close */
DC4J_API dc4j_status dc4j_faiss_pca_train(const float* x, int64_t n, int64_t d, int64_t components,
                                          int32_t whiten, int32_t threads, dc4j_faiss_pca** out);

/** Frees a PCA; NULL is accepted. */
DC4J_API void dc4j_faiss_pca_close(dc4j_faiss_pca* pca);

/** Width of the rows it takes (d). */
DC4J_API int64_t dc4j_faiss_pca_dims(const dc4j_faiss_pca* pca);

/** Width of the rows it gives (o). */
DC4J_API int64_t dc4j_faiss_pca_components(const dc4j_faiss_pca* pca);

/** eigenvalues [o], largest first: of the scatter sum (x_i - mean)(x_i - mean)^T, which FAISS does
 *  not divide by the number of rows. */
DC4J_API dc4j_status dc4j_faiss_pca_eigenvalues(const dc4j_faiss_pca* pca, float* eigenvalues);

/** out_i = A (x_i - mean). @param x [n x d] @param out [n x o] */
DC4J_API dc4j_status dc4j_faiss_pca_apply(const dc4j_faiss_pca* pca, const float* x, int64_t n,
                                          int64_t d, int32_t threads, float* out);

#ifdef __cplusplus
}
#endif

#endif
