"""The rows of the cases, written where both sides read them."""
import gzip
import json
import os

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def unit(n, d, seed):
    x = np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def mixture(n, d):
    """Gaussians around 1,000 unit rows, as far from their mean as the means' neighbours are near."""
    centres = unit(1000, d, 8)
    generator = np.random.default_rng(9)
    x = centres[generator.integers(0, len(centres), n)]
    return x + generator.standard_normal((n, d), dtype=np.float32) * np.float32(0.5 / d ** 0.5)


def spectrum(n, d):
    """Unit rows whose i-th coordinate has standard deviation 1/i."""
    x = np.random.default_rng(3).standard_normal((n, d), dtype=np.float32)
    x /= np.arange(1, d + 1, dtype=np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def fashion(n, d):
    """The shipped images' pixels, whitened to d components, unit rows."""
    folder = os.path.join(ROOT, "java/cli/src/main/resources/org/dc4j/cli/fashion-mnist")
    with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as images:
        pixels = np.frombuffer(images.read(), np.uint8, offset=16).reshape(-1, 784)[:n]
    x = pixels.astype(np.float64) - pixels.mean(0)
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    y = x @ (vectors[:, -d:] / np.sqrt(values[-d:]))
    return (y / np.linalg.norm(y, axis=1, keepdims=True)).astype(np.float32)


ROWS = {"unit": lambda n, d: unit(n, d, 1), "mixture": mixture, "spectrum 1/i": spectrum,
        "whitened Fashion-MNIST": fashion}


def write_data(case, folder, quick):
    n, k, d, name = case["n"], case["k"], case["d"], case["name"]
    if quick:
        n, k = max(n // 20, 300), max(k // 20, 5)
    if "Jaccard" in name or "PIC" in name:
        import graph
        x = graph.clustered(n, d)
        ids, squared = graph.neighbours(x, 30 if "Jaccard" in name else 5, "PIC" in name)
        np.save(os.path.join(folder, "ids.npy"), ids)
        np.save(os.path.join(folder, "squared.npy"), squared)
    elif "PCA" in name:
        x = np.random.default_rng(3).standard_normal((n, d), dtype=np.float32)
        x /= np.sqrt(np.arange(1, d + 1, dtype=np.float32))
    else:
        x = ROWS[case.get("rows", "unit")](n, d)
    np.save(os.path.join(folder, "x.npy"), x)
    if case.get("rows", "unit") != "unit" and "assign" in name:
        np.save(os.path.join(folder, "c.npy"), x[np.random.default_rng(2).permutation(n)[:k]])
    elif "assign" in name or "InfoNCE" in name or "memory" in name:
        np.save(os.path.join(folder, "c.npy"), unit(k, d, 2))
    with open(os.path.join(folder, "k.json"), "w") as out:
        json.dump(k, out)


def clusters(folder):
    """The case's k, as write_data left it."""
    with open(os.path.join(folder, "k.json")) as given:
        return json.load(given)
