// dc4j_images_apply: every field of every image and view is checked before a pixel is read.
#include <dc4j/images.h>

#include <cmath>

#include "abi/guard.h"

namespace dc4j {
namespace {

// Up to this side the 22-bit weights of a resize cannot overflow their 32-bit sums, and fp32 box
// edges still resolve a sixteenth of a pixel.
constexpr int64_t kMaxSide = 1 << 20;
// Keeps offsets inside one output image in 32 bits.
constexpr int64_t kMaxPixels = 1 << 28;
// A wider blur of a training view has no use, and its sums stay far from 32 bits.
constexpr double kMaxBlur = 100;

/** Names a field in an error: images[3].width, or output.width where index < 0. */
struct Field {
  const char* array;
  int64_t index;
  const char* name;
};

std::ostream& operator<<(std::ostream& out, const Field& field) {
  out << field.array;
  if (field.index >= 0) out << '[' << field.index << ']';
  return out << '.' << field.name;
}

template <typename Value>
[[noreturn]] void refuse(const Field& field, Value value, const std::string& accepted) {
  invalid(text(field, " is ", value, "; accepted: ", accepted));
}

void requireRange(const Field& field, int64_t value, int64_t low, int64_t high) {
  if (value < low || value > high) refuse(field, value, text(low, "..", high));
}

// A factor is used in fp32, so it must be finite there.
void requireFinite(const Field& field, double value) {
  if (!std::isfinite(static_cast<float>(value))) refuse(field, value, "finite numbers");
}

void checkImage(const dc4j_image& image, int64_t i) {
  requireRange({"images", i, "height"}, image.height, 1, kMaxSide);
  requireRange({"images", i, "width"}, image.width, 1, kMaxSide);
  if (image.channels != 1 && image.channels != 3) {
    refuse(Field{"images", i, "channels"}, image.channels, "1 or 3");
  }
  if (image.data == nullptr) refuse(Field{"images", i, "data"}, "NULL", "the image's pixels");
}

/** One axis of the box: begin >= 0, length > 0, end <= size. */
void checkBox(const Field& begin_field, double begin, const Field& length_field, double length,
              int32_t size) {
  if (!(begin >= 0 && begin < size)) {
    refuse(begin_field, begin, text("0 <= value < ", size, ", inside the image"));
  }
  // Compared in fp32, as the edges are used: the rounding of begin + length in fp64 is no error.
  if (!(length > 0 && static_cast<float>(begin + length) <= static_cast<float>(size))) {
    refuse(length_field, length,
           text("0 < value <= ", size - begin, ", so that the box from ", begin,
                " stays inside the image of ", size));
  }
}

void checkView(const dc4j_image_view& view, const dc4j_image& image,
               const dc4j_image_output& output, int64_t i) {
  const auto field = [&](const char* name) { return Field{"views", i, name}; };
  checkBox(field("box_left"), view.box_left, field("box_width"), view.box_width, image.width);
  checkBox(field("box_top"), view.box_top, field("box_height"), view.box_height, image.height);
  requireRange(field("resize_height"), view.resize_height, 1, kMaxSide);
  requireRange(field("resize_width"), view.resize_width, 1, kMaxSide);
  if (view.filter != DC4J_BILINEAR && view.filter != DC4J_BICUBIC) {
    refuse(field("filter"), view.filter, "0 (bilinear) or 1 (bicubic)");
  }
  requireRange(field("pad"), view.pad, 0, kMaxSide);
  const int64_t height = view.resize_height + 2 * static_cast<int64_t>(view.pad);
  const int64_t width = view.resize_width + 2 * static_cast<int64_t>(view.pad);
  if (output.height > height || output.width > width) {
    invalid(text("views[", i, "] gives ", height, " x ", width,
                 " pixels (resize and 2 pad), fewer ", "than the output's ", output.height, " x ",
                 output.width));
  }
  requireRange(field("window_top"), view.window_top, 0, height - output.height);
  requireRange(field("window_left"), view.window_left, 0, width - output.width);
  requireFinite(field("rotation"), view.rotation);
  requireRange(field("flip"), view.flip, 0, 1);
  requireFinite(field("brightness"), view.brightness);
  requireFinite(field("contrast"), view.contrast);
  requireFinite(field("saturation"), view.saturation);
  if (!(view.hue >= -0.5 && view.hue <= 0.5)) refuse(field("hue"), view.hue, "-0.5..0.5");
  requireRange(field("grey"), view.grey, 0, 1);
  if (!(view.blur >= 0 && view.blur <= kMaxBlur)) {
    refuse(field("blur"), view.blur, text("0..", kMaxBlur));
  }
  requireRange(field("erase_top"), view.erase_top, 0, output.height);
  requireRange(field("erase_left"), view.erase_left, 0, output.width);
  requireRange(field("erase_height"), view.erase_height, 0, output.height - view.erase_top);
  requireRange(field("erase_width"), view.erase_width, 0, output.width - view.erase_left);
}

void checkOutput(const dc4j_image_output& output) {
  const auto field = [](const char* name) { return Field{"output", -1, name}; };
  requireRange(field("height"), output.height, 1, kMaxSide);
  requireRange(field("width"), output.width, 1, kMaxSide);
  if (static_cast<int64_t>(output.height) * output.width > kMaxPixels) {
    invalid(text("output is ", output.height, " x ", output.width, "; accepted: at most ",
                 kMaxPixels, " pixels"));
  }
  if (output.channels != 1 && output.channels != 3) {
    refuse(field("channels"), output.channels, "1 or 3");
  }
  requireRange(field("sobel"), output.sobel, 0, 1);
  for (int c = 0; c < output.channels; c++) {
    if (!std::isfinite(output.mean[c])) {
      invalid(text("output.mean[", c, "] is ", output.mean[c], "; accepted: finite numbers"));
    }
    if (!std::isfinite(output.deviation[c]) || output.deviation[c] == 0) {
      invalid(text("output.deviation[", c, "] is ", output.deviation[c],
                   "; accepted: finite numbers other than 0"));
    }
    if (!std::isfinite(output.fill[c])) {
      invalid(text("output.fill[", c, "] is ", output.fill[c], "; accepted: finite numbers"));
    }
  }
}

}  // namespace
}  // namespace dc4j

extern "C" {

int32_t dc4j_image_output_channels(const dc4j_image_output* output) {
  if (output == nullptr) return 0;
  return output->sobel != 0 ? 2 : output->channels;
}

dc4j_status dc4j_images_apply(dc4j_context* context, int64_t n, const dc4j_image* images,
                              const dc4j_image_view* views, const dc4j_image_output* output,
                              dc4j_matrix* batch) {
  return dc4j::guardOn(context, [&](const dc4j::KernelTable& kernels, dc4j::Workers& workers) {
    if (n < 0) dc4j::invalid(dc4j::text("n is ", n, "; accepted: 0 or more"));
    dc4j::requirePointer(images, "images", n);
    dc4j::requirePointer(views, "views", n);
    dc4j::requirePointer(output, "output");
    dc4j::checkOutput(*output);
    const dc4j::Matrix to = dc4j::output(workers, batch, "batch");
    dc4j::requireShape(
        to, "batch", n,
        static_cast<int64_t>(dc4j_image_output_channels(output)) * output->height * output->width);
    for (int64_t i = 0; i < n; i++) {
      dc4j::checkImage(images[i], i);
      dc4j::checkView(views[i], images[i], *output, i);
    }
    kernels.images_apply(workers, n, images, views, *output, to);
  });
}

}  // extern "C"
