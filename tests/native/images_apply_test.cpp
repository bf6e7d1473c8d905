// images_apply: views rendered by Pillow (golden/images_golden.inc), the float step, erasing and
// Sobel against independent fp64 loops, the reference's bytes on every backend, awkward sizes.
#include <cmath>
#include <cstring>
#include <map>

#include "images_fixture.h"

struct GoldenImage {
  int height, width, channels;
  const char* hex;
};

struct GoldenView {
  const char* group;
  int image, height, width;
  dc4j_image_view view;
  const char* hex;
};

#include "golden/images_golden.inc"

static std::vector<uint8_t> bytesOf(const char* hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<uint8_t> bytes;
  for (; hex[0] != 0; hex += 2) bytes.push_back(uint8_t(digit(hex[0]) * 16 + digit(hex[1])));
  return bytes;
}

struct Match {
  int64_t exact = 0, all = 0;
};

static void golden(const TestContext& test, std::map<std::string, Match>& matches) {
  for (const GoldenView& expected : kGoldenViews) {
    const GoldenImage& source = kGoldenImages[expected.image];
    const std::vector<uint8_t> pixels = bytesOf(source.hex), wanted = bytesOf(expected.hex);
    const dc4j_image image = {pixels.data(), source.height, source.width, source.channels};
    const dc4j_image_output output = pixelOutput(expected.height, expected.width, source.channels);
    TestMatrix batch(1, rowOf(output));
    CHECK(int64_t(wanted.size()) == rowOf(output));
    CHECK(
        dc4j_images_apply(test.context, 1, &image, &expected.view, &output, &batch.view) == DC4J_OK,
        << dc4j_last_error());
    const int64_t plane = int64_t(expected.height) * expected.width;
    Match& match = matches[expected.group];
    for (int64_t i = 0; i < int64_t(wanted.size()); i++) {
      const int c = int(i % source.channels);
      const long value = std::lround(batch.values[size_t(c * plane + i / source.channels)]);
      match.all++;
      match.exact += value == wanted[size_t(i)];
      CHECK(std::labs(value - wanted[size_t(i)]) <= 1,
            << expected.group << " rotation " << expected.view.rotation << " hue "
            << expected.view.hue << " byte " << i << ": " << value << " for "
            << int(wanted[size_t(i)]));
    }
  }
}

/** Sources of all sorts with random views of one output size, the awkward ones included. */
struct Mixture {
  std::vector<std::vector<uint8_t>> bytes;
  std::vector<dc4j_image> images;
  std::vector<dc4j_image_view> views;
};

static Mixture randomMixture(int n, int height, int width, uint64_t seed) {
  std::mt19937_64 engine(seed);
  const auto whole = [&](int low, int high) { return low + int(engine() % (high - low + 1)); };
  const auto real = [&](double low, double high) {
    return low + (high - low) * double(engine() >> 11) * 0x1.0p-53;
  };
  Mixture mixture;
  for (int i = 0; i < n; i++) {
    dc4j_image image = {nullptr, whole(1, 70), whole(1, 70), whole(0, 1) * 2 + 1};
    if (i % 11 == 0) image.height = image.width = 1;
    std::vector<uint8_t> bytes(size_t(image.height) * image.width * image.channels);
    for (uint8_t& byte : bytes) byte = uint8_t(engine() >> 56);
    dc4j_image_view view = plainView(image);
    view.box_left = real(0, image.width * 0.5);
    view.box_width = real(0.05, 1) * (image.width - view.box_left);
    view.box_top = real(0, image.height * 0.5);
    view.box_height = real(0.05, 1) * (image.height - view.box_top);
    if (i % 5 == 0) view.box_left = view.box_top = 0, view.box_width = view.box_height = 1;
    view.pad = whole(0, 1) * whole(0, 9);
    view.resize_height = std::max(1, height + whole(-2 * view.pad, 9));
    view.resize_width = std::max(1, width + whole(-2 * view.pad, 9));
    view.window_top = whole(0, view.resize_height + 2 * view.pad - height);
    view.window_left = whole(0, view.resize_width + 2 * view.pad - width);
    view.filter = whole(0, 1);
    view.rotation = whole(0, 1) * real(-400, 400);
    view.flip = whole(0, 1);
    if (whole(0, 1) == 1) {
      view.brightness = real(0, 2), view.contrast = real(-1, 3), view.saturation = real(0, 3);
      view.hue = real(-0.5, 0.5);
    }
    view.grey = i % 7 == 0;
    if (whole(0, 2) == 0) view.blur = whole(0, 9) == 0 ? real(2, 100) : real(0, 2);
    if (whole(0, 1) == 1) {
      view.erase_top = whole(0, height), view.erase_left = whole(0, width);
      view.erase_height = whole(0, height - view.erase_top);
      view.erase_width = whole(0, width - view.erase_left);
    }
    mixture.bytes.push_back(std::move(bytes));
    image.data = mixture.bytes.back().data();
    mixture.images.push_back(image);
    mixture.views.push_back(view);
  }
  return mixture;
}

