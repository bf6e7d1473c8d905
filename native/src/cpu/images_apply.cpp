// Views of images, one image at a time per worker: crop + resize + window (image_resize.h),
// rotation and mirror into planes (image_rotate.h), colour (image_color.h), blur (image_blur.h),
// then floats, and the fill of an erased rectangle over them.
//   value = (pixel / 255 - mean[c]) / deviation[c] has 256 results per channel: a table, filled in
//   fp64 and rounded once, gives the reference's bytes. Sobel in fp32 in the reference's order.
// Every step is integer or per element, so thread count and tier change no byte; this file is
// compiled without contraction for that reason.
#include <cstring>

#include "cpu/image_blur.h"
#include "cpu/image_color.h"
#include "cpu/image_resize.h"
#include "cpu/image_rotate.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** Float of every 8-bit value: per channel, and the mean of the channels of a grey pixel. */
struct Levels {
  float channel[3][256];
  float mean[256];
};

static void fillLevels(const dc4j_image_output& output, Levels& levels) {
  for (int c = 0; c < output.channels; c++) {
    const double mean = output.mean[c], deviation = output.deviation[c];
    for (int v = 0; v < 256; v++) {
      levels.channel[c][v] = static_cast<float>((v / 255.0 - mean) / deviation);
    }
  }
  for (int v = 0; v < 256; v++) {
    levels.mean[v] = levels.channel[0][v];
    if (output.channels == 3) {
      levels.mean[v] = (levels.channel[0][v] + levels.channel[1][v] + levels.channel[2][v]) / 3;
    }
  }
}

static void look(const float* table, const uint8_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; i++) to[i] = table[from[i]];
}

static void writeChannels(const Planes& image, const Levels& levels, int32_t channels, float* to) {
  for (int32_t c = 0; c < channels; c++) {
    look(levels.channel[c], image.plane(image.channels == 1 ? 0 : c), image.pixels,
         to + c * image.pixels);
  }
}

/** The mean of the channels of row y. */
static void meanRow(const Planes& image, const Levels& levels, int32_t width, int32_t y,
                    float* to) {
  const int64_t at = static_cast<int64_t>(y) * width;
  if (image.channels == 1) {
    look(levels.mean, image.data + at, width, to);
    return;
  }
  const uint8_t *r = image.data + at, *g = image.plane(1) + at, *b = image.plane(2) + at;
  for (int32_t x = 0; x < width; x++) {
    to[x] = (levels.channel[0][r[x]] + levels.channel[1][g[x]] + levels.channel[2][b[x]]) / 3;
  }
}

/** Fills the erased rectangle of a plane whose rows lie `stride` apart. */
static void erase(const dc4j_image_view& view, float fill, int64_t stride, float* plane) {
  for (int32_t y = 0; y < view.erase_height; y++) {
    float* to = plane + (view.erase_top + y) * stride + view.erase_left;
    for (int32_t x = 0; x < view.erase_width; x++) to[x] = fill;
  }
}

/** What Sobel sees of the fill. */
static float meanFill(const dc4j_image_output& output) {
  const float* fill = output.fill;
  return output.channels == 1 ? fill[0] : (fill[0] + fill[1] + fill[2]) / 3;
}

/** Gx and Gy over the mean image with a border of zeros. */
static void writeSobel(const Planes& image, const Levels& levels, const dc4j_image_view& view,
                       const dc4j_image_output& output, Scratch& scratch, float* to) {
  const int32_t height = output.height, width = output.width;
  const int64_t stride = width + 2;
  float* mean = scratch.mean.room<float>((height + 2) * stride);
  std::memset(mean, 0, static_cast<size_t>((height + 2) * stride) * sizeof(float));
  for (int32_t y = 0; y < height; y++) {
    meanRow(image, levels, width, y, mean + (y + 1) * stride + 1);
  }
  erase(view, meanFill(output), stride, mean + stride + 1);
  for (int32_t y = 0; y < height; y++) {
    const float *up = mean + y * stride, *at = up + stride, *down = at + stride;
    float *gx = to + static_cast<int64_t>(y) * width, *gy = gx + image.pixels;
    for (int32_t x = 0; x < width; x++) {
      gx[x] = (up[x] - up[x + 2]) + 2 * (at[x] - at[x + 2]) + (down[x] - down[x + 2]);
    }
    for (int32_t x = 0; x < width; x++) {
      gy[x] = (up[x] - down[x]) + 2 * (up[x + 1] - down[x + 1]) + (up[x + 2] - down[x + 2]);
    }
  }
}

static void render(const dc4j_image& image, const dc4j_image_view& view,
                   const dc4j_image_output& output, const Levels& levels, Scratch& scratch,
                   float* to) {
  const int32_t height = output.height, width = output.width;
  const uint8_t* window = resizeWindow(image, view, height, width, scratch);
  Planes planes = {nullptr, static_cast<int64_t>(height) * width, image.channels};
  planes.data = scratch.planes.room<uint8_t>(planes.pixels * planes.channels);
  Rotation rotation;
  if (findRotation(view.rotation, height, width, rotation)) {
    rotateToPlanes(window, height, width, planes.channels, rotation, view.flip != 0, planes.data);
  } else {
    splitToPlanes(window, height, width, planes.channels, view.flip != 0, planes.data);
  }
  applyColor(view, planes);
  if (view.blur != 0) blur(view.blur, height, width, scratch, planes);
  if (output.channels == 1) toGrey(planes);
  if (output.sobel != 0) {
    writeSobel(planes, levels, view, output, scratch, to);
  } else {
    writeChannels(planes, levels, output.channels, to);
    for (int32_t c = 0; c < output.channels; c++) {
      erase(view, output.fill[c], width, to + c * planes.pixels);
    }
  }
}

/** One Scratch per worker. */
struct ScratchPool {
  explicit ScratchPool(int count) : each(new Scratch[count]) {}
  ~ScratchPool() { delete[] each; }
  ScratchPool(const ScratchPool&) = delete;
  ScratchPool& operator=(const ScratchPool&) = delete;
  Scratch* each;
};

void images_apply(Workers& workers, int64_t n, const dc4j_image* images,
                  const dc4j_image_view* views, const dc4j_image_output& output, Matrix batch) {
  Levels levels;
  fillLevels(output, levels);
  ScratchPool pool(workers.threads());
  // Some 16,000 pixels a block: small images share one, large ones do not wait for each other.
  const int64_t pixels = static_cast<int64_t>(output.height) * output.width;
  const int64_t grain = pixels < 16384 ? 16384 / pixels : 1;
  workers.forRows(n, grain, [&](int64_t begin, int64_t end, int worker) {
    for (int64_t i = begin; i < end; i++) {
      render(images[i], views[i], output, levels, pool.each[worker], batch.row(i));
    }
  });
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
