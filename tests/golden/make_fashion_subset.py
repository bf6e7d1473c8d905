#!/usr/bin/env python3
"""Makes the part of Fashion-MNIST that the demo ships.

    make_fashion_subset.py FULL_DIR OUT_DIR

FULL_DIR holds the four files of Debian's package dataset-fashion-mnist (dc4j data fetch
fashion-mnist). Taken are the first 1,000 images of each class of the training set and the first 200
of each class of the test set, in their original order, written as IDX files under the same names.
Standard library only; the output's bytes depend on nothing but the input (and zlib's version).
"""

import gzip
import io
import os
import struct
import sys


def read_idx(path, dimensions):
    with gzip.open(path, "rb") as file:
        data = file.read()
    magic, *sizes = struct.unpack(f">{1 + dimensions}I", data[: 4 + 4 * dimensions])
    assert magic == 0x800 | dimensions, f"{path}: magic {magic:#x}"
    return sizes, data[4 + 4 * dimensions :]


def write_idx(path, sizes, values):
    out = io.BytesIO()
    # No name and no time in the gzip header: the same input gives the same file.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as file:
        file.write(struct.pack(f">{1 + len(sizes)}I", 0x800 | len(sizes), *sizes))
        file.write(values)
    with open(path, "wb") as file:
        file.write(out.getvalue())


def first_of_each_class(labels, per_class):
    taken = [0] * 10
    chosen = []
    for i, label in enumerate(labels):
        if taken[label] < per_class:
            taken[label] += 1
            chosen.append(i)
    assert taken == [per_class] * 10, taken
    return chosen


def main(full, out):
    os.makedirs(out, exist_ok=True)
    for split, per_class in (("train", 1000), ("t10k", 200)):
        (_, height, width), pixels = read_idx(f"{full}/{split}-images-idx3-ubyte.gz", 3)
        _, labels = read_idx(f"{full}/{split}-labels-idx1-ubyte.gz", 1)
        chosen = first_of_each_class(labels, per_class)
        size = height * width
        images = b"".join(pixels[i * size : (i + 1) * size] for i in chosen)
        write_idx(f"{out}/{split}-images-idx3-ubyte.gz", [len(chosen), height, width], images)
        write_idx(
            f"{out}/{split}-labels-idx1-ubyte.gz", [len(chosen)], bytes(labels[i] for i in chosen)
        )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
