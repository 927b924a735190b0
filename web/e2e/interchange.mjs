// What designers' tools write: a decision model made with the reader and writer of dmn-js (dmn-moddle), with its diagram, runs here and is
// written back byte for byte; the tool opens what was written back and finds everything it had drawn.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DmnModdle } from "dmn-moddle";

const program = process.env.YW_PROGRAM;
const folder = mkdtempSync(join(tmpdir(), "yw-interchange-"));
const run = (...args) => execFileSync(program, args, { encoding: "utf8" });
let passed = 0;
const check = (what, test) => {
  test();
  passed += 1;
  console.log(`ok ${what}`);
};

const moddle = new DmnModdle();
const make = (type, attributes) => moddle.create(type, attributes);
const text = (id, words) => make("dmn:UnaryTests", { id, text: words });
const rule = (n, tests, output, why) =>
  make("dmn:DecisionRule", {
    id: `rule_${n}`,
    description: why,
    inputEntry: tests.map((t, i) => text(`rule_${n}_in_${i}`, t)),
    outputEntry: [make("dmn:LiteralExpression", { id: `rule_${n}_out`, text: output })],
  });
const input = (id, name, typeRef) =>
  make("dmn:InputData", { id, name, variable: make("dmn:InformationItem", { id: `${id}_v`, name, typeRef }) });
const age = input("age", "年龄", "number");
const local = input("local", "本地户籍", "boolean");
const requirement = (id, to) =>
  make("dmn:InformationRequirement", { id, requiredInput: make("dmn:DMNElementReference", { href: `#${to}` }) });
const table = make("dmn:DecisionTable", {
  id: "table",
  hitPolicy: "FIRST",
  input: [
    make("dmn:InputClause", {
      id: "in_1",
      label: "年龄",
      inputExpression: make("dmn:LiteralExpression", { id: "in_1_e", typeRef: "number", text: "年龄" }),
    }),
    make("dmn:InputClause", {
      id: "in_2",
      label: "本地户籍",
      inputExpression: make("dmn:LiteralExpression", { id: "in_2_e", typeRef: "boolean", text: "本地户籍" }),
    }),
  ],
  output: [make("dmn:OutputClause", { id: "out", name: "元", typeRef: "number" })],
  rule: [
    rule(1, ["< 80", "-"], "0", "未满八十 <第三条> & “说明”"),
    rule(2, ["[80..90)", "true"], "220.50", "第五条"),
    rule(3, [">= 90", "true"], "480", "第六条"),
    rule(4, ["-", "-"], "0", ""),
  ],
});
const decision = make("dmn:Decision", {
  id: "grade",
  name: "津贴 档次",
  variable: make("dmn:InformationItem", { id: "grade_v", name: "津贴 档次", typeRef: "number" }),
  informationRequirement: [requirement("r_1", "age"), requirement("r_2", "local")],
  decisionLogic: table,
});
const note = make("dmn:TextAnnotation", { id: "note", text: "给经办人看的：先查户籍" });
const definitions = make("dmn:Definitions", {
  id: "allowance",
  name: "津贴",
  namespace: "urn:yiwang:test:interchange",
  drgElement: [age, local, decision],
  artifact: [note],
});
const shape = (element, x, y, width, height) =>
  make("dmndi:DMNShape", {
    id: `${element.id}_shape`,
    dmnElementRef: element,
    bounds: make("dc:Bounds", { x, y, width, height }),
  });
definitions.dmnDI = make("dmndi:DMNDI", {
  diagrams: [
    make("dmndi:DMNDiagram", {
      id: "diagram",
      diagramElements: [
        shape(decision, 180, 100, 180, 80),
        shape(age, 100, 280, 125, 45),
        shape(local, 320, 280, 125, 45),
        shape(note, 460, 100, 160, 40),
        make("dmndi:DMNEdge", {
          id: "edge_1",
          dmnElementRef: decision.informationRequirement[0],
          waypoint: [
            make("dc:Point", { x: 162, y: 280 }),
            make("dc:Point", { x: 240, y: 200 }),
            make("dc:Point", { x: 240, y: 180 }),
          ],
        }),
      ],
    }),
  ],
});

try {
  const { xml } = await moddle.toXML(definitions, { format: true });
  const file = join(folder, "allowance.dmn");
  // What a tool or a person has added and this program does not know must come back too.
  const saved = xml.replace(
    "<dmn:decision ",
    '<!-- 由规则设计员画 -->\n  <dmn:decision xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:historyTimeToLive="P30D" ',
  );
  writeFileSync(file, saved);
  check("the tool wrote what we think", () => assert.match(saved, /由规则设计员画/));
  check("it compiles", () => assert.match(run("dmn", "check", file), /1 decisions, 0 faults/));
  check("it decides", () => {
    const cases = [
      [{ 年龄: 79, 本地户籍: true }, "0"],
      [{ 年龄: 85, 本地户籍: true }, "220.5"],
      [{ 年龄: 85, 本地户籍: false }, "0"],
      [{ 年龄: 101, 本地户籍: true }, "480"],
    ];
    const lines = join(folder, "in.jsonl");
    writeFileSync(lines, cases.map(([one]) => JSON.stringify(one)).join("\n"));
    assert.deepEqual(
      run("decide", file, "--decision", "津贴 档次", "--input", lines).trim().split("\n"),
      cases.map(([, out]) => out),
    );
  });
  const back = join(folder, "back.dmn");
  run("dmn", "write", file, "--output", back);
  check("it is written back byte for byte", () => assert.equal(readFileSync(back, "utf8"), saved));
  const { rootElement, warnings } = await new DmnModdle().fromXML(readFileSync(back, "utf8"), "dmn:Definitions");
  check("the tool opens it without a warning", () => assert.deepEqual(warnings, []));
  check("every shape and way-point of the diagram is there", () => {
    const [diagram] = rootElement.dmnDI.diagrams;
    assert.equal(diagram.diagramElements.length, 5);
    assert.deepEqual(
      diagram.diagramElements[4].waypoint.map((p) => [p.x, p.y]),
      [
        [162, 280],
        [240, 200],
        [240, 180],
      ],
    );
    assert.equal(rootElement.drgElement[2].decisionLogic.rule[0].description, "未满八十 <第三条> & “说明”");
  });
  const broken = join(folder, "broken.dmn");
  writeFileSync(broken, saved.replace("</dmn:decision>", ""));
  check("a broken file is refused with its place", () => {
    assert.throws(
      () => execFileSync(program, ["dmn", "write", broken], { encoding: "utf8", stdio: "pipe" }),
      (error) => error.status === 1 && /broken\.dmn:\d+/.test(error.stderr) && error.stderr.trim().split("\n").length === 1,
    );
  });
  console.log(`${passed} passed, 0 failed`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
