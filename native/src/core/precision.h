// What the products of a kernel are computed in: dc4j/context.h.
#pragma once

namespace dc4j {

enum class Precision { fp32, fast };

}  // namespace dc4j
