#!/usr/bin/env python3
"""Prints what numpy (npy) or the format's definition (safetensors) finds in a file, as one JSON
line: the independent reader that the tests hold against ours."""

import json
import struct
import sys

import numpy as np

TYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1"}


def describe(array):
    return {"dtype": array.dtype.str, "shape": list(array.shape), "values": array.ravel().tolist()}


def read_safetensors(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    result = {"data_start": 8 + length, "metadata": header.pop("__metadata__", {}), "tensors": {}}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = np.dtype(TYPES[entry["dtype"]])
        assert begin % dtype.itemsize == 0, name
        values = np.frombuffer(raw[8 + length + begin : 8 + length + end], dtype)
        result["tensors"][name] = describe(values.reshape(entry["shape"]))
    return result


path = sys.argv[1]
print(json.dumps(describe(np.load(path)) if path.endswith(".npy") else read_safetensors(path)))
