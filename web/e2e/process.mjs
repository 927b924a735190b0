// A permit in the office: two units at once, a correction, the diagram, a case sent back; keyboard-sized targets and axe on
// every state that is visited.
import { ask, assert, enter as enterAs, finish, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const firm = await person(browser, base, { phone: true });
const window_ = await person(browser, base);
const police = await person(browser, base, { phone: true });
const form = {
  place: "葵滨大道 18 号门前人行道",
  kind: "stage",
  area: 20,
  from: "2026-12-01",
  until: "2026-12-03",
  phone: "13800000000",
};
let id = "";

const enter = (page, login, staff = false) => enterAs(page, base, login, staff);

await test("an agent applies for the firm and sees the stages", async () => {
  await enter(firm, "zhao");
  const { body } = await ask(firm, "GET", "/api/session");
  await ask(firm, "POST", "/api/session/acting-for", { subject: body.delegations[0].enterprise });
  const made = await ask(firm, "POST", "/api/cases", { case_type: "road_occupation", form });
  assert(made.status === 201, `applied: ${JSON.stringify(made)}`);
  id = made.body.case_id;
  await firm.goto(`${base}/cases/${id}`);
  await visit(firm, "permit-firm", { heading: "葵滨大道 18 号门前人行道", data: ["受理审查", "占用、挖掘城市道路许可"] });
});

await test("the window asks for a correction", async () => {
  await enter(window_, "transport1", true);
  await window_.goto(`${base}/staff/cases/${id}`);
  await visit(window_, "permit-window", { heading: "葵滨大道 18 号门前人行道", data: ["更多操作", "受理", "流程"] });
  await targets(window_, "permit-window", 44);
  await window_.getByRole("combobox", { name: "操作", exact: true }).selectOption({ label: "受理审查：请申请人补正" });
  await window_.getByLabel("缺什么（一次说全）").fill("缺交通疏导方案");
  await visit(window_, "permit-correction", { heading: "葵滨大道 18 号门前人行道", data: ["确定"] });
  await window_.getByRole("button", { name: "确定" }).click();
  await window_.getByText("等申请人").first().waitFor();
});

await test("the firm answers on the phone", async () => {
  await firm.reload();
  await visit(firm, "permit-firm-correction", { heading: "葵滨大道 18 号门前人行道", data: ["需要您补正", "缺交通疏导方案"] });
  await firm.getByLabel("补正说明").fill("方案已附，夜间设灯。");
  await firm.getByRole("button", { name: "交补正" }).click();
  await firm.getByRole("heading", { name: "已补正" }).waitFor();
});

await test("accepted: two units work at once, and the diagram shows where", async () => {
  await window_.reload();
  await window_.getByRole("button", { name: "受理", exact: true }).click();
  await window_.locator(".opentasks li").filter({ hasText: "交警意见" }).waitFor();
  await window_.getByRole("button", { name: "看流程图" }).click();
  await window_.locator(".bpmn svg .djs-shape.at").first().waitFor();
  assert((await window_.locator(".bpmn .djs-shape.at").count()) === 2, "two steps are open in the diagram");
  assert((await window_.locator(".bpmn .djs-connection.passed").count()) >= 4, "the way that was taken");
  await visit(window_, "permit-diagram", { heading: "葵滨大道 18 号门前人行道", data: ["收起流程图", "文字说明"] });
});

await test("the police find it in their inbox on the phone and agree", async () => {
  await enter(police, "police1", true);
  await police.goto(`${base}/staff/`);
  await police.getByText("葵滨大道 18 号门前人行道").first().click();
  await visit(police, "permit-police", { heading: "葵滨大道 18 号门前人行道", data: ["同意", "不同意"] });
  await police.getByRole("button", { name: "同意", exact: true }).click();
  await police.getByRole("heading", { name: "交警同意" }).waitFor();
  assert((await police.getByRole("button", { name: "同意", exact: true }).count()) === 0, "said once");
});

await test("the window sends it back to the beginning, with a reason", async () => {
  await window_.getByRole("combobox", { name: "操作", exact: true }).selectOption({ label: "现场踏勘：退回" });
  await window_.getByLabel("退到哪一步").selectOption({ label: "受理审查（走过的）" });
  await window_.locator("#op-reason").fill("申请的路段写错了");
  await window_.getByRole("button", { name: "确定" }).click();
  await window_.getByRole("heading", { name: "退回" }).waitFor();
  await visit(window_, "permit-sent-back", { heading: "葵滨大道 18 号门前人行道", data: ["受理审查", "申请的路段写错了"] });
});

await browser.close();
await server.stop();
finish();
