/* Views of images: crop, resize, rotate, flip, colour, normalise, Sobel, from 8-bit pixels to a
 * training batch in one call. 8-bit steps give Pillow's values within one grey level. */
#ifndef DC4J_IMAGES_H
#define DC4J_IMAGES_H

#include <dc4j/context.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An 8-bit image [height x width x channels], interleaved, channels 1 (grey) or 3 (RGB); not owned. */
typedef struct dc4j_image {
  const uint8_t* data;
  int32_t height;
  int32_t width;
  int32_t channels;
} dc4j_image;

enum { DC4J_BILINEAR = 0, DC4J_BICUBIC = 1 };

/** One image's view, steps in the order of the fields. */
typedef struct dc4j_image_view {
  /** Source box in pixels, inside the image: left, top, width, height; then resized (antialiased, as
   *  Pillow's resize with box) to resize_height x resize_width. */
  double box_left, box_top, box_width, box_height;
  int32_t resize_height, resize_width;
  /** DC4J_BILINEAR or DC4J_BICUBIC. */
  int32_t filter;
  /** Zero padding added on every side after the resize. */
  int32_t pad;
  /** Top-left corner of the window of the output size taken after padding. */
  int32_t window_top, window_left;
  /** Rotation in degrees counter-clockwise about the centre, bilinear, outside = 0; 0 = none. */
  double rotation;
  /** 1 = mirror left-right. */
  int32_t flip;
  /** Colour factors, 1 = none, applied in the order brightness, contrast, saturation, hue. */
  double brightness, contrast, saturation;
  /** Hue shift in turns, -0.5..0.5; 0 = none. */
  double hue;
  /** 1 = grey of the three channels in all of them. */
  int32_t grey;
} dc4j_image_view;

/** The output of a batch. */
typedef struct dc4j_image_output {
  int32_t height;
  int32_t width;
  /** Channels before Sobel: 1 or 3 (a grey source is repeated, an RGB source becomes luma). */
  int32_t channels;
  /** 1 = mean of the channels, then Gx and Gy (zero padded 3x3): 2 channels (methods.md 1.1). */
  int32_t sobel;
  /** value = (pixel / 255 - mean[c]) / deviation[c]. */
  float mean[3];
  float deviation[3];
} dc4j_image_output;

/** Channels that dc4j_images_apply writes: 2 with Sobel, else output->channels. */
DC4J_API int32_t dc4j_image_output_channels(const dc4j_image_output* output);

/** Renders n views into a batch.
 *  @param images [n] @param views [n]
 *  @param batch [n x (C*height*width)], each row one image in C, H, W order. */
DC4J_API dc4j_status dc4j_images_apply(dc4j_context* context, int64_t n, const dc4j_image* images,
                                       const dc4j_image_view* views,
                                       const dc4j_image_output* output, dc4j_matrix* batch);

#ifdef __cplusplus
}
#endif

#endif
