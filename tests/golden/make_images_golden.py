#!/usr/bin/env python3
"""Writes tests/native/golden/images_golden.inc: views of synthetic images rendered by Pillow.

Run from the root of the repository with any Python that has Pillow and numpy:
    python3 tests/golden/make_images_golden.py
The fixture holds the source images, so the C++ test needs neither Python nor Pillow.
"""
import os
import textwrap

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter

OUT = os.path.join(os.path.dirname(__file__), "..", "native", "golden", "images_golden.inc")
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def synthetic(height, width, channels, seed):
    """Gradients, noise and flat patches (black, white, primaries, greys)."""
    state, rows = seed, []
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                state = (state * 1664525 + 1013904223) % 2**32
                smooth = (x * 5 + y * 3 * (c + 1) + c * 40) % 256
                rows.append((smooth * 3 + (state >> 24)) // 4)
    image = np.array(rows, np.uint8).reshape(height, width, channels)
    flat = [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 90, 90), (200, 201, 200)]
    for i, color in enumerate(flat):
        image[1 + 4 * i:4 + 4 * i, 2:7] = color[:channels]
    return image


def cube():
    """Colours on a grid of step 36 in each channel, 16 x 32."""
    steps = np.arange(8) * 36
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(16, 32, 3).astype(np.uint8)


IMAGES = [synthetic(37, 53, 3, 1), synthetic(37, 53, 1, 2), cube()]
DEFAULTS = dict(box=None, size=None, filter="bilinear", pad=0, window=None, rotation=0.0, flip=0, brightness=1.0,
                contrast=1.0, saturation=1.0, hue=0.0, grey=0, blur=0.0)


def shift_hue(image, hue):
    h, s, v = image.convert("HSV").split()
    shifted = (np.asarray(h).astype(np.int64) + int(hue * 255)) & 255
    return Image.merge("HSV", (Image.fromarray(shifted.astype(np.uint8), "L"), s, v)).convert("RGB")


def render(image, v):
    """What the steps of dc4j_image_view mean, by Pillow. box: left, top, width, height; size: h, w;
    window: top, left, h, w."""
    left, top, width, height = v["box"]
    image = image.resize((v["size"][1], v["size"][0]), FILTERS[v["filter"]],
                         box=(left, top, left + width, top + height))
    if v["pad"]:
        padded = Image.new(image.mode, (image.width + 2 * v["pad"], image.height + 2 * v["pad"]))
        padded.paste(image, (v["pad"], v["pad"]))
        image = padded
    y, x, h, w = v["window"]
    image = image.crop((x, y, x + w, y + h))
    image = image.rotate(v["rotation"], resample=Image.BILINEAR)
    if v["flip"]:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    for name, enhance in (("brightness", ImageEnhance.Brightness), ("contrast", ImageEnhance.Contrast)):
        if v[name] != 1:
            image = enhance(image).enhance(v[name])
    if image.mode != "L":
        if v["saturation"] != 1:
            image = ImageEnhance.Color(image).enhance(v["saturation"])
        if v["hue"] != 0:
            image = shift_hue(image, v["hue"])
        if v["grey"]:
            image = image.convert("L").convert("RGB")
    if v["blur"] > 0:
        image = image.filter(ImageFilter.GaussianBlur(v["blur"]))
    return image