static std::vector<float> render(const TestContext& test, const Mixture& mixture,
                                 const dc4j_image_output& output) {
  TestMatrix batch(int64_t(mixture.images.size()), rowOf(output), rowOf(output) + 3);
  std::fill(batch.values.begin(), batch.values.end(), -77.0f);
  CHECK(dc4j_images_apply(test.context, batch.view.rows, mixture.images.data(),
                          mixture.views.data(), &output, &batch.view) == DC4J_OK,
        << dc4j_last_error());
  return batch.values;
}

/** The same bytes on every backend; the padding between rows stays as it was. */
static void sameBytes(const TestContext& test, std::vector<std::vector<float>>& reference) {
  const int sizes[][2] = {{1, 1}, {28, 28}, {32, 32}, {5, 67}, {130, 3}, {17, 33}};
  size_t next = 0;
  for (const auto& size : sizes) {
    for (int kind = 0; kind < 4; kind++) {
      const dc4j_image_output output = {size[0],
                                        size[1],
                                        kind < 2 ? 3 : 1,
                                        kind % 2,
                                        {0.485f, 0.456f, 0.406f},
                                        {0.229f, 0.224f, 0.225f},
                                        {0.485f, 0.456f, -7.5f}};
      const Mixture mixture = randomMixture(45, size[0], size[1], uint64_t(size[0] + 100 * kind));
      const std::vector<float> values = render(test, mixture, output);
      if (test.is_reference) reference.push_back(values);
      const std::vector<float>& wanted = reference[next++];
      const int64_t stride = rowOf(output) + 3;
      for (size_t i = 0; i < values.size(); i++) {
        CHECK(std::memcmp(&values[i], &wanted[i], sizeof(float)) == 0,
              << size[0] << "x" << size[1] << " kind " << kind << " image " << i / stride << " at "
              << i % stride << ": " << values[i] << " for " << wanted[i]);
        if (int64_t(i) % stride >= stride - 3) CHECK(values[i] == -77.0f);
      }
    }
  }
}

/** The largest side in one step: the sums of a million weights stay inside their 32 bits. */
static void largestReduction(const TestContext& test, float (&reference)[2]) {
  const std::vector<uint8_t> white(1 << 20, 255);
  const dc4j_image images[2] = {{white.data(), 1, 1 << 20, 1}, {white.data(), 1 << 20, 1, 1}};
  dc4j_image_view views[2] = {plainView(images[0]), plainView(images[1])};
  const dc4j_image_output output = pixelOutput(1, 1, 1);
  views[1].filter = DC4J_BICUBIC;
  TestMatrix batch(2, 1);
  for (dc4j_image_view& view : views) view.resize_height = view.resize_width = 1;
  CHECK(dc4j_images_apply(test.context, 2, images, views, &output, &batch.view) == DC4J_OK,
        << dc4j_last_error());
  for (int i = 0; i < 2; i++) {
    if (test.is_reference) reference[i] = batch.values[i];
    CHECK(batch.values[i] == reference[i], << batch.values[i] << " for " << reference[i]);
    CHECK(batch.values[i] > 200, << batch.values[i]);
  }
}

