// Images, views and outputs that the tests of images_apply start from.
#pragma once
#include <dc4j/images.h>

#include "backends.h"

/** An image that owns exactly its bytes, so that a sanitizer sees one read too many. */
struct TestImage {
  std::vector<uint8_t> bytes;
  dc4j_image image;
  TestImage(int height, int width, int channels, uint32_t seed = 1)
      : bytes(size_t(height) * width * channels), image{nullptr, height, width, channels} {
    for (uint8_t& byte : bytes) byte = uint8_t((seed = seed * 1664525 + 1013904223) >> 24);
    image.data = bytes.data();
  }
  TestImage(const TestImage&) = delete;
  TestImage& operator=(const TestImage&) = delete;
};

inline dc4j_image_view plainView(const dc4j_image& image) {
  return {0,
          0,
          double(image.width),
          double(image.height),
          image.height,
          image.width,
          0,
          0,
          0,
          0,
          0,
          0,
          1,
          1,
          1,
          0,
          0,
          0,
          0,
          0,
          0,
          0};
}

/** Pixels as floats: mean 0, deviation 1/255. */
inline dc4j_image_output pixelOutput(int height, int width, int channels) {
  const float one = 1 / 255.0f;
  return {height, width, channels, 0, {0, 0, 0}, {one, one, one}, {0, 0, 0}};
}

inline int64_t rowOf(const dc4j_image_output& output) {
  return int64_t(dc4j_image_output_channels(&output)) * output.height * output.width;
}
