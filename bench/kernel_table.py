"""The target tables of bench/results/kernels-*.json, beside peers and beside the machine's ceilings: Markdown,
CSV and a chart (SVG) of both."""
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
    for name in ("faiss", "sklearn", "torch", "spark", "tribuo"):
        if name in row["peer_info"]:
            return "%s %s" % (row["peer"], row["peer_info"][name])
    return row["peer"]


def target(row):
    """T2 of T2m, which is T2 on other data."""
    return row["target"].rstrip("abcdjmrs")


def milliseconds(seconds):
    return ("%.1f" if seconds >= 0.01 else "%.3f") % (1e3 * seconds)


def peer_rows(result):
    table = []
    for row in result["rows"]:
        ours, theirs = (statistics.median(row[side]) for side in ("ours", "theirs"))
        low, high = interval(row["theirs"], row["ours"])
        met = "" if row["wanted"] is None else "yes" if theirs / ours >= row["wanted"] else "no"
        if result.get("cases", {}).get(row["target"], {}).get("void"):
            met = met + ", void" if met else "void"  # the machine changed meanwhile
        isa = row["ours_info"].get("isa", "")
        table.append({"target": target(row), "case": row["case"],
                      "ours": "%s (%s)" % (row["variant"], isa), "ms": milliseconds(ours),
                      "peer": version(row), "peer_blas": row["blas"],
                      "peer_ms": milliseconds(theirs), "ratio": "%.2f" % (theirs / ours),
                      "low": "%.2f" % low, "high": "%.2f" % high,
                      "wanted": "" if row["wanted"] is None else "%.1f" % row["wanted"],
                      "met": met, "variant": row["variant"]})
    return table


FORMATS = {"of it": "%.5f of it", "times": "%.1f times", "sine": "%.1e"}


def shown(value, unit):
    if unit == "%":
        return "%.1f %%" % (100 * value)
    return FORMATS.get(unit, "%.0f " + unit) % value


def entry(row, case, ours, theirs, value, unit, wanted, at_least=False):
    """`value` against `wanted`, as ceilings.py has them; a line of the table."""
    return {"target": target(row), "case": case, "measured": ours,
            "of": theirs, "value": shown(value, unit),
            "wanted": "%s %s" % ("≥" if at_least else "≤", shown(wanted, unit)),
            "met": "yes" if (value >= wanted if at_least else value <= wanted) else "no",
            # Of what is allowed or demanded; the target lies at 1.
            "part": value / wanted, "at_least": at_least}


def ceiling_rows(result):
    return [entry(row, row["case"], row["measured"], row["of"], row["value"], row["unit"],
                  row["wanted"], row["at_least"]) for row in result.get("ceilings", [])]


def top_rows(result):
    """Without the lower tiers of a case that has the best one."""
    rows = peer_rows(result)
    tiered = {(row["target"], row["case"]) for row in rows if row["variant"] == "best"}
    return [row for row in rows
            if row["variant"] == "best" or (row["target"], row["case"]) not in tiered]


def exactness(row, ours, theirs):
    if row["variant"] not in ("best", "int16"):
        return
    if "labels_exact" in ours and "labels_exact" in theirs:
        yield entry(row, "%s, %s: labels equal to fp64's" % (row["case"], row["variant"]),
                    shown(ours["labels_exact"], "%"), "%s %s" % (
                        row["peer"], shown(theirs["labels_exact"], "%")),
                    ours["labels_exact"], "%", 1, at_least=True)
    if "objective" in ours and row["peer"] == "faiss" and target(row) in LOSS:
        yield entry(row, "%s, %s: objective" % (row["case"], row["variant"]),
                    "%.1f" % ours["objective"], "%s %.1f" % (row["peer"], theirs["objective"]),
                    ours["objective"] / theirs["objective"], "of it", LOSS[target(row)])


def memory(row, ours, theirs):
    for unit, scale in (("more_KiB", 1 / 1024), ("more_MiB", 1)):
        if unit in ours and unit in theirs and row["target"] in MEMORY:
            share = ours[unit] / theirs[unit]
            yield entry(row, "%s, %s: memory beside the data" % (row["case"], row["variant"]),
                        "%.1f MiB" % (ours[unit] * scale), "%s %.0f MiB" % (
                            row["peer"], theirs[unit] * scale), share, "%",
                        MEMORY[row["target"]])
    if "copy_ms" in ours:
        took = 1e3 * statistics.median(row["ours"])
        yield entry(row, row["case"] + ": beside a copy of as many rows by one thread",
                    "%.3f ms" % took, "%.3f ms" % ours["copy_ms"], took / ours["copy_ms"], "times",
                    2)


LOSS = {"T4": 1.0001, "T5": 1.01}  # of the peer's objective
MEMORY = {"T9a": 0.02, "T9b": 0.02, "T12": 0.05}  # of the peer's


def demand_rows(result):
    """What the targets ask beside time."""
    return [found for row in result["rows"] if row["peer"] != "torch_bf16"
            for kind in (exactness, memory)
            for found in kind(row, row["ours_info"], row["peer_info"])]


