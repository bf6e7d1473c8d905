/* Views of images: crop, resize, rotate, flip, colour, blur, normalise, erase, Sobel, from 8-bit
 * pixels to a training batch in one call. 8-bit steps give Pillow's values within one grey level.
 */
#ifndef DC4J_IMAGES_H
#define DC4J_IMAGES_H

#include <dc4j/context.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An 8-bit image [height x width x channels], interleaved, channels 1 (grey) or 3 (RGB); not
 *  owned. Sides: 1..1048576. */
typedef struct dc4j_image {
  const uint8_t* data;
  int32_t height;
  int32_t width;
  int32_t channels;
} dc4j_image;

enum { DC4J_BILINEAR = 0, DC4J_BICUBIC = 1 };

/** One image's view, steps in the order of the fields. */
typedef struct dc4j_image_view {
  /** Source box in pixels, inside the image: left, top, width, height (fractions allowed);
   *  then resized (antialiased, as Pillow's resize with box) to resize_height x resize_width,
   *  1..1048576 each. Edges are rounded to fp32, as Pillow does. */
  double box_left, box_top, box_width, box_height;
  int32_t resize_height, resize_width;
  /** DC4J_BILINEAR or DC4J_BICUBIC. */
  int32_t filter;
  /** Zero padding added on every side after the resize, 0..1048576. */
  int32_t pad;
  /** Top-left corner of the window of the output size taken after padding; it must lie inside the
   *  padded result. Only what the window shows is computed. */
  int32_t window_top, window_left;
  /** Rotation of the window in degrees counter-clockwise about its centre, bilinear, outside = 0;
   *  whole turns = none. */
  double rotation;
  /** 1 = mirror left-right. */
  int32_t flip;
  /** Colour factors, 1 = none, applied in the order brightness, contrast, saturation, hue: blends
   *  with black, the mean luma, the pixel's luma (Pillow's ImageEnhance). Any finite fp32.
   *  Saturation, hue and grey leave a grey source as it is. */
  double brightness, contrast, saturation;
  /** Hue shift in turns, -0.5..0.5; 0 = none. In 8-bit HSV, so in steps of 1/255. */
  double hue;
  /** 1 = grey of the three channels in all of them. */
  int32_t grey;
  /** Standard deviation of a Gaussian blur in pixels, 0..100; 0 = none. As Pillow's GaussianBlur:
   *  three extended box filters per axis (Gwosdek et al. 2011), the border pixels repeated. */
  double blur;
  /** Rectangle of the normalised output filled with output->fill: top, left, height, width, inside
   *  the output; height or width 0 = none. Sobel sees it as it sees pixels. */
  int32_t erase_top, erase_left, erase_height, erase_width;
} dc4j_image_view;

/** The output of a batch; height x width at most 2^28. */
typedef struct dc4j_image_output {
  int32_t height;
  int32_t width;
  /** Channels before Sobel: 1 or 3 (a grey source is repeated, an RGB source becomes luma). */
  int32_t channels;
  /** 1 = mean of the channels, then Gx and Gy (zero padded 3x3): 2 channels (methods.md 1.1). */
  int32_t sobel;
  /** value = (pixel / 255 - mean[c]) / deviation[c]; the first `channels` entries are read,
   *  deviation may not be 0. */
  float mean[3];
  float deviation[3];
  /** Value of each channel in an erased rectangle, beside normalised ones; finite. */
  float fill[3];
} dc4j_image_output;

/** Channels that dc4j_images_apply writes: 2 with Sobel, else output->channels; 0 for NULL. */
DC4J_API int32_t dc4j_image_output_channels(const dc4j_image_output* output);

/** Renders n views into a batch. All arguments are checked before the first pixel; the text of
 *  DC4J_INVALID_ARGUMENT names the index, the field, its value and what is accepted.
 *  @param n 0 or more
 *  @param images [n], the same image may appear any number of times; NULL only when n == 0
 *  @param views [n]; NULL only when n == 0
 *  @param batch [n x (C*height*width)], each row one image in C, H, W order. */
DC4J_API dc4j_status dc4j_images_apply(dc4j_context* context, int64_t n, const dc4j_image* images,
                                       const dc4j_image_view* views,
                                       const dc4j_image_output* output, dc4j_matrix* batch);

#ifdef __cplusplus
}
#endif

#endif
