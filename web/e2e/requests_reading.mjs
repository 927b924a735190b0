// What the words of a request say, rulings into the list, and the public figures and the call-back in English and in large text, on a
// phone and at a desk; axe and targets on every state.
import { ask, assert, enter as enterAs, finish, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const resident = await person(browser, base, { phone: true });
const desk = await person(browser, base);
const deskPhone = await person(browser, base, { phone: true, elder: true, english: true });
const unit = await person(browser, base);
const head = await person(browser, base);
const leader = await person(browser, base, { phone: true, elder: true });
const enter = (page, login, staff = false) => enterAs(page, base, login, staff);
const WORDS = "昨晚十点半，碧澜花园旁边的工地还在打桩，王经理不管，粤A12345的泥头车也停在路口，吵得睡不着。";
let id = "";

const act = async (page, action, input) => {
  const done = await ask(page, "POST", `/api/cases/${id}/actions/${action}`, { input });
  assert(done.status === 200, `${action}: ${JSON.stringify(done)}`);
};

await test("told for somebody else, from the phone", async () => {
  await enter(resident, "xiaoyun");
  await resident.goto(`${base}/start/service_request`);
  await resident.getByLabel("您要说的事").fill(WORDS);
  await resident.getByRole("button", { name: "下一步" }).click();
  await resident.getByRole("heading", { name: "怎么联系您？" }).waitFor();
  await resident.getByLabel("手机号").fill("13800000000");
  // Whom it is about cannot be read: people look at it first.
  await resident.getByLabel("投诉的是哪个单位").fill("那边的人");
  await resident.getByRole("radio", { name: "我是其他家人" }).check();
  await resident.getByLabel("当事人姓名").fill("李桂英");
  await resident.getByLabel("当事人电话").fill("13911112222");
  await visit(resident, "request-concerned", { heading: "怎么联系您？", data: ["替谁说的", "当事人姓名"] });
  await targets(resident, "request-concerned", 48);
  await resident.getByRole("button", { name: "核对一遍" }).click();
  await resident.getByRole("button", { name: "交上去" }).click();
  await resident.getByRole("link", { name: "看办到哪了" }).click();
  await resident.waitForURL(/\/cases\//);
  id = new URL(resident.url()).pathname.split("/").pop();
});

await test("read from the words, persons masked, at the desk and on a phone in English", async () => {
  await enter(desk, "gov_services1", true);
  await desk.goto(`${base}/staff/cases/${id}`);
  await visit(desk, "request-read", {
    heading: /昨晚十点半/,
    data: ["读出的内容", "王*经理", "粤A*****", "关键词", "替谁说的", "当事人本人"],
  });
  assert(!(await desk.getByText("李桂英").count()) && !(await desk.getByText("13911112222").count()), "masked");
  assert(!(await desk.getByText("已答复，等您评价").count()), "it is not answered yet");
  await targets(desk, "request-read", 44);
  await enter(deskPhone, "gov_services2", true);
  await deskPhone.goto(`${base}/staff/cases/${id}`);
  await visit(deskPhone, "request-read-en", { heading: /昨晚十点半/, data: ["Read from the words", "On behalf of"] });
  await targets(deskPhone, "request-read-en", 44);
});

await test("a ruling changes the list: proposed by the head, put in force by another", async () => {
  await enter(unit, "city_mgmt1", true);
  await enter(head, "zs_lead", true);
  const made = await ask(resident, "POST", "/api/cases", {
    case_type: "service_request",
    form: { text: "嗯，那边的灯一直那样，你们懂的", phone: "13800000000", place: "碧澜花园" },
  });
  id = made.body.case_id;
  for (let n = 0; n < 2; n++) {
    await act(desk, "dispatch", { category: "0507", place: "碧澜花园" });
    await act(unit, "return_order", { reason: "道路已经移交，这一类不归本单位牵头。", should_go: "交通" });
  }
  await act(head, "rule", { unit: "交通运输局", ruling: "道路已移交交通局，路灯随道路由交通局管护。" });
  await head.goto(`${base}/staff/requests/watch`);
  await head.getByRole("heading", { name: "裁决进清单" }).waitFor();
  await head
    .getByRole("button", { name: /^提出修改/ })
    .first()
    .click();
  await visit(head, "request-list-propose", { heading: /督办/, data: ["在哪里由它牵头", "从哪天起"] });
  await targets(head, "request-list-propose", 44);
  await head.getByRole("button", { name: "提交，等批准" }).click();
  await head.getByText("等待批准").first().waitFor();
  assert(!(await head.getByRole("button", { name: /^审批/ }).count()), "who proposed does not decide");
  await enter(leader, "leader", true);
  await leader.goto(`${base}/staff/requests/watch`);
  await leader.getByRole("button", { name: /^审批/ }).click();
  await visit(leader, "request-list-decide", { heading: /督办/, data: ["批准", "不同意"] });
  await targets(leader, "request-list-decide", 44);
  await leader.getByRole("button", { name: "批准", exact: true }).click();
  await leader.getByText("已批准").first().waitFor();
});

await test("public figures and the call-back, in English and in large text", async () => {
  let cookies; // one sign-in: a one-time code works once
  for (const phone of [true, false]) {
    for (const [look, how] of Object.entries({
      en: { english: true },
      large: { elder: true },
      both: { english: true, elder: true },
    })) {
      const reader = await person(browser, base, { phone, ...how });
      await reader.goto(`${base}/open`);
      await reader.getByText(/2026/).first().waitFor();
      await visit(reader, `open-${look}-${phone ? "phone" : "desk"}`, { heading: /./ });
      await targets(reader, `open-${look}`, phone ? 48 : 44);
      await reader.context().close();
    }
    const caller = await person(browser, base, { phone, english: true, elder: true });
    if (cookies) await caller.context().addCookies(cookies);
    else await enter(caller, "gov_services3", true);
    cookies = await caller.context().cookies();
    await caller.goto(`${base}/staff/requests?stage=answered`);
    const begin = caller.getByRole("button", { name: /^Begin|^Call|^Start/ }).first();
    await begin.click();
    await caller.getByText("Did the unit contact you?").first().waitFor();
    await visit(caller, `callback-${phone ? "phone" : "desk"}`, { heading: /./, data: ["Did the unit contact you?"] });
    await targets(caller, "callback", 44);
    await caller.context().close();
  }
});

await browser.close();
await server.stop();
finish();
