#!/usr/bin/env python3
"""Every kernel on PyTorch's own tensors against PyTorch in fp64 (values, autograd) and against the reference backend
(labels, ids, memories, sums: the same bits).

  check.py [--device cpu|cuda|cuda:1] [--host] [--only kmeans,losses]

--host keeps the tensors on the host while the kernels run on the device. Exit status 1 if a check fails.
"""
import argparse
import sys
import traceback

import torch
from torch.nn import functional

from core import Core
import oracle


class Checks:
    def __init__(self, device, host):
        self.core, self.judge = Core(device), Core("reference")
        self.where = torch.device("cuda" if device.startswith("cuda") and not host else "cpu")
        if device.startswith("cuda:") and not host:
            self.where = torch.device(device)
        self.failed = 0

    def to(self, tensor):
        return tensor.to(self.where)

    def rows(self, n, d, seed, unit=True):
        x = torch.randn(n, d, generator=torch.Generator().manual_seed(seed))
        return functional.normalize(x, dim=1) if unit else x

    def labels(self, n, k, seed, skip=0.1):
        generator = torch.Generator().manual_seed(seed)
        y = torch.randint(0, k, (n,), generator=generator, dtype=torch.int32)
        y[torch.rand(n, generator=generator) < skip] = -1
        return y

    def same(self, what, mine, judged):
        mine, judged = mine.cpu(), judged.cpu()
        differ = int((mine != judged).sum()) if mine.shape == judged.shape else -1
        self.say(what, differ == 0, "%d of %d differ" % (differ, judged.numel()))

    def close(self, what, mine, judged, bound):
        """Largest difference by the judge's largest magnitude."""
        mine, judged = mine.cpu().double(), judged.cpu().double()
        error = float((mine - judged).abs().max() / judged.abs().max().clamp_min(1e-300))
        self.say(what, error <= bound, "%.1e, allowed %.0e" % (error, bound))

    def number(self, what, mine, judged, bound):
        error = abs(mine - judged) / max(abs(judged), 1e-300)
        self.say(what, error <= bound, "%.1e, allowed %.0e" % (error, bound))

    def say(self, what, good, figure):
        self.failed += not good
        print("%-4s %-64s %s" % ("ok" if good else "FAIL", what, figure), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--host", action="store_true")
    parser.add_argument("--only", default=",".join(oracle.GROUPS))
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    checks = Checks(args.device, args.host)
    print("device %s (%s), tensors on %s, torch %s" % (
        args.device, checks.core.isa, checks.where, torch.__version__))
    for name in args.only.split(","):
        try:
            oracle.GROUPS[name](checks)
        except Exception:  # the next group is still worth a look
            checks.failed += 1
            traceback.print_exc()
    print("%d failed" % checks.failed)
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
