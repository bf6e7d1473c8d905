// Compiled once per ISA tier (DC4J_TIER names it): the slots this tier overrides.
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

void install(KernelTable& table) {
  installSearch(table);
  installProducts(table);
  table.normalize_rows = normalize_rows;
  table.tridiagonalise = tridiagonalise;
  table.tridiagonal_values = tridiagonal_values;
  table.images_apply = images_apply;
  table.whiten_apply = whiten_apply;
  table.largest_magnitude = largest_magnitude;
  table.kmeans_means = kmeans_means;
  table.kmeans_move = kmeans_move;
  table.kmeans_update = kmeans_update;
  table.cross_entropy = cross_entropy;
  table.ratio_loss = ratio_loss;
  table.label_preserving_loss = label_preserving_loss;
  table.memory_update = memory_update;
  table.extend_rows = extend_rows;
  table.extend_rows_gradient = extend_rows_gradient;
  table.add_scaled = add_scaled;
  table.jaccard = jaccard;
  table.dbscan = dbscan;
  table.pic = pic;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
