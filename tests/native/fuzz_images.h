// Fuzz cases of image views: every backend gives the reference's bits, or refuses what it refuses.
#pragma once
#include "fuzz.h"
#include "images_fixture.h"

inline dc4j_image_output fuzzOutput(Draw& draw) {
  const auto side = [&] { return int32_t(1 + draw.size(40)); };
  const int32_t height = side(), width = side();
  dc4j_image_output output = pixelOutput(height, width, draw.once(2) ? 1 : 3);
  output.sobel = draw.once(3);
  for (int c = 0; c < 3; c++) {
    output.mean[c] = float(draw.below(9)) / 8;
    output.deviation[c] = float(1 + draw.below(9)) / 8;
    output.fill[c] = float(draw.below(5)) - 2;
  }
  if (draw.once(40)) output.deviation[0] = draw.once(2) ? 0 : NAN;
  return output;
}

inline dc4j_image_view fuzzView(Draw& draw, const dc4j_image& image,
                                const dc4j_image_output& output) {
  dc4j_image_view view = plainView(image);
  view.box_left = double(draw.below(image.width * 4)) / 4;
  view.box_top = double(draw.below(image.height * 4)) / 4;
  view.box_width = (image.width - view.box_left) * double(1 + draw.below(8)) / 8;
  view.box_height = (image.height - view.box_top) * double(1 + draw.below(8)) / 8;
  view.pad = int32_t(draw.below(4));
  // At times smaller than the window, which is refused.
  view.resize_height = std::max(1, output.height - 2 * view.pad + int32_t(draw.below(20)));
  view.resize_width = std::max(1, output.width - 2 * view.pad + int32_t(draw.below(20)));
  view.filter = draw.once(2) ? DC4J_BILINEAR : DC4J_BICUBIC;
  const int32_t down = view.resize_height + 2 * view.pad - output.height;
  const int32_t right = view.resize_width + 2 * view.pad - output.width;
  view.window_top = int32_t(draw.below(std::max(0, down) + 1));
  view.window_left = int32_t(draw.below(std::max(0, right) + 1));
  const double turns[] = {0, 90, -17.5, 359.99, 1e9};
  view.rotation = turns[draw.below(5)];
  view.flip = draw.once(2);
  const double factors[] = {1, 0, 0.5, 1.7, -2, 1e30};
  view.brightness = factors[draw.below(6)];
  view.contrast = factors[draw.below(6)];
  view.saturation = factors[draw.below(6)];
  view.hue = double(draw.below(9)) / 8 - 0.5;
  view.grey = draw.once(4);
  const double blurs[] = {0, 0.1, 1.3, 40, 100};
  view.blur = blurs[draw.below(5)];
  view.erase_height = int32_t(draw.below(output.height + 1));
  view.erase_width = int32_t(draw.below(output.width + 1));
  view.erase_top = int32_t(draw.below(output.height - view.erase_height + 1));
  view.erase_left = int32_t(draw.below(output.width - view.erase_width + 1));
  if (draw.once(60)) view.box_width = draw.once(2) ? NAN : 1e300;
  if (draw.once(60)) view.blur = draw.once(2) ? -1 : INFINITY;
  if (draw.once(60)) view.window_left = INT32_MAX;
  if (draw.once(60)) view.erase_height = INT32_MAX;
  return view;
}

inline Outcome fuzzImages(const TestContext& test, uint64_t seed) {
  Draw draw(seed);
  Outcome out;
  const TestImage image(int(1 + draw.size(60)), int(1 + draw.size(60)), draw.once(2) ? 1 : 3,
                        uint32_t(seed));
  const dc4j_image_output output = fuzzOutput(draw);
  const int64_t n = draw.below(4);
  std::vector<dc4j_image> images(size_t(n), image.image);
  std::vector<dc4j_image_view> views;
  for (int64_t i = 0; i < n; i++) views.push_back(fuzzView(draw, image.image, output));
  TestMatrix batch(n, rowOf(output), rowOf(output) + draw.below(3));
  out.add(dc4j_images_apply(test.context, n, images.data(), views.data(), &output, &batch.view),
          std::vector<int32_t>());
  out.add(batch.values);
  return out;
}
