// The test persons whose standing matters: an official's own application (p17), a person under protection (p18), an agency and its client
// (f06), a firm whose representative changed yesterday (f04).
import {
  ask,
  assert,
  enter,
  enterAs,
  finish,
  large,
  person,
  startBrowser,
  startServer,
  targets,
  test,
  visit,
} from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const page = async (options) => person(browser, base, options);
const [p17, yao, city, lead, p18, market, agent, p08, f04] = [
  await page({ phone: true }),
  await page(),
  await page(),
  await page({ phone: true }),
  await page({ phone: true }),
  await page({ english: true }),
  await page(),
  await page({ phone: true }),
  await page({ phone: true }),
];
const SIGN = { shop: "小店，海棠街 5 号", height: 9, floor: "ground", listed: false, phone: "13800000000" };
const sign = async (who, form = SIGN) => {
  const made = await ask(who, "POST", "/api/matters/shop_sign_filing/applications", { form });
  assert(made.status === 201, `applied: ${JSON.stringify(made.body)}`);
  return made.body.case_id;
};

await test("p17: her own application is in her list without its words, and cannot be opened", async () => {
  await enter(p17, base, "p17");
  const id = await sign(p17);
  await enter(yao, base, "cg_yao", true);
  await yao.goto(`${base}/staff/`);
  await visit(yao, "recusal-inbox", { heading: "待办", data: ["回避：本人办件"] });
  await large(yao, "recusal-inbox");
  await yao.goto(`${base}/staff/cases/${id}`);
  await yao.getByText("依法回避").first().waitFor();
  await visit(yao, "recusal-refused", { heading: "办理", data: ["公务员法第七十六条"] });
});

await test("the applicant asks that an official keeps out; the head of the unit decides on the phone", async () => {
  const id = await sign(p17);
  await enter(city, base, "city_mgmt1", true);
  await city.goto(`${base}/staff/cases/${id}`);
  await city.getByRole("button", { name: "受理", exact: true }).click();
  await city.getByText("已受理").first().waitFor();
  await visit(city, "recusal-staff", { heading: "小店", data: ["回避"] });
  await p17.goto(`${base}/cases/${id}`);
  await p17.getByText("申请工作人员回避").click();
  await p17.getByLabel("理由").fill("他是我的邻居，有过纠纷");
  await visit(p17, "recusal-ask", { heading: "小店", data: ["由单位负责人决定"] });
  await p17.getByRole("button", { name: "提出申请" }).click();
  await p17.getByText("已申请回避，等决定").first().waitFor();
  await enter(lead, base, "city_mgmt_lead", true);
  await lead.goto(`${base}/staff/cases/${id}`);
  await lead.getByText("他是我的邻居，有过纠纷").first().waitFor();
  await lead.locator("#recusal-decision").fill("经核实，应当回避");
  await visit(lead, "recusal-decide-phone", { heading: "小店", data: ["的回避，请决定"] });
  await targets(lead, "recusal-decide-phone", 44);
  await lead.getByRole("button", { name: "决定回避", exact: true }).click();
  await lead.getByText("已回避", { exact: false }).first().waitFor();
  await p17.reload();
  await visit(p17, "recusal-told", { heading: "小店", data: ["已回避", "经核实，应当回避"] });
  await large(p17, "recusal-told");
  await city.goto(`${base}/staff/cases/${id}`);
  await city.getByText("依法回避").first().waitFor();
});

await test("p18: where a person under protection lives stands on no page of the office", async () => {
  await enter(p18, base, "p18");
  const id = await sign(p18, { ...SIGN, phone: "13911112222" });
  await p18.goto(`${base}/cases/${id}`);
  await p18.getByText("13911112222").first().waitFor();
  await enter(market, base, "city_mgmt2", true);
  await market.goto(`${base}/staff/cases/${id}`);
  await visit(market, "protected-case", { heading: "小店", data: ["（依法不公开）"] });
  assert(!(await market.content()).includes("13911112222"), "the number is not on the page");
  const head = await page();
  await enter(head, base, "ga_lead", true);
  await head.goto(`${base}/staff/cases/${id}`);
  await head.locator("#protected-purpose").fill("办案需要，核对电话");
  await visit(head, "protected-head", { heading: "小店", data: ["受保护信息", "（依法不公开）"] });
  await head.getByRole("button", { name: "打开", exact: true }).click();
  await head.getByText("13911112222").first().waitFor();
  await p18.goto(`${base}/me`);
  await p18.getByText("办案需要，核对电话", { exact: false }).first().waitFor();
});

await test("f06 files for a client, who is told, objects, and it is withdrawn", async () => {
  await enterAs(agent, base, "f06", "安明慧");
  await agent.goto(`${base}/`);
  const id = await sign(agent);
  await enter(p08, base, "p08");
  await p08.goto(`${base}/cases/${id}`);
  await visit(p08, "agency-client", { heading: "小店", data: ["由程小帆代办（代办机构）"] });
  await p08.getByText("这不是我让办的").click();
  await p08.getByLabel("说说情况").fill("我没有让他办这件事");
  await targets(p08, "agency-client", 44);
  await p08.getByRole("button", { name: "提出异议" }).click();
  await p08.getByText("申请已撤回").first().waitFor();
  await visit(p08, "agency-objected", { heading: "小店", data: ["申请已撤回"] });
  await lead.goto(`${base}/staff/`);
  await visit(lead, "alarm-head", { heading: "待办", data: ["本人说不是自己让代办的"] });
  await large(lead, "alarm-head");
  await lead.getByLabel("核查情况").first().fill("已核实，系代办公司误报，已告诫");
  await lead
    .getByRole("button", { name: /核查完毕/ })
    .first()
    .click();
  await lead.getByText("本人说不是自己让代办的").first().waitFor({ state: "detached" });
});

await test("f04: the one whom the register names takes the firm over", async () => {
  await enter(f04, base, "f04_new");
  await f04.goto(`${base}/together`);
  await f04.getByText("我是企业的法定代表人").first().click();
  await f04.getByLabel("企业名称").fill("云海星汐科技有限公司");
  await f04.getByLabel("统一社会信用代码").fill("91990100MA10000000");
  await visit(f04, "represent", { heading: "一起办", data: ["按企业登记核对"] });
  await f04.getByRole("button", { name: "我是企业的法定代表人" }).click();
  await f04.getByRole("alert").waitFor(); // a code that is not the firm's
  await visit(f04, "represent-refused", { heading: "一起办", data: ["请核对名称"] });
});

await test("f05 chooses one of the firm's four projects, and its place comes with it", async () => {
  const f05 = await page({ phone: true });
  await enterAs(f05, base, "f05", "云海安岭建筑工程有限公司");
  await f05.goto(`${base}/apply/road_occupation`);
  await f05.getByText("GC2026-002 海棠花园二期").first().waitFor({ state: "attached" });
  await f05
    .locator("#f-project")
    .selectOption("GC2026-002 海棠花园二期")
    .catch(() => f05.getByLabel("GC2026-002 海棠花园二期", { exact: false }).check());
  assert((await f05.locator("#f-place").inputValue()) === "海棠街 20 号", "the place of the project");
  await visit(f05, "project-choose", { heading: "占哪里", data: ["工程项目"] });
  await large(f05, "project-choose");
});

await browser.close();
await server.stop();
finish();