def markdown(result, short=False):
    """short: without the lower tiers."""
    lines = []
    if result["rows"]:
        lines += ["| | case | ours | ms | peer | ms | ratio (95 %) | wanted | met |",
                  "|---|---|---|--:|---|--:|--:|--:|---|"]
    for row in top_rows(result) if short else peer_rows(result):
        lines.append("| %(target)s | %(case)s | %(ours)s | %(ms)s | %(peer)s | %(peer_ms)s | "
                     "%(ratio)s (%(low)s–%(high)s) | %(wanted)s | %(met)s |" % row)
    for table in (demand_rows(result), ceiling_rows(result)):
        if table:
            lines += [""] * bool(lines) + ["| | case | measured | of | value | wanted | met |",
                                           "|---|---|--:|--:|--:|--:|---|"]
        for row in table:
            lines.append("| %(target)s | %(case)s | %(measured)s | %(of)s | %(value)s | %(wanted)s "
                         "| %(met)s |" % row)
    return "\n".join(lines)


HEIGHT, LEFT = 22, 600  # of a bar with its gap; where bars begin


def bar(y, label, part, scale, colour, tick, text):
    """One row of the chart: label, bar of `part`, red tick, text after the bar."""
    width = part * scale
    parts = ['<text x="%d" y="%d" text-anchor="end">%s</text>' % (LEFT - 8, y + 14, label),
             '<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
             % (LEFT, y + 3, width, HEIGHT - 7, colour)]
    if tick is not None:
        x = LEFT + tick * scale
        parts.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#c0392b" '
                     'stroke-width="2"/>' % (x, x, y + 1, y + HEIGHT - 2))
    # After the tick, with a white edge: it stays legible where both meet.
    parts.append('<text x="%.1f" y="%d" stroke="white" stroke-width="3" paint-order="stroke">'
                 '%s</text>' % (LEFT + width + 5, y + 14, text))
    return parts


def axis(top, rows, scale, marks):
    parts = []
    for mark, text in marks:
        x = LEFT + mark * scale
        parts.append('<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#ddd"/>'
                     '<text x="%d" y="%d" text-anchor="middle" fill="#666">%s</text>'
                     % (x, x, top - 6, top + HEIGHT * rows, x, top - 10, text))
    return parts


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def chart(result):
    """Bars of the ratios, a tick where the target lies, the axis cut at 20; below them the ceilings, as parts
    of what is wanted, cut at 2."""
    peers, ceilings = top_rows(result), ceiling_rows(result)
    top, below = 46, 46 + HEIGHT * len(peers) + (60 if ceilings else 0)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="1240" height="%d" '
             'font-family="sans-serif" font-size="12">' % (below + HEIGHT * len(ceilings) + 14),
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="12" y="20" font-size="15">Peer\'s time / ours on %s; red: target</text>'
             % escaped(result["cpu"])]
    parts += axis(top, len(peers), 22, [(m, "%d×" % m) for m in (1, 5, 10, 15, 20)])
    for i, row in enumerate(peers):
        ratio = float(row["ratio"])
        tick = min(float(row["wanted"]), 20) if row["wanted"] else None
        parts += bar(top + HEIGHT * i, escaped("%(case)s, %(variant)s : %(peer)s" % row),
                     min(ratio, 20), 22, COLOURS.get(row["variant"], "#1b6ca8"), tick,
                     "%.1f" % ratio)
    if ceilings:
        parts.append('<text x="12" y="%d" font-size="15">Beside the machine\'s ceilings, as part of '
                     'what is wanted (≥: longer is better, ≤: shorter)</text>' % (below - 26))
        parts += axis(below, len(ceilings), 220, [(0, "0"), (1, "wanted"), (2, "2×")])
    for i, row in enumerate(ceilings):
        parts += bar(below + HEIGHT * i, escaped("%(case)s" % row), min(row["part"], 2), 220,
                     "#1b6ca8" if row["at_least"] else "#7a9a3c", 1,
                     escaped("%(value)s, wanted %(wanted)s" % row))
    return "\n".join(parts) + "\n</svg>\n"


def table_file(path, table):
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, table[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def write(result, folder):
    """Writes kernels.csv, ceilings.csv, all of the Markdown as kernels.md and the chart; returns the short one."""
    if result["rows"]:
        table_file(os.path.join(folder, "kernels.csv"), peer_rows(result))
    if result.get("ceilings"):
        table_file(os.path.join(folder, "ceilings.csv"), ceiling_rows(result))
    with open(os.path.join(folder, "kernels.svg"), "w") as out:
        out.write(chart(result))
    with open(os.path.join(folder, "kernels.md"), "w") as out:
        out.write("# Kernels beside their peers, every tier\n\nGenerated by `bench/results.py`; %s, %s.\n\n%s\n"
                  % (result["cpu"], result["date"], markdown(result)))
    return markdown(result, short=True)
