#!/usr/bin/env python3
"""Seeds for the fuzz targets, made only from this repository's own cases, so that the corpus is ours.

  seeds.py TARGET DIR   writes the seeds of a target into DIR, one file each

feel: every expression of spec/feel, every formula of the packs. dmn: every model of spec/dmn and the packs.
inputs: a number byte that picks the decision of fuzz_inputs.cpp, then records, one a line. http, xlsx: tests/bytes/seeds.
pack: the small files of the packs.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def feel():
    for file in sorted((ROOT / "spec/feel").glob("*.cases")):
        for line in file.read_text().splitlines():
            if " => " in line and not line.startswith("#"):
                yield line.rsplit(" => ", 1)[0]
    for file in sorted((ROOT / "packs").rglob("*.yaml")):
        for formula in re.findall(r"^\s*(?:required_when|visible_when|condition|value|check):\s*(\S.*)$", file.read_text(), re.M):
            yield formula.strip("'\"")
    for text in dmn():
        for cell in re.findall(r"<text>(.*?)</text>", text, re.S):
            yield cell.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def dmn():
    for folder in ("spec/dmn", "packs"):
        for file in sorted((ROOT / folder).rglob("*.dmn")):
            yield file.read_text()


def inputs():
    records = [
        '{"年龄": 61, "户籍日期": "2015-03-01", "类别": "低保", "独居": true}',
        '{"年龄": 79.5, "户籍日期": "2021-01-01", "类别": "其他", "独居": false}',
        '{"年龄": null, "户籍日期": "x", "类别": 4, "独居": "true"}',
        '{"年龄": "90", "户籍日期": "-0044-03-15", "类别": "特困"}',
        '{"年龄": 1e30, "户籍日期": "999999999-12-31", "类别": "", "独居": null}',
    ]
    for pick in range(6):
        for record in records:
            yield chr(pick + 48) + record
        yield chr(pick + 48) + "\n".join(records)


def outside_bytes():
    for file in sorted((ROOT / "tests/bytes/seeds").rglob("*")):
        if file.is_file():
            yield file.read_bytes()


def pack():
    for file in sorted((ROOT / "packs").rglob("*.yaml")):
        if file.stat().st_size < 8192:
            yield file.read_text()


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    makers = {"feel": feel, "dmn": dmn, "inputs": inputs, "http": outside_bytes, "xlsx": outside_bytes, "pack": pack}
    made = sorted({seed if isinstance(seed, bytes) else seed.encode() for seed in makers[target.removeprefix("fuzz_")]()})
    for number, seed in enumerate(made):
        (folder / f"seed_{number:03}").write_bytes(seed)
    print(f"{len(made)} seeds in {folder}")


if __name__ == "__main__":
    main()
