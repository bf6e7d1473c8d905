#include "backend/table.h"
namespace dc4j {
namespace reference {
void images_apply(Workers&, int64_t, const dc4j_image*, const dc4j_image_view*,
                  const dc4j_image_output&, Matrix) {}
}  // namespace reference
}  // namespace dc4j
