// images_apply refuses every argument outside its range and names the index, the field and the
// value.
#include <cmath>
#include <limits>

#include "images_fixture.h"

using Change = std::function<void(dc4j_image&, dc4j_image_view&, dc4j_image_output&)>;

/** The second of two images is changed; the call must name it, or `part` of the output. */
static void refused(const TestContext& test, const std::string& part, const Change& change) {
  TestImage source(8, 10, 3);
  dc4j_image images[2] = {source.image, source.image};
  dc4j_image_view views[2] = {plainView(source.image), plainView(source.image)};
  dc4j_image_output output = pixelOutput(8, 10, 3);
  TestMatrix batch(2, rowOf(output));
  change(images[1], views[1], output);
  CHECK(dc4j_images_apply(test.context, 2, images, views, &output, &batch.view) ==
            DC4J_INVALID_ARGUMENT,
        << part);
  CHECK(std::string(dc4j_last_error()).find(part) != std::string::npos,
        << part << " not in: " << dc4j_last_error());
}

static void badNumbers(const TestContext& test) {
  const double bad[] = {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e300};
  using Member = double dc4j_image_view::*;
  const std::pair<const char*, Member> members[] = {{"box_left", &dc4j_image_view::box_left},
                                                    {"box_top", &dc4j_image_view::box_top},
                                                    {"box_width", &dc4j_image_view::box_width},
                                                    {"box_height", &dc4j_image_view::box_height},
                                                    {"rotation", &dc4j_image_view::rotation},
                                                    {"brightness", &dc4j_image_view::brightness},
                                                    {"contrast", &dc4j_image_view::contrast},
                                                    {"saturation", &dc4j_image_view::saturation},
                                                    {"hue", &dc4j_image_view::hue},
                                                    {"blur", &dc4j_image_view::blur}};
  for (const auto& member : members) {
    for (double value : bad) {
      refused(
          test, std::string("views[1].") + member.first + " is ",
          [&](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.*member.second = value; });
    }
  }
  for (double value : {0.0, -1.0, 10.5}) {
    refused(test, "views[1].box_width",
            [&](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.box_width = value; });
  }
  refused(test, "views[1].box_top is 8",
          [](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.box_top = 8; });
  refused(test, "views[1].hue is 0.51",
          [](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.hue = 0.51; });
  for (double value : {-0.1, 100.1}) {
    refused(test, "views[1].blur is ",
            [&](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.blur = value; });
  }
}

static void badWholes(const TestContext& test) {
  using Member = int32_t dc4j_image_view::*;
  const std::pair<const char*, Member> members[] = {
      {"filter", &dc4j_image_view::filter},
      {"pad", &dc4j_image_view::pad},
      {"window_top", &dc4j_image_view::window_top},
      {"window_left", &dc4j_image_view::window_left},
      {"flip", &dc4j_image_view::flip},
      {"grey", &dc4j_image_view::grey},
      {"erase_top", &dc4j_image_view::erase_top},
      {"erase_left", &dc4j_image_view::erase_left},
      {"erase_height", &dc4j_image_view::erase_height},
      {"erase_width", &dc4j_image_view::erase_width}};
  for (const auto& member : members) {
    for (int32_t value : {-1, INT32_MIN, INT32_MAX}) {
      refused(
          test, std::string("views[1].") + member.first + " is ",
          [&](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.*member.second = value; });
    }
  }
  refused(test, "views[1].erase_height is 4; accepted: 0..3",
          [](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) {
            v.erase_top = 5, v.erase_height = 4, v.erase_width = 1;
          });
  refused(test, "views[1].erase_width is 1; accepted: 0..0",
          [](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) {
            v.erase_left = 10, v.erase_width = 1;
          });
  refused(test, "output.fill[1] is inf", [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) {
    o.fill[1] = std::numeric_limits<float>::infinity();
  });
  for (int32_t value : {0, -3, INT32_MAX}) {
    refused(test, "views[1].resize_width",
            [&](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.resize_width = value; });
    refused(test, "images[1].height",
            [&](dc4j_image& i, dc4j_image_view&, dc4j_image_output&) { i.height = value; });
    refused(test, "images[1].channels",
            [&](dc4j_image& i, dc4j_image_view&, dc4j_image_output&) { i.channels = value; });
    refused(test, "output.width",
            [&](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) { o.width = value; });
  }
  refused(test, "views[1] gives 7 x 10",
          [](dc4j_image&, dc4j_image_view& v, dc4j_image_output&) { v.resize_height = 7; });
  refused(test, "images[1].data is NULL",
          [](dc4j_image& i, dc4j_image_view&, dc4j_image_output&) { i.data = nullptr; });
  refused(test, "output.channels is 2",
          [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) { o.channels = 2; });
  refused(test, "output.deviation[2] is 0",
          [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) { o.deviation[2] = 0; });
  refused(test, "output.mean[1] is nan", [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) {
    o.mean[1] = std::numeric_limits<float>::quiet_NaN();
  });
  refused(test, "output.sobel is 2",
          [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) { o.sobel = 2; });
  refused(test, "batch is [2 x 240], expected [2 x 160]",
          [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) { o.sobel = 1; });
  refused(
      test, "output is 1048576 x 1048576",
      [](dc4j_image&, dc4j_image_view&, dc4j_image_output& o) { o.height = o.width = 1 << 20; });
}

static void badPointers(const TestContext& test) {
  TestImage source(8, 10, 1);
  const dc4j_image_view view = plainView(source.image);
  const dc4j_image_output output = pixelOutput(8, 10, 1);
  TestMatrix batch(1, 80);
  const auto bad = DC4J_INVALID_ARGUMENT;
  CHECK(dc4j_images_apply(nullptr, 1, &source.image, &view, &output, &batch.view) == bad);
  CHECK(dc4j_images_apply(test.context, 1, nullptr, &view, &output, &batch.view) == bad);
  CHECK(dc4j_images_apply(test.context, 1, &source.image, nullptr, &output, &batch.view) == bad);
  CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, nullptr, &batch.view) == bad);
  CHECK(dc4j_images_apply(test.context, 1, &source.image, &view, &output, nullptr) == bad);
  CHECK(dc4j_images_apply(test.context, -1, &source.image, &view, &output, &batch.view) == bad);
  CHECK(dc4j_image_output_channels(nullptr) == 0);
}

int main() {
  onEveryBackend([](const TestContext& test) {
    badNumbers(test);
    badWholes(test);
    badPointers(test);
  });
  return finish();
}
