// The second dispatch inside a unit, through the browser: the liaison passes an order to a community, its head to a person with a
// telephone, back with a reason; the supervisor says who stands where; what one is not given one does not see.
import { ask, assert, enter, finish, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const resident = await person(browser, base);
const desk = await person(browser, base);
const liaison = await person(browser, base);
const head = await person(browser, base, { phone: true });
const worker = await person(browser, base, { phone: true });
const lead = await person(browser, base);
const stranger = await person(browser, base);
const WORDS = "碧溪河边的楼道里堆满杂物，物业一直没有人管";
let id = "";

await test("an order for the street office", async () => {
  await enter(resident, base, "xiaoyun");
  await enter(desk, base, "gov_services1", true);
  const { body } = await ask(resident, "POST", "/api/cases", {
    case_type: "service_request",
    form: { text: WORDS, place: "碧溪河", phone: "13800000000" },
  });
  id = body.case_id;
  if (body.step === "dispatch")
    assert(
      (await ask(desk, "POST", `/api/cases/${id}/actions/dispatch`, { input: { category: "0601", place: "碧溪河" } })).status ===
        200,
      "dispatched",
    );
});

await test("the head does not see it before it is passed down", async () => {
  await enter(head, base, "street_kuibin2", true);
  await head.goto(`${base}/staff/requests`);
  await visit(head, "inside-head-empty", { heading: "科室社区", data: ["这里没有了"] });
  await head.goto(`${base}/staff/cases/${id}`);
  await head
    .getByText(/没有|找不到/)
    .first()
    .waitFor();
});

await test("the liaison passes it to the community that the list names", async () => {
  await enter(liaison, base, "street_kuibin1", true);
  await liaison.goto(`${base}/staff/cases/${id}`);
  await liaison.getByRole("radio", { name: "分到科室或社区" }).check();
  await liaison.getByRole("radio", { name: "碧溪社区", checked: true }).waitFor();
  await visit(liaison, "inside-liaison", { heading: "楼道里堆满杂物", data: ["哪个科室或社区", "南岸社区"] });
  await targets(liaison, "inside-liaison", 44);
  await liaison.getByRole("button", { name: "分到科室或社区" }).click();
  await liaison.getByText("科室或社区分办").first().waitFor();
});

await test("its head gives it to a person, on a phone", async () => {
  await head.goto(`${base}/staff/requests`);
  await head.getByText("楼道里堆满杂物").first().waitFor();
  await visit(head, "inside-head-list", { heading: "科室社区：1 件" });
  await head.getByRole("link", { name: /楼道里堆满杂物/ }).click();
  await head.getByRole("radio", { name: "交给个人" }).check();
  await head.getByRole("button", { name: "交给个人" }).click();
  await head.locator("#f-person .err").waitFor();
  await visit(head, "inside-head-refused", { heading: "楼道里堆满杂物" });
  await head.locator("#f-person label").last().click();
  await head.getByRole("button", { name: "交给个人" }).click();
  await head.getByText("正在办理").first().waitFor();
  await targets(head, "inside-head", 44);
});

await test("the person has it, gives it back with a reason, and no longer sees it", async () => {
  await enter(worker, base, "street_kuibin3", true);
  await worker.goto(`${base}/staff/requests`);
  await worker.getByText("楼道里堆满杂物").first().waitFor();
  await worker.getByRole("link", { name: /楼道里堆满杂物/ }).click();
  await worker.getByRole("radio", { name: "退回上一级" }).check();
  await worker.getByLabel("为什么退回").fill("不是我的网格，是三号楼的。");
  await visit(worker, "inside-worker", { heading: "楼道里堆满杂物", data: ["碧溪社区"] });
  await targets(worker, "inside-worker", 44);
  await worker.getByRole("button", { name: "退回上一级" }).click();
  await worker
    .getByText(/没有|找不到/)
    .first()
    .waitFor();
  await head.goto(`${base}/staff/cases/${id}`);
  await head.getByText("不是我的网格").first().waitFor();
});

await test("a supervisor says who stands where; another unit sees nothing of it", async () => {
  await enter(lead, base, "street_kuibin_lead", true);
  await lead.goto(`${base}/staff/requests/watch`);
  await lead.getByRole("heading", { name: "单位内分办" }).waitFor();
  const card = lead.locator("section", { has: lead.getByRole("heading", { name: "单位内分办" }) });
  await card.getByLabel("谁", { exact: true }).selectOption({ index: 0 });
  await card.getByLabel("在哪里").selectOption({ label: "南岸社区" });
  await card.getByLabel("是负责人，能把单子交给个人").check();
  await card.getByRole("button", { name: "保存" }).click();
  await card.locator("li", { hasText: "南岸社区" }).getByText("负责人").waitFor();
  await visit(lead, "inside-sections", { heading: "督办与值守", data: ["单位内分办", "碧溪社区"] });
  await enter(stranger, base, "police1", true);
  await stranger.goto(`${base}/staff/requests/watch`);
  await stranger.getByText("本单位没有分科室或社区").waitFor();
  assert((await ask(stranger, "GET", `/api/requests/${id}`)).status === 404, "nor the order");
});

await browser.close();
await server.stop();
finish();
