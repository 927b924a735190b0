#!/usr/bin/env python3
"""The decision commands end to end: decide from JSON, JSON lines and CSV, replay, check, analyse, feel."""
import json
import pathlib
import subprocess
import sys

program, work = sys.argv[1], pathlib.Path(sys.argv[2])
work.mkdir(parents=True, exist_ok=True)
model = work / "fee.dmn"
model.write_text("""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="fee" namespace="urn:yiwang:test:fee">
  <inputData id="a" name="Age"><variable name="Age" typeRef="number"/></inputData>
  <inputData id="l" name="Local"><variable name="Local" typeRef="boolean"/></inputData>
  <decision id="f" name="Fee"><variable name="Fee" typeRef="number"/>
    <informationRequirement><requiredInput href="#a"/></informationRequirement>
    <informationRequirement><requiredInput href="#l"/></informationRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input><inputExpression typeRef="number"><text>Age</text></inputExpression></input>
      <input><inputExpression typeRef="boolean"><text>Local</text></inputExpression></input>
      <output name="fee" typeRef="number"/>
      <rule id="r1"><inputEntry><text>&lt; 18</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
      <rule id="r2"><inputEntry><text>&gt;= 18</text></inputEntry><inputEntry><text>true</text></inputEntry><outputEntry><text>10.50</text></outputEntry></rule>
      <rule id="r3"><inputEntry><text>[60..70]</text></inputEntry><inputEntry><text>true</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
""")


def run(*arguments, code=0):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != code:
        print(f"{arguments}: exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}")
        sys.exit(1)
    return done.stdout


def expect(actual, wanted):
    if actual != wanted:
        print(f"expected {wanted!r}, found {actual!r}")
        sys.exit(1)


(work / "one.json").write_text('{"Age": 20, "Local": true}')
(work / "many.jsonl").write_text('{"Age": 20, "Local": true}\n{"Age": 3}\n{"Age": 65, "Local": true}\n')
(work / "many.csv").write_text("Age,Local\r\n20,true\r\n17,false\r\n")
expect(run("decide", model, "--decision", "Fee", "--input", work / "one.json"), "10.5\n")
expect(run("decide", model, "--decision", "Fee", "--input", work / "many.jsonl").splitlines(), ["10.5", "0", "null"])
expect(run("decide", model, "--decision", "Fee", "--input", work / "many.csv").splitlines(), ["10.5", "0"])
stored = work / "stored.jsonl"
stored.write_text(run("decide", model, "--decision", "Fee", "--input", work / "many.jsonl", "--explain-all"))
first = json.loads(stored.read_text().splitlines()[0])
expect(first["output"], 10.5)
expect([one["rule"] for one in first["tables"][0]["matched"]], [2])
expect(run("decision", "replay", stored, "--model", model).splitlines()[-1], "3 the same to the byte, 0 different")
# The other backend; the second record names no Local, which a column cannot hold.
expect(run("decision", "replay", stored, "--model", model, "--backend", "columnar").splitlines(),
       ["rules chosen by the columnar backend for 2 tables, by the scalar one for 1", "3 the same to the byte, 0 different"])
changed = work / "changed.dmn"
changed.write_text(model.read_text().replace("10.50", "11"))
for backend in ("scalar", "columnar"):
    said = run("decision", "replay", stored, "--model", changed, "--backend", backend, code=1)
    if "record 1: the model has changed" not in said or "record 1: output: stored 10.5, now 11" not in said:
        sys.exit("replay does not name the change:\n" + said)
check = run("dmn", "check", model)
if "1 decisions" not in check:
    sys.exit(f"dmn check: {check}")
bad = work / "bad.dmn"
bad.write_text(model.read_text().replace("&gt;= 18", "&gt;= eighteen"))
run("dmn", "check", bad, code=1)
analysis = run("dmn", "analyse", model, code=1)
for word in ("gap", "overlap", "conflict"):
    if word not in analysis:
        sys.exit(f"dmn analyse does not speak of {word}:\n{analysis}")
covered = run("dmn", "analyse", model, "--data", work / "many.jsonl", code=1)
if "Fee over 3 records:\n  rule 1: 1\n  rule 2: 2\n  rule 3: 1\n" not in covered:
    sys.exit(f"rule coverage:\n{covered}")
covered = run("dmn", "analyse", model, "--data", work / "one.json", code=1)
if "rule 1: 0\n  rule 2: 1\n  rule 3: 0\n" not in covered:
    sys.exit(f"rules that never decide are not counted:\n{covered}")
expect(run("feel", "a b + 1", "--context", '{"a b": 2}').splitlines()[0], "3")
run("feel", "1 +", code=1)
