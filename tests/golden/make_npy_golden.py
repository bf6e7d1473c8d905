#!/usr/bin/env python3
"""Writes the npy fixtures with numpy, and the safetensors fixtures with struct by the format's
definition. Run from the repository root; the output is the same each time."""

import json
import pathlib
import struct

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1] / "src/test/resources/golden"


def npy():
    folder = ROOT / "npy"
    matrix = (np.arange(12).reshape(3, 4) * 0.25 - 1).astype("<f4")

    def save(name, array, version=None):
        with open(folder / name, "wb") as out:
            np.lib.format.write_array(out, np.asanyarray(array), version=version)

    save("f4_v1.npy", matrix, (1, 0))
    save("f4_v2.npy", matrix, (2, 0))
    save("f4_v3.npy", matrix, (3, 0))
    save("f8.npy", matrix.astype("<f8") * (1 + 1e-12))
    save("f8_too_large.npy", np.array([[1.0, 2.0], [3.0, 1e300]]))
    save("no_rows.npy", np.zeros((0, 5), "<f4"))
    save("fortran.npy", np.asfortranarray(matrix))
    save("big_endian.npy", matrix.astype(">f4"))
    save("half.npy", matrix.astype("<f2"))
    save("bool.npy", matrix > 0)
    save("structured.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
    save("cube.npy", np.zeros((2, 3, 4), "<f4"))
    save("vector_f4.npy", np.zeros(3, "<f4"))
    save("i4.npy", np.array([0, 1, -7, 2**31 - 1], "<i4"))
    save("i8.npy", np.array([0, 1, -7, 2**31 - 1], "<i8"))
    save("i8_wide.npy", np.array([0, 2**40], "<i8"))
    save("u1.npy", np.array([0, 9, 200, 255], "u1"))


def safetensors():
    tensors = [
        ("fc.weight", "F32", (np.arange(6).reshape(2, 3) / 4).astype("<f4")),
        ("scale", "F64", np.array(0.1, "<f8")),
        ("steps", "I64", np.array([1, -(2**40)], "<i8")),
        ("labels", "I32", np.array([3, -3, 0], "<i4")),
        ("pixels", "U8", np.array([[0, 255, 7]], "u1")),
        ("none", "F32", np.zeros((0, 4), "<f4")),
    ]
    header = {"__metadata__": {"method": "deepcluster", "note": "größer"}}
    data = b""
    for name, dtype, array in tensors:
        raw = array.tobytes()
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, ensure_ascii=False).encode()
    path = ROOT / "safetensors/all_types.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


npy()
safetensors()
