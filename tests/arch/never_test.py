#!/usr/bin/env python3
"""What the software must never do: each line of spec/never.json names checks that must be there, in files that ctest runs. And what can
be seen in the files themselves: how places are called."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
faults = []
lists = "".join(p.read_text() for p in (ROOT / "tests").rglob("CMakeLists.txt"))
table = json.loads((ROOT / "spec/never.json").read_text())
if [entry["line"] for entry in table] != list(range(1, 13)):
    faults.append("spec/never.json: lines 1 to 12, each once")
for entry in table:
    if not entry["tests"]:
        faults.append(f"line {entry['line']} has no test")
    for path, words in entry["tests"]:
        file = ROOT / path
        if not file.exists() or words not in file.read_text():
            faults.append(f"line {entry['line']}: {path} does not say “{words}”")
        run = file.stem.removesuffix("_test")
        if path.startswith("tests/api/") and not re.search(rf"\b{run}(_test)?\b", lists):
            faults.append(f"line {entry['line']}: {path} is not run by ctest")


def names_of_regions():
    """中国香港, 中国澳门, 中国台湾: but documents keep the names that the law gives them, and people type what they type."""
    documents = re.compile(r"台湾居民(来往大陆通行证|居住证)?|港澳台?居民\w*|台湾地区")
    for folder in ("packs", "web/apps", "web/packages/i18n/src"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in (".yaml", ".vue", ".ts", ".json") or "node_modules" in path.parts or "dist" in path.parts:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                typed = line.strip().startswith("words:") or path.name == "guidance.yaml"
                if not typed and re.search(r"(?<!中国)(香港|澳门|台湾)", documents.sub("", line)):
                    faults.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")


names_of_regions()
for fault in faults:
    print("FAIL", fault)
print(f"{sum(len(e['tests']) for e in table)} checks of {len(table)} lines, {len(faults)} faults")
sys.exit(1 if faults else 0)
