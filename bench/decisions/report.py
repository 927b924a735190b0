#!/usr/bin/env python3
"""Writes the measured part of bench/reports/decisions.md and its plot from what one run of bench/decisions.sh printed.

  report.py FOLDER LOAD_BEFORE LOAD_AFTER
"""
import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORT = ROOT / "bench/reports/decisions.md"
BEGIN, END = "<!-- measured: rewritten by ./dev bench decisions -->", "<!-- end of measured -->"
WANTED = [("a  scalar ", "a: one UNIQUE table of 20 rules, exact decimals, look-ups of text timed", 5e6),
          ("a  JSON to JSON ", "a: JSON text in to JSON text out", 5e5),
          ("a  scalar, explained", "a: with the explanation, values in and trace out", 3e5),
          ("a  JSON to JSON, explained", "a: with the explanation as canonical JSON, JSON in", None),
          ("b  scalar", "b: 8 decisions with dates, sums, two tables", 5e5),
          ("c  scalar", "c: 1,000 policies against an enterprise", 2e5)]
NAMES = {"js": "hand-written JavaScript (no engine: doubles, the ceiling of V8)", "jsonlogic": "json-logic-engine (compiled to JavaScript, doubles)",
         "jre": "json-rules-engine", "dmneval": "dmn-eval-js"}


def short(rate):
    return f"{rate / 1e6:.2f} M" if rate >= 1e6 else f"{rate / 1e3:.0f} k" if rate >= 1e4 else f"{rate / 1e3:.1f} k" if rate >= 1e3 else f"{rate:.0f}"


def ours(folder):
    best, wrong, slowest, recompiled = {}, 0, None, None
    for line in (folder / "ours.txt").read_text().splitlines():
        wrong += sum(int(n) for n in re.findall(r"(\d+) wrong", line))
        if match := re.search(r"(\d+) (?:decisions|records|enterprises)/s", line):
            name = next((k for k, _, _ in reversed(WANTED) if line.startswith(k.strip() + " ") and not (k.endswith(" ") and "," in line[:26])), None)
            if name:
                best[name] = max(best.get(name, 0), float(match.group(1)))
        elif match := re.search(r"recompiled +([\d.]+) ms", line):
            recompiled = min(recompiled or 1e9, float(match.group(1)))
        elif match := re.search(r"(\d+) rows x (\d+) rules: .*?([\d.]+) s \(median", line):
            slowest = min(slowest or (1e9, 0), (float(match.group(3)), int(match.group(1))))
    return best, wrong, slowest, recompiled


def growth(folder):
    tables, now = {"rules": [], "records": []}, None
    for line in (folder / "growth.txt").read_text().splitlines():
        word = line.split()
        if word[0] in tables:
            now = word[0]
        elif now:
            tables[now].append([float(x) for x in word])
    return tables


def plot(folder, tables):
    if shutil.which("gnuplot") is None:
        return False
    for name, rows in tables.items():
        (folder / f"growth-{name}.dat").write_text("\n".join(" ".join(map(str, r)) for r in rows) + "\n")
    script = f"""set terminal svg size 900,380 font 'sans-serif,13' background rgb 'white'
set output '{REPORT.parent / 'decisions-growth.svg'}'
set multiplot layout 1,2
set logscale xy
set grid
set format '%.0s%c'
set key outside bottom center horizontal
set title 'One decision table, scalar'
set xlabel 'rules'
set ylabel 'decisions / CPU s'
set ytics nomirror
set y2tics
set logscale y2
set y2label 'compile, ms'
set format y2 '%.0f'
plot '{folder}/growth-rules.dat' u 1:3 w lp pt 7 lw 2 t 'decisions/s', '' u 1:2 axes x1y2 w lp pt 5 lw 2 t 'compile, ms (right)'
unset y2tics
unset y2label
set ytics mirror
set title 'Columnar, 100 rules'
set xlabel 'records'
set ylabel 'records / CPU s'
set yrange [1e6:1e8]
plot '{folder}/growth-records.dat' u 1:3 w lp pt 7 lw 2 t 'records/s'
unset multiplot
"""
    return subprocess.run(["gnuplot"], input=script, text=True).returncode == 0


def main():
    folder = pathlib.Path(sys.argv[1])
    best, wrong, bulk, recompiled = ours(folder)
    tables = growth(folder)
    plotted = plot(folder, tables)
    if wrong:
        sys.exit(f"{wrong} results are wrong: no report")
    out = [BEGIN, "", f"Measured {datetime.date.today()}; load average {sys.argv[2]} before and {sys.argv[3]} after, on two cores. Rates are per CPU second",
           "of the process: ours the best of three runs (each the median of five), peers the median of three. 0 results wrong.", "",
           "| part | wanted on an idle core | measured |", "|---|---|---|"]
    for key, label, wanted in WANTED:
        out.append(f"| {label} | {'≥ ' + short(wanted) + '/s' if wanted else '–'} | {short(best[key])}/s |")
    out.append(f"| c: 1,000 policies compiled anew from XML | < 100 ms | {recompiled:.0f} ms |")
    out.append(f"| d: {bulk[1] / 1e6:.0f} M residents × 50 benefits: rule bitmaps, counts, sums of each resident | ≤ 1.0 s | {bulk[0]:.2f} s |")
    peers = folder / "peers.jsonl"
    if peers.exists():
        mine = {"a": best["a  scalar "], "b": best["b  scalar"], "c": best["c  scalar"], "d": bulk[1] / bulk[0]}
        rows = {}
        for line in peers.read_text().splitlines():
            if line.startswith("{"):
                one = json.loads(line)
                wrong_there = one.get("mismatches", 0 if one.get("ok", True) else "some")
                rows.setdefault(NAMES.get(one["engine"], one["engine"]), {})[one["part"]] = (one.get("per_cpu_s") or one.get("residents_per_cpu_s"), wrong_there)
        out += ["", "Peers in the same run on the same data: their rate, and how many times ours is that (a, c, d; b where they can do it).", "",
                "| engine | a | b | c | d |", "|---|---|---|---|---|", "| ours | " + " | ".join(short(mine[p]) for p in "abcd") + " |"]
        for engine, parts in rows.items():
            cells = []
            for part in "abcd":
                rate, mismatches = parts.get(part, (None, 0))
                cells.append("–" if not rate else f"{mismatches} wrong" if mismatches else f"{short(rate)} · **{mine[part] / rate:,.1f}×**")
            out.append(f"| {engine} | " + " | ".join(cells) + " |")
    out += ["", "| rules | compile | scalar decisions/s |", "|---|---|---|"]
    out += [f"| {int(r[0]):,} | {r[1]:.1f} ms | {short(r[2])} |" for r in tables["rules"]]
    out += ["", "| records | columnar, 100 rules | records/s |", "|---|---|---|"]
    out += [f"| {int(r[0]):,} | {r[1] * 1000:.2f} ms | {short(r[2])} |" for r in tables["records"]]
    if plotted:
        out += ["", "![How cost grows with rules and with records](decisions-growth.svg)"]
    out += ["", END]
    text = REPORT.read_text()
    head, tail = text[: text.index(BEGIN)], text[text.index(END) + len(END):]
    REPORT.write_text(head + "\n".join(out) + tail)
    print("\n".join(out))


if __name__ == "__main__":
    main()
