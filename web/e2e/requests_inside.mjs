// The second dispatch inside a unit, through the browser: the liaison passes an order to a community, its head to a person with a
// telephone, back with a reason; the supervisor says who stands where; what one is not given one does not see. Several matters told
// in one are taken apart, and a unit asks another to help.
import { ask, assert, enter, finish, large, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

// People dispatch here: the model is not trained while this runs, so that it does not dispatch by itself at one time and not at another.
const server = await startServer("requests:\n  training_delay_seconds: 3600\n");
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
  await head.getByText("碧溪河堆积杂物").first().waitFor();
  await visit(head, "inside-head-list", { heading: "科室社区：1 件" });
  await head.getByRole("link", { name: /碧溪河堆积杂物/ }).click();
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
  await worker.getByText("碧溪河堆积杂物").first().waitFor();
  await worker.getByRole("link", { name: /碧溪河堆积杂物/ }).click();
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

await test("the desk takes apart what tells of two matters, and the person follows both on a phone", async () => {
  const { body } = await ask(resident, "POST", "/api/cases", {
    case_type: "service_request",
    form: {
      text: "碧溪河边的路灯坏了半个月。还有，三号楼的地下室积水，没有人管",
      place: "碧溪河",
      phone: "13800000000",
      about_unit: "不知道是哪家",
    },
  });
  id = body.case_id;
  assert(body.step === "dispatch", `whom it is about cannot be read, so people dispatch it: ${body.step}`);
  await desk.goto(`${base}/staff/cases/${id}`);
  await desk.getByRole("button", { name: "拆成几件" }).click();
  const send = desk.getByRole("button", { name: "拆开" });
  assert(await send.isDisabled(), "nothing is sent without words");
  await desk.getByLabel("本件留下办的事").fill("路灯坏了");
  await desk.getByLabel("说的是什么事").fill("碧溪河边三号楼的地下室积水，物业没有人管，请来看看。");
  await desk.getByRole("button", { name: "再加一件" }).click();
  await visit(desk, "apart-form", { heading: "路灯坏了半个月", data: ["拆出的第 2 件"] });
  await targets(desk, "apart-form", 44);
  await desk.getByRole("button", { name: "去掉这件 拆出的第 2 件" }).click();
  await send.click();
  await desk.getByText("本件只办：路灯坏了").waitFor();
  await visit(desk, "apart-made", { heading: "路灯坏了半个月", data: ["三号楼的地下室"] });
  const phone = await person(browser, base, { phone: true });
  await enter(phone, base, "xiaoyun");
  await phone.goto(`${base}/cases/${id}`);
  await phone.getByRole("link", { name: /三号楼的地下室/ }).waitFor();
  await visit(phone, "apart-resident", { heading: "", data: ["这一件办：路灯坏了"] });
  await large(phone, "apart-resident");
  await phone.getByRole("link", { name: /三号楼的地下室/ }).click();
  await phone.getByText("从您说的另一件里分出来的").waitFor();
});

await test("the unit that has it asks another to help; the answer is not the person's", async () => {
  assert(
    (await ask(desk, "POST", `/api/cases/${id}/actions/dispatch`, { input: { category: "0601", place: "碧溪河" } })).status ===
      200,
    "dispatched",
  );
  await liaison.goto(`${base}/staff/cases/${id}`);
  await liaison.getByRole("button", { name: "请别的单位协办" }).click();
  await liaison.getByLabel("请哪个单位").fill("没有这个局");
  await liaison.getByLabel("请它看什么、答什么").fill("路灯的线路归谁管？请派人看一下。");
  await liaison.getByRole("button", { name: "发出" }).click();
  await liaison.getByText("没有这个单位").first().waitFor();
  await liaison.getByLabel("请哪个单位").fill("公安分局");
  await liaison.getByRole("button", { name: "发出" }).click();
  await liaison.getByText("前回意见").waitFor();
  await visit(liaison, "help-asked", { heading: "路灯坏了半个月", data: ["路灯的线路归谁管"] });
  await enter(stranger, base, "police1", true);
  await stranger.goto(`${base}/staff/requests`);
  await stranger.getByText("别的单位请我们协办").waitFor();
  await stranger.getByRole("button", { name: /回意见/ }).click();
  await stranger.getByLabel("我们的意见").fill("线路归城市照明，已告知抢修电话。");
  await visit(stranger, "help-ours", { heading: "待签收", data: ["路灯坏了半个月"] });
  await targets(stranger, "help-ours", 44);
  await large(stranger, "help-ours");
  await stranger.getByRole("button", { name: "发回" }).click();
  await stranger.getByText("别的单位请我们协办").waitFor({ state: "detached" });
  await liaison.goto(`${base}/staff/cases/${id}`);
  await liaison.getByText("线路归城市照明").waitFor();
  await visit(liaison, "help-answered", { heading: "路灯坏了半个月" });
  assert(!(await (await resident.goto(`${base}/api/requests/${id}`)).text()).includes("城市照明"), "the person does not see it");
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
  await stranger.goto(`${base}/staff/requests/watch`);
  await stranger.getByText("本单位没有分科室或社区").waitFor();
  assert((await ask(stranger, "GET", `/api/requests/${id}`)).status === 404, "nor the order");
});

await browser.close();
await server.stop();
finish();
