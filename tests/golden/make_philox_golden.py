#!/usr/bin/python3
"""Writes tests/src/test/resources/golden/philox.json: 64-bit draws of Philox4x32-10.

Plain integers after Salmon et al. 2011, proven on the known answers of Random123 before anything is
written. Run from the repository root.
"""
import json
from pathlib import Path

OUT = Path("tests/src/test/resources/golden/philox.json")
MASK = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & MASK, (a >> 32) ^ c[3] ^ k[1], a & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


KNOWN = [
    ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ([MASK] * 4, [MASK] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def draw(key, index):
    words = philox([index & MASK, index >> 32, 0, 0], [key & MASK, key >> 32])
    return f"{words[1]:08x}{words[0]:08x}"


def main():
    for counter, key, expected in KNOWN:
        assert " ".join(f"{w:08x}" for w in philox(counter, key)) == expected
    keys = [0, 1, 20261122, 0x299F31D0A4093822, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF]
    cases = [{"key": f"{key:016x}", "draws": [draw(key, i) for i in range(8)]} for key in keys]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
