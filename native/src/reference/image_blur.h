// Gaussian blur of 8-bit pictures as Pillow's GaussianBlur: three passes of an extended box filter
// along the rows, then three along the columns (Gwosdek, Grewenig, Bruhn, Weickert 2011, equations
// 11 and 14: a box of whole radius r and a fraction of the two pixels beyond it, whose variance is
// a third of the Gaussian's). A pass, in 24-bit fixed point:
//   out_x = (inner sum_{|d| <= r} in_{x+d} + outer (in_{x-r-1} + in_{x+r+1}) + 2^23) >> 24,
// pixels outside being the nearest ones inside. The radius is fp32, as Pillow keeps it.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

namespace dc4j {
namespace reference {

struct Picture {
  int height, width, channels;
  std::vector<uint8_t> data;
  Picture(int h, int w, int c)
      : height(h), width(w), channels(c), data(static_cast<size_t>(h) * w * c) {}
  int64_t offset(int y, int x, int c) const {
    return (static_cast<int64_t>(y) * width + x) * channels + c;
  }
  uint8_t& at(int y, int x, int c) { return data[offset(y, x, c)]; }
  int at(int y, int x, int c) const { return data[offset(y, x, c)]; }
};

inline int clampTo(int value, int size) { return value < 0 ? 0 : value >= size ? size - 1 : value; }

struct Box {
  int radius;
  uint32_t inner, outer;
};

inline Box boxOf(double deviation) {
  const float sigma = static_cast<float>(deviation);
  const float variance = sigma * sigma / 3;
  const float length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const float whole = static_cast<float>(std::floor((length - 1.0) / 2.0));
  float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  fraction /= 6 * (variance - (whole + 1) * (whole + 1));
  const float radius = whole + fraction;
  Box box;
  box.radius = static_cast<int>(radius);
  box.inner = static_cast<uint32_t>(static_cast<float>(1 << 24) / (radius * 2 + 1));
  box.outer = ((1u << 24) - static_cast<uint32_t>(box.radius * 2 + 1) * box.inner) / 2;
  return box;
}

/** One pass along the columns (down = 1) or the rows (down = 0). */
inline Picture boxPass(const Picture& in, const Box& box, int down) {
  Picture out(in.height, in.width, in.channels);
  for (int y = 0; y < in.height; y++) {
    for (int x = 0; x < in.width; x++) {
      for (int c = 0; c < in.channels; c++) {
        const auto pixel = [&](int d) {
          return static_cast<uint32_t>(down != 0 ? in.at(clampTo(y + d, in.height), x, c)
                                                 : in.at(y, clampTo(x + d, in.width), c));
        };
        uint32_t sum = 0;
        for (int d = -box.radius; d <= box.radius; d++) sum += pixel(d);
        const uint32_t ends = pixel(-box.radius - 1) + pixel(box.radius + 1);
        out.at(y, x, c) =
            static_cast<uint8_t>((sum * box.inner + ends * box.outer + (1u << 23)) >> 24);
      }
    }
  }
  return out;
}

/** The picture blurred; as it is for 0. */
inline Picture blurred(const Picture& in, double deviation) {
  if (deviation == 0) return in;
  const Box box = boxOf(deviation);
  Picture out = in;
  for (int pass = 0; pass < 6; pass++) out = boxPass(out, box, pass < 3 ? 0 : 1);
  return out;
}

}  // namespace reference
}  // namespace dc4j
