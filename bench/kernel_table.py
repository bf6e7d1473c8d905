"""The target table of bench/results/kernels-*.json: Markdown, CSV and a chart (SVG)."""
import csv
import os
import random
import statistics

COLOURS = {"best": "#1b6ca8", "vnni": "#4a9ad4", "fp32": "#9cc7e8", "int16": "#6fb1e0"}


def interval(theirs, ours, draws=2000):
    """2.5 % and 97.5 % of the ratio of medians under resampling of both sides."""
    generator = random.Random(1)
    resample = lambda values: statistics.median(generator.choices(values, k=len(values)))
    ratios = sorted(resample(theirs) / resample(ours) for _ in range(draws))
    return ratios[draws // 40], ratios[-draws // 40]


def version(row):
    for name in ("faiss", "sklearn", "torch"):
        if name in row["peer_info"]:
            return "%s %s" % (row["peer"], row["peer_info"][name])
    return row["peer"]


def computed(result):
    table = []
    for row in result["rows"]:
        ours, theirs = (statistics.median(row[side]) for side in ("ours", "theirs"))
        low, high = interval(row["theirs"], row["ours"])
        met = "" if row["wanted"] is None else "yes" if theirs / ours >= row["wanted"] else "no"
        isa = row["ours_info"].get("isa", "")
        table.append({"target": row["target"][:3].rstrip("abcd"), "case": row["case"],
                      "ours": "%s (%s)" % (row["variant"], isa), "ms": "%.1f" % (1e3 * ours),
                      "peer": version(row), "peer_blas": row["blas"],
                      "peer_ms": "%.1f" % (1e3 * theirs), "ratio": "%.2f" % (theirs / ours),
                      "low": "%.2f" % low, "high": "%.2f" % high,
                      "wanted": "" if row["wanted"] is None else "%.1f" % row["wanted"],
                      "met": met, "variant": row["variant"]})
    return table


def markdown(table):
    lines = ["| | case | ours | ms | peer | ms | ratio (95 %) | wanted | met |",
             "|---|---|---|--:|---|--:|--:|--:|---|"]
    for row in table:
        lines.append("| %(target)s | %(case)s | %(ours)s | %(ms)s | %(peer)s | %(peer_ms)s | "
                     "%(ratio)s (%(low)s–%(high)s) | %(wanted)s | %(met)s |" % row)
    return "\n".join(lines)


def chart(table, title):
    """Bars of the ratios, a tick where the target lies. The axis is cut at 20."""
    height, left, scale, top = 22, 600, 22, 46
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="1150" height="%d" '
             'font-family="sans-serif" font-size="12">' % (top + height * len(table) + 14),
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="12" y="20" font-size="15">%s</text>' % title]
    for mark in (1, 5, 10, 15, 20):
        x = left + mark * scale
        parts.append('<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#ddd"/>'
                     '<text x="%d" y="%d" text-anchor="middle" fill="#666">%d×</text>'
                     % (x, x, top - 6, top + height * len(table), x, top - 10, mark))
    for i, row in enumerate(table):
        y, ratio = top + height * i, float(row["ratio"])
        width = min(ratio, 20) * scale
        label = "%(case)s, %(variant)s : %(peer)s" % row
        parts.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (left - 8, y + 14, label))
        parts.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
                     % (left, y + 3, width, height - 7, COLOURS.get(row["variant"], "#1b6ca8")))
        if row["wanted"]:
            x = left + min(float(row["wanted"]), 20) * scale
            parts.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#c0392b" '
                         'stroke-width="2"/>' % (x, x, y + 1, y + height - 2))
        # After the tick, with a white edge: it stays legible where both meet.
        parts.append('<text x="%.1f" y="%d" stroke="white" stroke-width="3" paint-order="stroke">'
                     '%.1f</text>' % (left + width + 5, y + 14, ratio))
    return "\n".join(parts) + "\n</svg>\n"


def write(result, folder):
    """Writes the CSV and the chart; returns the Markdown."""
    table = computed(result)
    with open(os.path.join(folder, "kernels.csv"), "w", newline="") as out:
        writer = csv.DictWriter(out, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    title = "Peer's time / ours on %s; red: target" % result["cpu"]
    with open(os.path.join(folder, "kernels.svg"), "w") as out:
        out.write(chart(table, title))
    return markdown(table)
