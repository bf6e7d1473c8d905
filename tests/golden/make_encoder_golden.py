#!/usr/bin/env python3
"""ResNet-50, GoogLeNet, pooling, necks and ghost batch norm by torchvision and PyTorch in fp64, for
GoldenEncoderTest.

Every stored value comes with PyTorch's own error in fp32 for that tensor ("single"), a share of the
largest value: ReLUs near 0 flip, and through a deep net in training no fp32 gradient is closer.

Weights, images and the gradient are drawn by a formula that the test repeats, so that only outputs are
stored. Needs numpy, torch and torchvision; shares no code with the library. Writes
tests/src/test/resources/golden/encoder.json.

  python3 tests/golden/make_encoder_golden.py
"""
import json
import os
import zlib

import numpy as np
import torch
import torchvision
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "src", "test", "resources", "golden", "encoder.json")
IMAGES, RATE = 4, 0.05


def uniform(stream, count):
    """[0, 1) by hashing stream and position; the same integers in the test."""
    mask = np.uint64(0xFFFFFFFF)
    h = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(stream * 40503 + 12345)) & mask
    h ^= h >> np.uint64(16)
    h = (h * np.uint64(0x45D9F3B)) & mask
    h ^= h >> np.uint64(16)
    return h.astype(np.float64) / 2.0 ** 32


def fill(name, shape, stream):
    u = uniform(stream, int(np.prod(shape)))
    if name == "gap.p":
        values = 2.5 + u
    elif len(shape) > 1:
        values = (2 * u - 1) * np.sqrt(6.0 / np.prod(shape[1:]))
    elif name.endswith("bn3.weight"):  # the last of a residual branch: the closer to 0, the less a
        values = 0.05 + 0.1 * u  # rounding error grows from block to block
    elif name.endswith(".weight") or name.endswith("running_var"):
        values = 0.5 + u
    else:
        values = 0.2 * u - 0.1
    return torch.tensor(values.astype(np.float32).astype(np.float64)).view(*shape)


class Gem(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.full((1,), 3.0))

    def forward(self, x):
        return x.clamp(min=1e-6).pow(self.p).mean(dim=(2, 3), keepdim=True).pow(1 / self.p)


class Ghost(nn.Module):
    """Batch norm of consecutive groups of rows, one after the other."""

    def __init__(self, norm, group):
        super().__init__()
        self.norm, self.group = norm, group

    def forward(self, x):
        if not self.training:
            return self.norm(x)
        return torch.cat([self.norm(part) for part in x.split(self.group)])


class Odc(nn.Module):
    def __init__(self, width, hidden, embedding):
        super().__init__()
        self.fc0 = nn.Linear(width, hidden)
        self.bn0 = nn.BatchNorm1d(hidden, momentum=0.001, affine=False)
        self.fc1 = nn.Linear(hidden, embedding)

    def forward(self, x):  # dropout is the identity in evaluation, the only mode this one is used in
        return self.fc1(self.bn0(self.fc0(x)).relu()).relu()


def build(case):
    name, width = case["backbone"], 2048
    if name == "googlenet":
        net, width = torchvision.models.googlenet(weights=None, aux_logits=False, init_weights=False), 1024
        net.dropout = nn.Identity()
    else:
        net = torchvision.models.resnet50(weights=None)
        if name == "resnet50-reid":
            net.layer4[0].conv2.stride = net.layer4[0].downsample[0].stride = (1, 1)
        if max(case["height"], case["width"]) <= 64:
            net.conv1, net.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    net.fc = nn.Identity()
    if case["pooling"] == "gem":
        net.avgpool = nn.Identity()
        net.gap = Gem()
    hidden, embedding = case["hidden"], case["embedding"]
    if case["neck"] == "linear":
        net.neck = nn.Sequential()
        net.neck.add_module("fc", nn.Linear(width, embedding))
    elif case["neck"] == "mlp":
        net.projection_head = nn.Sequential(nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
                                            nn.Linear(hidden, embedding))
    elif case["neck"] == "odc":
        net.neck = Odc(width, hidden, embedding)
    elif case["neck"] == "batchnorm":
        net.feat_bn = nn.BatchNorm1d(width)
        net.feat_bn.bias.requires_grad_(False)
    return net


def embed(net, case, x):
    if case["pooling"] == "gem":  # torchvision's forward flattens; walk the stages by hand
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        x = net.gap(net.layer4(net.layer3(net.layer2(net.layer1(x))))).flatten(1)
    else:
        x = net(x)
    for name in ["neck", "projection_head", "feat_bn"]:
        x = getattr(net, name)(x) if hasattr(net, name) else x
    return nn.functional.normalize(x) if case["normalize"] else x


