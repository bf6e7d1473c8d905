// Views of images, pixel by pixel as written down, the judge of the other backends.
//
// Resize, per axis: scale = box / out, stretch = max(scale, 1), centre_i = begin + (i + 1/2) scale,
//   weight_ij = f((j + 1/2 - centre_i) / stretch) over |j + 1/2 - centre_i| <= support * stretch,
//   normalised to sum 1 and rounded to 22 fractional bits; a pass gives
//   (sum_j weight_ij pixel_j + 2^21) >> 22 clamped to 0..255: columns first, then rows of
//   those 8 bits.
// Rotation: inverse affine map of the pixel centre, bilinear in fp64, truncated; 0 outside.
// Brightness, contrast, saturation: base + factor (pixel - base) in fp32, clamped, truncated, base
//   being 0, the rounded mean luma, the pixel's luma: luma = (19595 R + 38470 G + 7471 B + 2^15)
//   >> 16.
// Hue: 8-bit HSV, hue byte + trunc(255 hue) modulo 256, back.
// Blur: see reference/image_blur.h.
// Output: (pixel / 255 - mean) / deviation in fp64, rounded once to fp32; the fill in an erased
//   rectangle. Sobel in fp32 on those values, the mean of three channels as ((v0 + v1) + v2) / 3.
#include <cmath>
#include <vector>

#include "backend/table.h"
#include "reference/image_blur.h"

