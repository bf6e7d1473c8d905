#!/usr/bin/env python3
"""Prints the README's result tables as Markdown from the raw JSON in bench/results.

demo-seed*.json          dc4j demo --json --seed N, one file per seed
fashion-mnist.json       dc4j eval --model RUN --data ... --test ... --json of the full data set
cluster-*.json           bench/peers/cluster.py
methods.json             bench/methods.py
kernels-*.json           bench/peers/run.py; also written as kernels.csv and kernels.svg
"""
import glob
import json
import os
import statistics

import kernel_table

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results")
METRICS = (("knn", "k-NN accuracy"), ("recall@1", "recall at 1"), ("nmi", "NMI (k-means, 10)"), ("ari", "ARI"),
           ("accuracy", "cluster accuracy"))


def load(pattern):
    return [json.load(open(path)) for path in sorted(glob.glob(os.path.join(FOLDER, pattern)))]


def cell(values):
    if not values:
        return ""
    mean = statistics.mean(values)
    if len(values) == 1:
        return "%.3f" % mean
    return "%.3f ± %.3f" % (mean, statistics.stdev(values))


def comparison(runs):
    print("| | raw pixels | untrained | trained |")
    print("|---|---|---|---|")
    for key, name in METRICS:
        if key not in runs[0]:
            continue
        columns = [[run["raw_pixels"][key] for run in runs],
                   [run["untrained"][key] for run in runs],
                   [run[key] for run in runs]]
        print("| %s | %s |" % (name, " | ".join(cell(column) for column in columns)))
    print()


def methods():
    for result in load("methods.json"):
        rows = result["rows"]
        classes = [row for row in rows if "knn" in row["scores"]]
        identities = [row for row in rows if "map" in row["scores"]]
        print("Methods by their small presets; %s, %s:\n" % (result["cpu"], result["date"]))
        table(classes, "Fashion-MNIST, 10,000 images",
              (("knn", "k-NN"), ("recall@1", "R@1"), ("nmi", "NMI")),
              ("raw_pixels", "untrained", None))
        table(identities, "kanji, 500 identities x 12 fonts",
              (("map", "mAP"), ("cmc@1", "CMC 1")), ("raw_pixels", "untrained", None))


def columns_of(rows, column):
    """Scores of a column, None for the trained network's; runs from before it was measured lack one."""
    scores = [row["scores"] for row in rows]
    return [found[column] for found in scores if column in found] if column else scores


def table(rows, title, metrics, columns):
    """One line a method: every metric in every column, mean over the seeds."""
    if not rows:
        return
    names = {"raw_pixels": "raw", "untrained": "untrained", None: "trained"}
    heads = ["%s %s" % (metric[1], names[column]) for metric in metrics for column in columns]
    print("| %s | seeds | epochs | %s |" % (title, " | ".join(heads)))
    print("|---|--:|--:|%s" % ("--:|" * len(heads)))
    for method in sorted({row["method"] for row in rows}):
        own = [row for row in rows if row["method"] == method]
        cells = [cell([scores[key] for scores in columns_of(own, column)])
                 for key, _ in metrics for column in columns]
        epochs = own[0]["epochs"] or "preset"
        print("| `%s` | %d | %s | %s |" % (method, len(own), epochs, " | ".join(cells)))
    print()


def kernels():
    for result in load("kernels-*.json")[-1:]:
        void = [name for name, how in result.get("cases", {}).items() if how["void"]]
        print("Kernels beside their peers; %s, commit %s, %s%s:\n" % (
            result["cpu"], result["commit"], result["date"],
            ", VOID: " + ", ".join(void) if void else ""))
        print(kernel_table.write(result, FOLDER))


def main():
    demos = load("demo-seed*.json")
    if demos:
        print("Demo, %d seeds (mean ± standard deviation), %s s each:\n" % (
            len(demos), ", ".join("%.0f" % run["seconds"] for run in demos)))
        comparison(demos)
    full = load("fashion-mnist.json")
    if full:
        print("Full Fashion-MNIST:\n")
        comparison(full)
    for report in load("cluster-*.json"):
        print("k-means, n = %d, d = %d, k = %d, %d iterations; %s, FAISS %s:\n" % (
            report["n"], report["d"], report["k"], report["iterations"], report["cpu"],
            report["faiss"]))
        print("| threads | dc4j, s | FAISS, s | ratio |")
        print("|---|---|---|---|")
        for row in report["rows"]:
            print("| %d | %.2f | %.2f | %.2f |" % (
                row["threads"], statistics.median(row["dc4j_seconds"]),
                statistics.median(row["faiss_seconds"]), row["ratio"]))
        print()
    methods()
    kernels()


if __name__ == "__main__":
    main()
