// A citizen's request through the browser: written on a phone, dispatched by key, handled on a phone, signed, rated; the
// operator's form; refusals; axe and targets on every state that is visited.
import { ask, assert, enter as enterAs, finish, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const resident = await person(browser, base, { phone: true });
const desk = await person(browser, base);
const handler = await person(browser, base, { phone: true });
const lead = await person(browser, base);
const other = await person(browser, base);
const UNCLEAR = "嗯，就是那个地方，你们懂的，一直没有人来管";
const REPLY =
  "您说的那个地方，经核查是垃圾桶没有人清运。处理：今天上午已经有人来清运，一直安排每天两次，您懂的情况我们会继续看。";
let id = "";

const enter = (page, login, staff = false) => enterAs(page, base, login, staff);

await test("the model is ready", async () => {
  await enter(desk, "gov_services1", true);
  for (let i = 0; i < 600; i++) {
    const { body } = await ask(desk, "GET", "/api/requests-model");
    if (body.ready) return;
    await new Promise((r) => setTimeout(r, 200));
  }
  throw new Error("no model");
});

await test("danger is answered before anything is sent", async () => {
  await enter(resident, "xiaoyun");
  await resident.goto(`${base}/start/service_request`);
  await resident.getByLabel("您要说的事").fill("着火了着火了，三楼有人困着");
  await resident.getByText("先保护好自己").waitFor();
  await visit(resident, "request-danger", { heading: "什么事？", data: ["打 119"] });
  await targets(resident, "request-danger", 48);
});

await test("already reported nearby: followed", async () => {
  await resident.getByLabel("您要说的事").fill("海棠府整栋楼突然停水，没有人通知，到现在还没水");
  await resident.getByText("附近有人说过同一件事").waitFor();
  await visit(resident, "request-nearby", { heading: "什么事？", data: ["跟进这件"] });
  await resident
    .getByRole("button", { name: /^跟进这件/ })
    .first()
    .click();
  await resident.getByText("已跟进，有结果会告诉您。").first().waitFor();
});

await test("sent from the phone", async () => {
  await resident.getByLabel("您要说的事").fill(UNCLEAR);
  await resident.getByLabel("在哪里").fill("碧澜花园北门");
  await resident.getByRole("button", { name: "下一步" }).click();
  await resident.getByRole("heading", { name: "怎么联系您？" }).waitFor();
  await visit(resident, "request-contact", { heading: "怎么联系您？", data: ["匿名", "保密"] });
  await resident.getByLabel("手机号").fill("13800000000");
  await resident.getByRole("button", { name: "核对一遍" }).click();
  await resident.getByRole("button", { name: "交上去" }).click();
  await resident.getByRole("link", { name: "看办到哪了" }).click();
  await resident.getByText("正在派给承办单位").waitFor();
  id = new URL(resident.url()).pathname.split("/").pop();
  await visit(resident, "request-way", { heading: UNCLEAR, data: ["办到哪了", "收到"] });
  await targets(resident, "request-way", 48);
});

await test("dispatched by the desk, with reasons and suggestions", async () => {
  await desk.goto(`${base}/staff/requests?stage=dispatch`);
  await desk.getByRole("button", { name: new RegExp(UNCLEAR.slice(0, 8)) }).click();
  await desk.getByRole("heading", { name: "建议" }).waitFor();
  await desk.locator(".sug button").first().waitFor();
  await visit(desk, "request-dispatch", { heading: /待派单/, data: ["改派到别的类别", "派单与时限"] });
  await targets(desk, "request-dispatch", 44);
  await desk.getByLabel("改派到别的类别").selectOption("0101");
  await desk.getByRole("button", { name: "派出", exact: true }).click();
  await desk.waitForFunction((words) => !document.querySelector("table")?.textContent.includes(words), UNCLEAR.slice(0, 8));
});

await test("one key accepts a suggestion", async () => {
  const made = await ask(resident, "POST", "/api/cases", {
    case_type: "service_request",
    form: { text: "呃，就想问问那个怎么弄，谢谢，葵滨路这边", phone: "13800000000" },
  });
  assert(made.status === 201 && made.body.step === "dispatch", JSON.stringify(made));
  await desk.reload();
  await desk.getByRole("button", { name: /呃，就想问问/ }).click();
  await desk.locator(".sug button").first().waitFor();
  await desk.locator("h1").click();
  await desk.keyboard.press("1");
  await desk.waitForFunction(() => !document.querySelector("table")?.textContent.includes("呃，就想问问"));
});

await test("handled on a phone: signed in, a poor reply refused, a good one taken", async () => {
  await enter(handler, "city_mgmt1", true);
  await handler.goto(`${base}/staff/requests?stage=liaison`);
  // The words do not say what is wrong: the line is the place and the category that the desk chose.
  await visit(handler, "request-liaison", { heading: /待签收/, data: ["碧澜花园垃圾堆积清运"] });
  await handler.locator(`a[href$="${id}"]`).first().click();
  await handler.getByRole("button", { name: "签收，我来办" }).click();
  await handler.getByRole("radio", { name: "交答复，送审核" }).waitFor();
  await handler.getByRole("radio", { name: "交答复，送审核" }).check();
  await handler.getByRole("radio", { name: "解决了", exact: true }).check();
  await handler.getByLabel("答复全文").fill("已经转给有关部门处理了。");
  await handler.getByRole("button", { name: "交答复，送审核" }).click();
  await handler
    .getByText(/没有写“核查”/)
    .first()
    .waitFor();
  await visit(handler, "request-reply-refused", { heading: new RegExp(UNCLEAR.slice(0, 8)), data: ["答复全文"] });
  await handler.getByLabel("答复全文").fill(REPLY);
  await handler.getByRole("button", { name: "交答复，送审核" }).click();
  await handler.getByText("答复在审核").first().waitFor();
});

await test("another unit sees nothing", async () => {
  await enter(other, "market1", true);
  await other.goto(`${base}/staff/cases/${id}`);
  await other
    .getByText(/没有找到/)
    .first()
    .waitFor();
});

await test("signed by the unit's supervisor, rated by the person", async () => {
  await enter(lead, "city_mgmt_lead", true);
  await lead.goto(`${base}/staff/cases/${id}`);
  await visit(lead, "request-review", { heading: new RegExp(UNCLEAR.slice(0, 8)), data: ["签发", "退回修改", "派单与时限"] });
  await lead.getByRole("button", { name: "签发" }).click();
  await lead.getByText("已答复").first().waitFor();
  await resident.reload();
  await resident.getByRole("heading", { name: "这件事办得怎么样？" }).waitFor();
  await visit(resident, "request-answered", { heading: UNCLEAR, data: ["提交评价", "没解决，请再办"] });
  assert((await resident.locator("input[type=radio]:checked").count()) === 0, "no grade is chosen for the person");
  await resident.getByRole("radio", { name: "满意", exact: true }).check();
  await resident.getByRole("button", { name: "提交评价" }).click();
  await resident.getByText("已办结").first().waitFor();
});

await test("the operator takes a call with the keyboard alone", async () => {
  await desk.goto(`${base}/staff/requests/take`);
  await desk.getByLabel("您要说的事").fill("葵滨路路灯坏了一片黑，晚上接孩子看不见路");
  await desk.locator("aside ol li").first().waitFor();
  await visit(desk, "request-take", { heading: "接听登记", data: ["来电人称呼", "路灯", "关键词"] });
  await desk.getByRole("button", { name: /填到“在哪里”：葵滨路/ }).click();
  assert((await desk.getByLabel("在哪里").inputValue()) === "葵滨路", "the place is taken over");
  await targets(desk, "request-take", 44);
  await desk.getByLabel("手机号").fill("13700000009");
  await desk.keyboard.press("Control+Enter");
  await desk
    .getByText(/已登记，查询码/)
    .first()
    .waitFor();
});

await test("the operator sees what the number told before", async () => {
  const caller = desk.getByRole("heading", { name: "这个号码以前说过的事" });
  await desk.getByLabel("手机号").fill("13700000008");
  await desk.getByText("这个号码第一次来电。").waitFor();
  await desk.getByLabel("手机号").fill("13700000009");
  await caller.waitFor();
  await desk.getByRole("link", { name: /葵滨路路灯坏了/ }).waitFor();
  await desk.getByLabel("您要说的事").fill("葵滨路的路灯还是没有修好");
  await visit(desk, "request-caller", { heading: "接听登记", data: ["还有 1 件没有答复"] });
  await targets(desk, "request-caller", 44);
});

await test("calling back: the script, nobody there, and what the person says", async () => {
  await desk.goto(`${base}/staff/requests?stage=answered`);
  await desk.getByRole("heading", { name: "回访", exact: true }).waitFor();
  const begin = desk.getByRole("button", { name: /^开始回访/ }).first();
  await begin.click();
  await desk.getByText("承办单位联系过您吗？").waitFor();
  await visit(desk, "request-callback", { heading: "已答复", data: ["照着问", "没人接", "记下回答"] });
  await targets(desk, "request-callback", 44);
  await desk.getByRole("button", { name: "没人接" }).click();
  await desk.getByText("已打 1 次没人接").first().waitFor();
  await begin.click();
  await desk.getByRole("radio", { name: "解决了", exact: true }).check();
  await desk.getByRole("radio", { name: "满意", exact: true }).check();
  await desk.getByRole("button", { name: "记下回答" }).click();
  await desk.getByText("已打 1 次没人接").waitFor({ state: "detached" });
});

await test("figures that anybody reads", async () => {
  await resident.goto(`${base}/open`);
  await visit(resident, "request-open", { heading: "办理情况公开", data: ["办结率", "剔除量", "好评率", "免填率"] });
  await targets(resident, "request-open", 48);
});

await test("figures and hotspots for the leader", async () => {
  await other.context().clearCookies();
  await enter(other, "leader", true);
  await other.goto(`${base}/staff/requests/figures`);
  await other.getByText("满意率").first().waitFor();
  await visit(other, "request-figures", { heading: "诉求指标与热点", data: ["受理量", "办结率", "未评价"] });
  await targets(other, "request-figures", 44);
  await other.getByLabel("按", { exact: true }).selectOption("unit");
  await other.getByLabel("再按").selectOption("channel");
  await other.getByRole("button", { name: "重算" }).click();
  await other.locator("table tbody tr").nth(3).waitFor();
  await visit(other, "request-figures-table", { heading: "诉求指标与热点", data: ["城市管理和综合执法局"] });
});

await browser.close();
await server.stop();
finish();