namespace dc4j {
namespace reference {
namespace {

/** The source pixels of one output position along one axis. */
struct Taps {
  int first = 0;
  std::vector<int64_t> weights;
};

double filterValue(int filter, double x) {
  x = std::fabs(x);
  if (filter == DC4J_BILINEAR) return x < 1 ? 1 - x : 0;
  const double a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

// Pillow keeps the box in fp32, hence the type of begin and end.
Taps tapsOf(int size, float begin, float end, int out_size, int position, int filter) {
  const double scale = static_cast<double>(end - begin) / out_size;
  const double stretch = scale < 1 ? 1 : scale;
  const double support = (filter == DC4J_BILINEAR ? 1 : 2) * stretch;
  const double centre = begin + (position + 0.5) * scale;
  const double shrink = 1 / stretch;
  int first = static_cast<int>(centre - support + 0.5);
  int last = static_cast<int>(centre + support + 0.5);
  if (first < 0) first = 0;
  if (last > size) last = size;
  std::vector<double> values;
  double sum = 0;
  for (int j = first; j < last; j++) {
    values.push_back(filterValue(filter, (j - centre + 0.5) * shrink));
    sum += values.back();
  }
  Taps taps;
  taps.first = first;
  for (double value : values) {
    const double fixed = (sum != 0 ? value / sum : value) * (1 << 22);
    taps.weights.push_back(static_cast<int64_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
  }
  return taps;
}

int rounded(int64_t sum) {
  const int64_t value = (sum + (1 << 21)) >> 22;
  return static_cast<int>(value < 0 ? 0 : value > 255 ? 255 : value);
}

int resized(const dc4j_image& image, const Taps& row, const Taps& column, int channel) {
  int64_t down = 0;
  for (size_t i = 0; i < row.weights.size(); i++) {
    int64_t across = 0;
    for (size_t j = 0; j < column.weights.size(); j++) {
      const int64_t y = row.first + static_cast<int64_t>(i);
      const int64_t x = column.first + static_cast<int64_t>(j);
      across += column.weights[j] * image.data[(y * image.width + x) * image.channels + channel];
    }
    down += row.weights[i] * rounded(across);
  }
  return rounded(down);
}

Picture resizeAndWindow(const dc4j_image& image, const dc4j_image_view& view, int height,
                        int width) {
  Picture out(height, width, image.channels);
  const float left = static_cast<float>(view.box_left);
  const float right = static_cast<float>(view.box_left + view.box_width);
  const float top = static_cast<float>(view.box_top);
  const float bottom = static_cast<float>(view.box_top + view.box_height);
  std::vector<Taps> columns(width);
  for (int x = 0; x < width; x++) {
    const int at = view.window_left + x - view.pad;
    if (at < 0 || at >= view.resize_width) continue;
    columns[x] = tapsOf(image.width, left, right, view.resize_width, at, view.filter);
  }
  for (int y = 0; y < height; y++) {
    const int at = view.window_top + y - view.pad;
    if (at < 0 || at >= view.resize_height) continue;
    const Taps row = tapsOf(image.height, top, bottom, view.resize_height, at, view.filter);
    for (int x = 0; x < width; x++) {
      if (columns[x].weights.empty()) continue;
      for (int c = 0; c < image.channels; c++) {
        out.at(y, x, c) = static_cast<uint8_t>(resized(image, row, columns[x], c));
      }
    }
  }
  return out;
}

// x * 1e15 has only three fractional bits left, so a product next to a tie can land on it (cos 135
// degrees does): the rounded integer is checked with the exact product.
double roundTo15Digits(double x) {
  const double product = x * 1e15, lost = std::fma(x, 1e15, -product);
  double whole = std::rint(product);
  const double rest = (product - whole) + lost;
  if (rest > 0.5) whole += 1;
  if (rest < -0.5) whole -= 1;
  return whole / 1e15;
}

Picture rotate(const Picture& in, double degrees) {
  double angle = std::fmod(degrees, 360.0);
  if (angle < 0) angle += 360;
  if (angle == 0) return in;
  const double radians = -(angle * (M_PI / 180));
  const double cosine = roundTo15Digits(std::cos(radians));
  const double sine = roundTo15Digits(std::sin(radians));
  const double cx = in.width / 2.0, cy = in.height / 2.0;
  const double shift_x = cosine * -cx + sine * -cy + cx;
  const double shift_y = -sine * -cx + cosine * -cy + cy;
  Picture out(in.height, in.width, in.channels);
  for (int y = 0; y < in.height; y++) {
    for (int x = 0; x < in.width; x++) {
      double sx = cosine * (x + 0.5) + sine * (y + 0.5) + shift_x;
      double sy = -sine * (x + 0.5) + cosine * (y + 0.5) + shift_y;
      if (!(sx >= 0 && sx < in.width && sy >= 0 && sy < in.height)) continue;
      sx -= 0.5;
      sy -= 0.5;
      const int x0 = static_cast<int>(std::floor(sx)), y0 = static_cast<int>(std::floor(sy));
      const double dx = sx - x0, dy = sy - y0;
      const int xa = clampTo(x0, in.width), xb = clampTo(x0 + 1, in.width);
      const int ya = clampTo(y0, in.height), yb = clampTo(y0 + 1, in.height);
      for (int c = 0; c < in.channels; c++) {
        const double upper = in.at(ya, xa, c) + (in.at(ya, xb, c) - in.at(ya, xa, c)) * dx;
        const double lower = in.at(yb, xa, c) + (in.at(yb, xb, c) - in.at(yb, xa, c)) * dx;
        out.at(y, x, c) = static_cast<uint8_t>(upper + (lower - upper) * dy);
      }
    }
  }
  return out;
}

Picture mirror(const Picture& in) {
  Picture out(in.height, in.width, in.channels);
  for (int y = 0; y < in.height; y++) {
    for (int x = 0; x < in.width; x++) {
      for (int c = 0; c < in.channels; c++) {
        out.at(y, x, c) = static_cast<uint8_t>(in.at(y, in.width - 1 - x, c));
      }
    }
  }
  return out;
}

int luma(const Picture& in, int y, int x) {
  if (in.channels == 1) return in.at(y, x, 0);
  return (19595 * in.at(y, x, 0) + 38470 * in.at(y, x, 1) + 7471 * in.at(y, x, 2) + 0x8000) >> 16;
}

uint8_t blend(int base, int pixel, float factor) {
  const float value = base + factor * (pixel - base);
  return static_cast<uint8_t>(value <= 0 ? 0 : value >= 255 ? 255 : value);
}

int meanLuma(const Picture& in) {
  int64_t sum = 0;
  for (int y = 0; y < in.height; y++) {
    for (int x = 0; x < in.width; x++) sum += luma(in, y, x);
  }
  return static_cast<int>(static_cast<double>(sum) / (static_cast<double>(in.height) * in.width) +
                          0.5);
}

/** base(y, x) gives what each pixel is blended with. */
template <typename Base>
void blendAll(Picture& picture, float factor, const Base& base) {
  for (int y = 0; y < picture.height; y++) {
    for (int x = 0; x < picture.width; x++) {
      const int from = base(y, x);
      for (int c = 0; c < picture.channels; c++) {
        picture.at(y, x, c) = blend(from, picture.at(y, x, c), factor);
      }
    }
  }
}

void rgbToHsv(const int rgb[3], int hsv[3]) {
  const int r = rgb[0], g = rgb[1], b = rgb[2];
  const int high = r > g ? (r > b ? r : b) : (g > b ? g : b);
  const int low = r < g ? (r < b ? r : b) : (g < b ? g : b);
  hsv[0] = hsv[1] = 0;
  hsv[2] = high;
  if (high == low) return;
  const float range = static_cast<float>(high - low);
  const float rc = (high - r) / range, gc = (high - g) / range, bc = (high - b) / range;
  float hue;
  if (r == high) {
    hue = bc - gc;
  } else if (g == high) {
    hue = static_cast<float>(2.0 + rc - bc);
  } else {
    hue = static_cast<float>(4.0 + gc - rc);
  }
  hue = static_cast<float>(std::fmod(hue / 6.0 + 1.0, 1.0));
  hsv[0] = static_cast<int>(hue * 255.0);
  hsv[1] = static_cast<int>(range / static_cast<float>(high) * 255.0);
}

void hsvToRgb(const int hsv[3], int rgb[3]) {
  const int v = hsv[2];
  const double turns = hsv[0] * 6.0 / 255.0;
  const int sector = static_cast<int>(turns);
  const float f = static_cast<float>(turns - sector);
  const float s = static_cast<float>(hsv[1] / 255.0);
  const int p = static_cast<int>(v * (1.0 - s) + 0.5);
  const int q = static_cast<int>(v * (1.0 - s * f) + 0.5);
  const int t = static_cast<int>(v * (1.0 - s * (1.0 - f)) + 0.5);
  const int sectors[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  for (int c = 0; c < 3; c++) rgb[c] = hsv[1] == 0 ? v : sectors[sector % 6][c];
}

void shiftHue(Picture& picture, double hue) {
  const int shift = static_cast<int>(hue * 255);
  for (int y = 0; y < picture.height; y++) {
    for (int x = 0; x < picture.width; x++) {
      int rgb[3], hsv[3];
      for (int c = 0; c < 3; c++) rgb[c] = picture.at(y, x, c);
      rgbToHsv(rgb, hsv);
      hsv[0] = (hsv[0] + shift) & 255;
      hsvToRgb(hsv, rgb);
      for (int c = 0; c < 3; c++) picture.at(y, x, c) = static_cast<uint8_t>(rgb[c]);
    }
  }
}

void color(Picture& picture, const dc4j_image_view& view) {
  const auto own = [&](int y, int x) { return luma(picture, y, x); };
  if (view.brightness != 1) {
    blendAll(picture, static_cast<float>(view.brightness), [](int, int) { return 0; });
  }
  if (view.contrast != 1) {
    const int mean = meanLuma(picture);
    blendAll(picture, static_cast<float>(view.contrast), [&](int, int) { return mean; });
  }
  if (picture.channels == 1) return;
  if (view.saturation != 1) blendAll(picture, static_cast<float>(view.saturation), own);
  if (view.hue != 0) shiftHue(picture, view.hue);
  if (view.grey != 0) blendAll(picture, 0, own);
}

bool erased(const dc4j_image_view& view, int y, int x) {
  return y >= view.erase_top && y - view.erase_top < view.erase_height && x >= view.erase_left &&
         x - view.erase_left < view.erase_width;
}

/** The value of output channel c: normalised, or the fill. */
float valueOf(const Picture& picture, const dc4j_image_view& view, const dc4j_image_output& output,
              int y, int x, int c) {
  if (erased(view, y, x)) return output.fill[c];
  const int pixel = picture.channels == 1  ? picture.at(y, x, 0)
                    : output.channels == 1 ? luma(picture, y, x)
                                           : picture.at(y, x, c);
  return static_cast<float>((pixel / 255.0 - static_cast<double>(output.mean[c])) /
                            static_cast<double>(output.deviation[c]));
}

/** What Sobel sees: the mean of the channels, 0 outside. */
float meanOf(const Picture& picture, const dc4j_image_view& view, const dc4j_image_output& output,
             int y, int x) {
  if (y < 0 || x < 0 || y >= picture.height || x >= picture.width) return 0;
  const auto value = [&](int c) { return valueOf(picture, view, output, y, x, c); };
  return output.channels == 1 ? value(0) : (value(0) + value(1) + value(2)) / 3;
}

void sobel(const Picture& picture, const dc4j_image_view& view, const dc4j_image_output& output,
           float* to) {
  const int64_t plane = static_cast<int64_t>(picture.height) * picture.width;
  for (int y = 0; y < picture.height; y++) {
    for (int x = 0; x < picture.width; x++) {
      const auto m = [&](int dy, int dx) { return meanOf(picture, view, output, y + dy, x + dx); };
      float* at = to + static_cast<int64_t>(y) * picture.width + x;
      at[0] = (m(-1, -1) - m(-1, 1)) + 2 * (m(0, -1) - m(0, 1)) + (m(1, -1) - m(1, 1));
      at[plane] = (m(-1, -1) - m(1, -1)) + 2 * (m(-1, 0) - m(1, 0)) + (m(-1, 1) - m(1, 1));
    }
  }
}

}  // namespace

void images_apply(Workers&, int64_t n, const dc4j_image* images, const dc4j_image_view* views,
                  const dc4j_image_output& output, Matrix batch) {
  for (int64_t i = 0; i < n; i++) {
    const dc4j_image_view& view = views[i];
    Picture picture = resizeAndWindow(images[i], view, output.height, output.width);
    picture = rotate(picture, view.rotation);
    if (view.flip != 0) picture = mirror(picture);
    color(picture, view);
    picture = blurred(picture, view.blur);
    if (output.sobel != 0) {
      sobel(picture, view, output, batch.row(i));
      continue;
    }
    float* to = batch.row(i);
    for (int c = 0; c < output.channels; c++) {
      for (int y = 0; y < output.height; y++) {
        for (int x = 0; x < output.width; x++) *to++ = valueOf(picture, view, output, y, x, c);
      }
    }
  }
}

}  // namespace reference
}  // namespace dc4j