def cases():
    resizes = [
        (0, (0, 0, 53, 37), (17, 24)), (0, (0, 0, 53, 37), (9, 40)), (0, (3.25, 2.5, 41.3, 30.75), (20, 20)),
        (0, (10, 5, 7, 9), (26, 31)), (0, (20.5, 30.25, 0.75, 1), (5, 6)), (0, (52, 36, 1, 1), (4, 4)),
        (1, (0, 0, 53, 37), (28, 28)), (1, (5.5, 1, 32, 32), (28, 28)), (1, (0, 0, 53, 37), (1, 1)),
        (1, (12, 0, 3, 37), (44, 2)), (1, (4, 4, 28, 28), (28, 28)), (1, (0, 0, 53, 37), (3, 61)),
    ]
    for filter_name in FILTERS:
        for image, box, size in resizes:
            yield "resize_" + filter_name, image, dict(box=box, size=size, filter=filter_name)
    for angle in (2.0, -2.0, 17.3, 45.0, 90.0, -135.0, 180.0, 270.0, 360.0, 359.5, -721.0):
        yield "rotate", 1, dict(box=(8, 4, 24, 24), size=(24, 24), rotation=angle)
    # Eighths of a turn put source positions exactly on pixel edges: the last bit of the map decides.
    yield "rotate", 0, dict(box=(8, 4, 22, 17), size=(17, 22), rotation=135.0)
    yield "rotate", 1, dict(box=(8, 4, 22, 9), size=(9, 22), rotation=-225.0)
    yield "rotate", 0, dict(box=(8, 4, 21, 30), size=(30, 21), rotation=33.0)
    yield "rotate", 0, dict(box=(8, 4, 30, 12), size=(12, 30), rotation=90.0)
    yield "mirror", 0, dict(box=(8, 4, 19, 13), size=(13, 19), flip=1)
    yield "mirror", 1, dict(box=(8, 4, 18, 13), size=(13, 18), flip=1)
    for pad, window in ((4, (0, 0, 20, 20)), (4, (8, 8, 20, 20)), (3, (1, 5, 20, 20)), (30, (2, 2, 20, 20))):
        yield "pad_window", 1, dict(box=(8, 4, 20, 20), size=(20, 20), pad=pad, window=window)
    yield "pad_window", 0, dict(box=(0, 0, 53, 37), size=(25, 30), window=(7, 11, 13, 17))
    whole = dict(box=(0, 0, 32, 16), size=(16, 32))
    for name, factors in (("brightness", (0.0, 0.37, 1.6)), ("contrast", (0.0, 0.6, 1.8)),
                          ("saturation", (0.0, 0.45, 2.0)), ("hue", (-0.5, -0.11, 0.013, 0.3, 0.5)),
                          ("grey", (1,))):
        for factor in factors:
            yield name, 2, dict(whole, **{name: factor})
    for name, factor in (("brightness", 1.4), ("contrast", 0.5), ("contrast", 1.3), ("hue", 0.2), ("saturation", 3.0)):
        yield name, 0, dict(box=(0, 0, 24, 30), size=(30, 24), **{name: factor})
    for name, factor in (("brightness", 0.7), ("contrast", 1.5), ("saturation", 0.2), ("hue", 0.3), ("grey", 1)):
        yield name + "_of_grey", 1, dict(box=(0, 0, 26, 26), size=(26, 26), **{name: factor})
    everything = dict(box=(2.5, 3.5, 44.25, 29.5), pad=2, rotation=-8.0, flip=1, brightness=1.2, contrast=0.8)
    yield "all", 0, dict(everything, size=(26, 26), window=(3, 1, 26, 26), saturation=1.4, hue=-0.07)
    yield "all", 0, dict(everything, size=(26, 26), window=(3, 1, 26, 26), grey=1, filter="bicubic")
    yield "all", 1, dict(everything, size=(28, 28), window=(0, 4, 28, 28))
    for deviation in (0.1, 0.37, 0.5, 1.0, 1.41, 1.9, 2.0, 3.5, 9.0, 40.0):
        yield "blur", 1, dict(box=(8, 4, 24, 19), size=(19, 24), blur=deviation)
    for deviation in (0.1, 0.8, 1.0, 1.63, 2.0):
        yield "blur", 0, dict(box=(8, 4, 21, 30), size=(30, 21), blur=deviation)
    for size in ((1, 1), (1, 9), (7, 1), (2, 2), (3, 4)):
        yield "blur_of_few", 0, dict(box=(3, 2, size[1], size[0]), size=size, blur=1.7)
        yield "blur_of_few", 1, dict(box=(3, 2, size[1], size[0]), size=size, blur=6.0)
    yield "blur_last", 0, dict(everything, size=(26, 26), window=(3, 1, 26, 26), saturation=1.4, hue=0.1, blur=1.3)
    yield "blur_last", 0, dict(everything, size=(26, 26), window=(3, 1, 26, 26), grey=1, blur=0.6)
    yield "blur_last", 1, dict(everything, size=(28, 28), window=(0, 4, 28, 28), blur=2.0)


def hexed(array):
    lines = textwrap.wrap(np.ascontiguousarray(array).tobytes().hex(), 92)
    return "\n    ".join('"%s"' % line for line in lines)


def main():
    with open(OUT, "w") as out:
        out.write("// Written by tests/golden/make_images_golden.py with Pillow %s; not edited by hand.\n"
                  "// clang-format off\n" % PIL.__version__)
        out.write("static const GoldenImage kGoldenImages[] = {\n")
        for image in IMAGES:
            out.write("  {%d, %d, %d,\n    %s},\n" % (*image.shape, hexed(image)))
        out.write("};\nstatic const GoldenView kGoldenViews[] = {\n")
        for group, index, changes in cases():
            v = dict(DEFAULTS, **changes)
            v["window"] = v["window"] or (0, 0, *v["size"])
            pixels = IMAGES[index]
            source = Image.fromarray(pixels[:, :, 0], "L") if pixels.shape[2] == 1 else Image.fromarray(pixels, "RGB")
            result = np.asarray(render(source, v))
            y, x, h, w = v["window"]
            assert result.shape[:2] == (h, w), (group, changes)
            box = ", ".join(repr(float(b)) for b in v["box"])
            out.write('  {"%s", %d, %d, %d,\n   {%s, %d, %d, %s, %d, %d, %d, %r, %d, %r, %r, %r, %r, %d, %r, 0, 0, 0, 0},\n    %s},\n' % (
                group, index, h, w, box, *v["size"], "DC4J_" + v["filter"].upper(), v["pad"], y, x, v["rotation"],
                v["flip"], v["brightness"], v["contrast"], v["saturation"], v["hue"], v["grey"], v["blur"],
                hexed(result)))
        out.write("};\n// clang-format on\n")


if __name__ == "__main__":
    main()
