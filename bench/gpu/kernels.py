#!/usr/bin/env python3
"""Times every kernel of the CUDA backend on PyTorch's tensors beside PyTorch, a cuBLAS product of the same shape and
the measured copy bandwidth, after checking its answer. Targets: T14, T15 of the table in the README.

  kernels.py [--device cuda] [--quick] [--only assign,info_nce] [--out FOLDER]

Writes gpu-<device>-<date>.json: {"device", "date", "commit", "copy_gb_s", "rows": [{"kernel", "shape", "ms",
"labels_equal", "ratio": {"torch_fp32", ...}, ...}]}. A ratio is the peer's time over ours; for cublas_* it is the
share of that product's rate that ours reaches. Sides alternate; medians. The file is written after every case; a case
that fails is in it with its error, and the exit status is 1. The name of what is not whole begins with part-.
--device cpu runs everything small on the host, to see that the script works: no figures come of it.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests/native/oracle"))
import cases  # noqa: E402
from core import Core  # noqa: E402


class Clock:
    def __init__(self, device, rounds):
        self.cuda, self.rounds = device.startswith("cuda"), rounds

    def few(self):
        """For calls of seconds."""
        return Clock("cuda" if self.cuda else "cpu", min(3, self.rounds))

    def once(self, call, repetitions):
        if self.cuda:
            torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(repetitions):
            call()
        if self.cuda:
            torch.cuda.synchronize()
        return (time.perf_counter() - started) / repetitions

    def repetitions(self, call, at_least=0.05):
        """So many that a window lasts 50 ms."""
        call()
        return max(1, min(200, int(at_least / max(self.once(call, 1), 1e-7))))

    def compare(self, calls):
        """Medians in seconds by name, the sides in turn, forwards and backwards."""
        counts = {name: self.repetitions(call) for name, call in calls.items()}
        times = {name: [] for name in calls}
        for turn in range(self.rounds):
            order = list(calls) if turn % 2 == 0 else list(reversed(list(calls)))
            for name in order:
                times[name].append(self.once(calls[name], counts[name]))
        return {name: statistics.median(t) for name, t in times.items()}


def copy_rate(clock, where, quick):
    """GB/s of a device-to-device copy, bytes read plus bytes written."""
    size = (1 << 24) if quick else (1 << 30)
    a = torch.empty(size // 4, device=where)
    b = torch.empty_like(a)
    return 2e-9 * size / clock.compare({"copy": lambda: b.copy_(a)})["copy"]


def describe(args):
    if not args.device.startswith("cuda"):
        return platform.processor() or platform.machine()
    p = torch.cuda.get_device_properties(torch.device(args.device))
    return p.name


def commit():
    """What the environment says comes first: a copy of a working tree may lie on another commit."""
    if os.environ.get("DC4J_COMMIT"):
        return os.environ["DC4J_COMMIT"]
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    except OSError:  # no git here
        return "unknown"
    return done.stdout.strip() or "unknown"


def write(result, path):
    with open(path, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")


def show(row):
    print("%-22s %-34s %10.3f ms  %s%s" % (
        row["kernel"], row["shape"], row["ms"],
        "" if row["labels_equal"] is None else "labels equal: %s  " % row["labels_equal"],
        "  ".join("%s %.2f" % pair for pair in row["ratio"].items())), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(cases.CASES))
    parser.add_argument("--out", default=os.environ.get("OUT", os.path.join(ROOT, "bench/results")))
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    if args.device.startswith("cuda"):
        torch.cuda.set_device(args.device)  # what synchronisation waits for
    small = args.quick or not args.device.startswith("cuda")
    clock = Clock(args.device, 3 if small else 7)
    core, where = Core(args.device, os.cpu_count()), torch.device(args.device)
    result = {"device": describe(args), "date": datetime.date.today().isoformat(), "commit": commit(),
              "torch": torch.__version__, "cuda": torch.version.cuda, "quick": small,
              "copy_gb_s": copy_rate(clock, where, small), "rows": []}
    os.makedirs(args.out, exist_ok=True)
    whole = not small and args.only == ",".join(cases.CASES)
    path = os.path.join(args.out, "%sgpu-%s-%s.json" % (
        "" if whole else "part-", result["device"].replace(" ", "-"), result["date"]))
    for name in args.only.split(","):
        try:
            for row in cases.CASES[name](core, clock, where, small):
                result["rows"].append(row)
                show(row)
        except Exception as error:  # the other cases are worth having
            result.setdefault("errors", {})[name] = repr(error)
            print("%s FAILED: %r" % (name, error), flush=True)
        write(result, path)
    result["copy_gb_s_after"] = copy_rate(clock, where, small)
    write(result, path)
    print("wrote " + path)
    wrong = [row for row in result["rows"] if row["labels_equal"] is False]
    sys.exit(1 if wrong or "errors" in result else 0)


if __name__ == "__main__":
    main()