/** The normalised channels of an unchanged image in fp64: what the float steps start from. */
static std::vector<double> normalised(const TestImage& source, const dc4j_image_output& output) {
  const int64_t plane = int64_t(output.height) * output.width;
  std::vector<double> values;
  for (int c = 0; c < output.channels; c++) {
    for (int64_t i = 0; i < plane; i++) {
      const uint8_t* at = source.bytes.data() + i * source.image.channels;
      int pixel = source.image.channels == 1 ? at[0] : at[c];
      if (source.image.channels == 3 && output.channels == 1) {
        pixel = (19595 * at[0] + 38470 * at[1] + 7471 * at[2] + 32768) / 65536;
      }
      values.push_back((pixel / 255.0 - output.mean[c]) / output.deviation[c]);
    }
  }
  return values;
}

static std::vector<double> sobelOf(const std::vector<double>& channels, int count, int h, int w) {
  const double kernel[3][3] = {{1, 0, -1}, {2, 0, -2}, {1, 0, -1}};
  std::vector<double> out(size_t(2 * h * w));
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) {
      for (int i = 0; i < 9; i++) {
        const int sy = y + i / 3 - 1, sx = x + i % 3 - 1;
        if (sy < 0 || sx < 0 || sy >= h || sx >= w) continue;
        double mean = 0;
        for (int c = 0; c < count; c++) mean += channels[size_t(c * h * w + sy * w + sx)] / count;
        out[size_t(y * w + x)] += kernel[i / 3][i % 3] * mean;
        out[size_t(h * w + y * w + x)] += kernel[i % 3][i / 3] * mean;  // Gy = Gx transposed
      }
    }
  }
  return out;
}

static void floatSteps(const TestContext& test, const int (&cut)[4]) {
  for (int source_channels : {1, 3}) {
    for (int channels : {1, 3}) {
      for (int sobel : {0, 1}) {
        TestImage source(13, 21, source_channels);
        const dc4j_image_output output = {13,
                                          21,
                                          channels,
                                          sobel,
                                          {0.485f, 0.456f, 0.406f},
                                          {0.229f, 0.224f, -0.225f},
                                          {0.485f, 0.456f, 0.406f}};
        dc4j_image_view view = plainView(source.image);
        view.erase_top = cut[0], view.erase_left = cut[1];
        view.erase_height = cut[2], view.erase_width = cut[3];
        TestMatrix batch(1, rowOf(output));
        CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, &output, &batch.view) ==
                  DC4J_OK,
              << dc4j_last_error());
        std::vector<double> wanted = normalised(source, output);
        for (size_t i = 0; i < wanted.size(); i++) {
          const int y = int(i) / 21 % 13, x = int(i) % 21;
          const bool inside =
              y >= cut[0] && y < cut[0] + cut[2] && x >= cut[1] && x < cut[1] + cut[3];
          if (inside) wanted[i] = output.fill[i / (13 * 21)];
        }
        if (sobel == 1) wanted = sobelOf(wanted, channels, 13, 21);
        CHECK(int64_t(wanted.size()) == rowOf(output));
        for (size_t i = 0; i < wanted.size(); i++) {
          const double error = std::fabs(batch.values[i] - wanted[i]);
          // One rounding to fp32 without Sobel; a handful of fp32 sums of values up to 8 with it.
          const double bound = sobel == 1 ? 8e-6 : std::fabs(wanted[i]) * 6e-8 + 1e-12;
          CHECK(error <= bound, << "sobel " << sobel << ": " << batch.values[i] << " for "
                                << wanted[i]);
        }
      }
    }
  }
}