def ghosts(net, group):
    for name, child in list(net.named_children()):
        if isinstance(child, (nn.BatchNorm2d, nn.BatchNorm1d)):
            setattr(net, name, Ghost(child, group))
        else:
            ghosts(child, group)


def some(tensor):
    values = tensor.detach().double().flatten()
    return [float("%.9g" % v) for v in values[:: max(1, len(values) // 24)].tolist()]


def pass_of(case, dtype):
    """Embeddings in evaluation and training and what one SGD step changes, in that precision."""
    net = build(case).to(dtype)
    start = {}
    for stream, (name, tensor) in enumerate(net.state_dict().items()):
        if tensor.is_floating_point():
            start[name] = fill(name, tensor.shape, stream)
            tensor.copy_(start[name])
    kept = dict(net.state_dict(keep_vars=True))
    if case["normGroup"]:
        ghosts(net, case["normGroup"])
    shape = (IMAGES, 3, case["height"], case["width"])
    x = torch.tensor((2 * uniform(5000, int(np.prod(shape))) - 1).astype(np.float32)).to(dtype).view(*shape)
    net.eval()
    values = {"evaluation": embed(net, case, x).detach()}
    if case["trains"]:
        net.train(not case["freezeNorm"])
        y = embed(net, case, x)
        values["training"] = y.detach()
        gradient = (2 * uniform(6000, y.numel()) - 1).astype(np.float32)
        y.backward(torch.tensor(gradient).to(dtype).view_as(y))
        for name in case["watched"]:
            tensor = kept[name]
            values[name] = -RATE * tensor.grad if tensor.requires_grad else tensor.detach().double() - start[name]
    return kept, values


def run(case):
    kept, double = pass_of(case, torch.float64)
    _, single = pass_of(case, torch.float32)
    names = "".join(name + " " + "x".join(str(n) for n in t.shape) + "\n" for name, t in kept.items())
    result = dict(case, names=zlib.crc32(names.encode()), tensors=len(kept), values={}, single={})
    for name, value in double.items():
        result["values"][name] = some(value)
        largest = max(float(value.abs().max()), 1e-300)
        result["single"][name] = float("%.2g" % (float((single[name].double() - value).abs().max()) / largest))
    print(case["backbone"], case["neck"], result["tensors"], result["single"], flush=True)
    return result


def case(backbone, height, width, neck, hidden, embedding, watched, **others):
    settings = dict(pooling="average", normalize=False, normGroup=0, freezeNorm=False, trains=True)
    return dict(dict(backbone=backbone, height=height, width=width, neck=neck, hidden=hidden,
                     embedding=embedding, watched=watched, **settings), **others)


def main():
    cases = [
        case("resnet50", 72, 40, "none", 0, 2048,
             ["conv1.weight", "layer2.0.downsample.0.weight", "layer4.2.conv2.weight", "layer3.1.bn3.bias",
              "layer1.0.bn1.running_mean", "layer4.0.bn3.running_var"]),
        case("resnet50", 32, 32, "mlp", 64, 16,
             ["conv1.weight", "projection_head.0.weight", "projection_head.1.weight",
              "projection_head.1.running_var", "projection_head.3.bias"], normalize=True),
        case("resnet50-reid", 96, 48, "batchnorm", 0, 2048,
             ["conv1.weight", "layer4.0.conv2.weight", "gap.p", "feat_bn.weight", "feat_bn.bias",
              "feat_bn.running_var", "layer2.0.bn2.running_mean"],
             pooling="gem", normalize=True, normGroup=2),
        case("resnet50", 48, 32, "odc", 32, 8, [], trains=False),
        case("googlenet", 67, 99, "none", 0, 1024,
             ["conv1.conv.weight", "inception3b.branch3.1.conv.weight", "inception5b.branch4.1.bn.weight",
              "inception4a.branch2.0.bn.running_var"]),
        case("googlenet", 64, 64, "linear", 0, 32,
             ["conv2.conv.weight", "inception4d.branch2.1.conv.weight", "neck.fc.weight",
              "conv1.bn.running_mean"], normalize=True, freezeNorm=True),
    ]
    with open(OUT, "w") as out:
        json.dump({"torch": torch.__version__.split("+")[0],
                   "torchvision": torchvision.__version__.split("+")[0],
                   "cases": [run(c) for c in cases]}, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