/** Views whose result is known without Pillow. */
static void awkward(const TestContext& test) {
  TestImage dot(1, 1, 3), tall(300, 2, 1), grey(4, 4, 1);
  // Anything enlarged from one pixel is that pixel.
  dc4j_image_view view = plainView(dot.image);
  view.resize_height = 9, view.resize_width = 20;
  dc4j_image_output output = pixelOutput(9, 20, 3);
  for (int filter : {DC4J_BILINEAR, DC4J_BICUBIC}) {
    view.filter = filter;
    TestMatrix batch(1, rowOf(output));
    CHECK(dc4j_images_apply(test.context, 1, &dot.image, &view, &output, &batch.view) == DC4J_OK);
    for (int i = 0; i < 540; i++) CHECK(std::lround(batch.values[i]) == dot.bytes[i / 180]);
  }
  // A 1-pixel box of a larger image shows that pixel at scale 1.
  view = plainView(tall.image);
  view.box_left = 1, view.box_top = 123, view.box_width = view.box_height = 1;
  view.resize_height = view.resize_width = 1;
  output = pixelOutput(1, 1, 1);
  TestMatrix one(1, 1);
  CHECK(dc4j_images_apply(test.context, 1, &tall.image, &view, &output, &one.view) == DC4J_OK);
  CHECK(std::lround(one.values[0]) == tall.bytes[2 * 123 + 1]);
  // The window in the corner of the padding: zeros but for the last pixel.
  view = plainView(grey.image);
  view.pad = 3;
  output = pixelOutput(4, 4, 3);
  TestMatrix corner(1, 48);
  CHECK(dc4j_images_apply(test.context, 1, &grey.image, &view, &output, &corner.view) == DC4J_OK);
  for (int i = 0; i < 48; i++) {
    CHECK(std::lround(corner.values[i]) == (i % 16 == 15 ? grey.bytes[0] : 0), << i);
  }
  // A window wholly in the padding.
  view.pad = 4;
  CHECK(dc4j_images_apply(test.context, 1, &grey.image, &view, &output, &corner.view) == DC4J_OK);
  for (int i = 0; i < 48; i++) CHECK(corner.values[i] == 0, << i);
  // Nothing to do.
  TestMatrix none(0, 48);
  CHECK(dc4j_images_apply(test.context, 0, nullptr, nullptr, &output, &none.view) == DC4J_OK,
        << dc4j_last_error());
}

/** Neutral factors and extreme ones. */
static void factors(const TestContext& test) {
  TestImage source(6, 7, 3);
  const dc4j_image_output output = pixelOutput(6, 7, 3);
  TestMatrix batch(1, rowOf(output));
  dc4j_image_view view = plainView(source.image);
  view.rotation = -360;
  CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, &output, &batch.view) == DC4J_OK);
  for (int i = 0; i < 126; i++) {
    CHECK(std::lround(batch.values[i]) == source.bytes[i % 42 * 3 + i / 42], << i);
  }
  view.brightness = view.contrast = view.saturation = 3e38;
  CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, &output, &batch.view) == DC4J_OK);
  for (float value : batch.values) CHECK(value >= 0 && value <= 255.1f, << value);
  view.brightness = -1;
  view.contrast = view.saturation = 1;
  CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, &output, &batch.view) == DC4J_OK);
  for (float value : batch.values) CHECK(value == 0, << value);
  view.rotation = 1e30;
  CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, &output, &batch.view) == DC4J_OK);
}

int main() {
  std::map<std::string, Match> matches;
  std::vector<std::vector<float>> reference;
  float largest[2] = {};
  onEveryBackend([&](const TestContext& test) {
    golden(test, matches);
    sameBytes(test, reference);
    largestReduction(test, largest);
    // Erased: nothing, a part, two corners, all, a line without width.
    const int cuts[6][4] = {{0, 0, 0, 0},  {4, 7, 5, 6},   {0, 0, 1, 1},
                            {9, 15, 4, 6}, {0, 0, 13, 21}, {3, 3, 5, 0}};
    for (const int(&cut)[4] : cuts) floatSteps(test, cut);
    awkward(test);
    factors(test);
  });
  for (const auto& match : matches) {
    std::printf("%-22s %8.4f %% exactly Pillow's\n", match.first.c_str(),
                100.0 * double(match.second.exact) / double(match.second.all));
  }
  return finish();
}
