// Who is told what about a request, in the browser: a place touched on the map, messages at each step, who looked; the urgent bar of
// every staff page; the operator's script; a table brought in. Axe, targets, large text and English on what is visited.
import {
  ask,
  assert,
  enter as enterAs,
  finish,
  large,
  person,
  startBrowser,
  startServer,
  targets,
  test,
  visit,
} from "./harness.mjs";

// No text model: whatever happens here happens by people.
const server = await startServer("requests:\n  training_delay_seconds: 3600\n");
const browser = await startBrowser();
const { base } = server;
const resident = await person(browser, base, { phone: true });
const neighbour = await person(browser, base, { phone: true, english: true });
const desk = await person(browser, base);
const head = await person(browser, base);
const handler = await person(browser, base, { phone: true });
const police = await person(browser, base, { english: true });
const enter = (page, login, staff = false) => enterAs(page, base, login, staff);
const act = (page, id, action, input = {}) => ask(page, "POST", `/api/cases/${id}/actions/${action}`, { input });
const LEAK = "路边的水管破了，水一直往外冒，来回两天了，没有人管，路上已经有人滑倒";
const REPLY = "您说的路边水管，经核查是接头老化破了，水往外冒。处理：今天上午已经换好接头，路面清干净，明天再来看一次。";
let id = "";

await test("a place is touched on the map, moved with the keys, chosen from the list, and goes with the request", async () => {
  await enter(resident, "xiaoyun");
  await resident.goto(`${base}/start/service_request`);
  await resident.getByLabel("您要说的事").fill(LEAK);
  await resident.getByRole("button", { name: "在地图上点" }).click();
  const map = resident.getByRole("application");
  await map.waitFor();
  await visit(resident, "told-map-empty", { heading: "什么事？", data: ["虚构的示意图"] });
  const box = await map.boundingBox();
  await map.click({ position: { x: box.width * 0.28, y: box.height * 0.62 } });
  await resident.getByText("靠近碧澜社区").first().waitFor();
  await visit(resident, "told-map", { heading: "什么事？", data: ["靠近碧澜社区"] });
  await targets(resident, "told-map", 48);
  await large(resident, "told-map");
  await map.focus();
  for (let n = 0; n < 12; n++) await resident.keyboard.press("ArrowLeft");
  await resident.getByText("靠近碧澜社区").first().waitFor({ state: "detached" });
  await resident.getByLabel("或者选最近的社区").selectOption("haitang");
  await resident.getByText("靠近海棠社区").first().waitFor();
  // What was begun is kept: the mark too.
  await resident.waitForTimeout(1500);
  await resident.reload();
  await resident.getByText("靠近海棠社区").first().waitFor();
  await resident.getByRole("button", { name: "下一步" }).click();
  await resident.getByLabel("手机号").fill("13800000000");
  await resident.getByRole("button", { name: "核对一遍" }).click();
  await resident.getByText("已在地图上标出").waitFor();
  await resident.getByRole("button", { name: "交上去" }).click();
  await resident.getByRole("link", { name: "看办到哪了" }).click();
  await resident.getByText("正在派给承办单位").waitFor();
  id = new URL(resident.url()).pathname.split("/").pop();
  await resident.getByText("靠近海棠社区").first().waitFor();
  await resident.getByText("还没有工作人员看过。").waitFor();
});

await test("on a slow line what was written last is kept, and no other device is blamed", async () => {
  await resident.route("**/api/drafts/**", async (r) => {
    if (r.request().method() === "PUT") await new Promise((f) => setTimeout(f, 1600));
    await r.continue();
  });
  await resident.goto(`${base}/start/service_request`);
  for (const words of ["路灯坏了", "路灯坏了三天", "路灯坏了三天，晚上看不见路"]) {
    await resident.getByLabel("您要说的事").fill(words);
    await resident.waitForTimeout(1000);
  }
  await resident.waitForTimeout(4500);
  assert((await resident.getByText(/另一台设备|别的设备/).count()) === 0, "no other device");
  await resident.unroute("**/api/drafts/**");
  await resident.reload();
  await resident.waitForFunction(() => document.querySelector("#f-text")?.value === "路灯坏了三天，晚上看不见路");
  await resident.getByRole("button", { name: "重新填" }).click();
});

await test("without the drawing a name will do", async () => {
  await resident.route("**/api/district-map", (r) => r.fulfill({ status: 503, body: "{}" }));
  await resident.goto(`${base}/start/service_request`);
  await resident.getByRole("button", { name: "在地图上点" }).click();
  await resident.getByText("地图没有打开，写地名也行。").waitFor();
  await resident.unroute("**/api/district-map");
});

await test("the unit sees the mark, looks at who it is, and the person sees that look with the case", async () => {
  await enter(desk, "gov_services1", true);
  assert((await act(desk, id, "dispatch", { category: "0801", place: "海棠府" })).status === 200, "dispatched");
  await enter(handler, "water1", true);
  await handler.goto(`${base}/staff/cases/${id}`);
  await handler.getByText("靠近海棠社区").waitFor();
  await handler.getByRole("button", { name: "看地图" }).click();
  await handler.getByRole("img", { name: /海棠社区/ }).waitFor();
  await visit(handler, "told-case-map", { heading: /水管|海棠/, data: ["靠近海棠社区", "本环节"] });
  assert((await act(handler, id, "sign_in")).status === 200, "signed in");
  assert(
    (await ask(handler, "GET", `/api/cases/${id}/contact?purpose=${encodeURIComponent("约上门时间")}`)).status === 200,
    "looked",
  );
  await resident.goto(`${base}/cases/${id}`);
  await resident.getByText(/约上门时间/).waitFor();
  await visit(resident, "told-looks", { heading: "路边的水管", data: ["谁看过这件事"] });
});

await test("told twice: the unit joins the later one to the one that came first at a press", async () => {
  const made = await ask(resident, "POST", "/api/cases", {
    case_type: "service_request",
    form: { text: `${LEAK}，请快来修`, phone: "13800000000" },
  });
  assert((await act(desk, made.body.case_id, "dispatch", { category: "0801", place: "海棠府" })).status === 200, "dispatched");
  await handler.goto(`${base}/staff/cases/${made.body.case_id}`);
  await handler.getByText("可能是同一件事").waitFor();
  await visit(handler, "told-twice", { heading: /水管|海棠/, data: ["同一个人说的", "并到这件一起办"] });
  await targets(handler, "told-twice", 44);
  await handler
    .getByRole("button", { name: /^并到这件一起办/ })
    .first()
    .click();
  await handler.getByText("和同一件事一起办").first().waitFor();
  await handler.getByText("可能是同一件事").waitFor({ state: "detached" });
  await handler.goto(`${base}/staff/requests?stage=handle`);
  await handler
    .getByText(/前联系/)
    .first()
    .waitFor();
  await visit(handler, "told-contact-due", { heading: /办理中/, data: ["前联系"] });
});

await test("each step is told by a message, new ones stand on the first page until they are read", async () => {
  assert((await act(handler, id, "reply", { outcome: "solved", reply: REPLY })).status === 200, "reply");
  await resident.goto(`${base}/`);
  await resident.getByRole("link", { name: /条新消息/ }).waitFor();
  await visit(resident, "told-home", { heading: "您想办什么事", data: ["条新消息"] });
  await targets(resident, "told-home", 48);
  await resident.getByRole("link", { name: /条新消息/ }).click();
  await resident.getByText("现在到：正在办理").first().waitFor();
  await visit(resident, "told-messages", { heading: "消息", data: ["新", "现在到"] });
  await large(resident, "told-messages");
  await resident.goto(`${base}/`);
  await resident.getByRole("heading", { name: /您想办什么事/ }).waitFor();
  await resident.waitForTimeout(800);
  assert((await resident.getByRole("link", { name: /条新消息/ }).count()) === 0, "read is read");
  await resident.goto(`${base}/me`);
  await resident.getByRole("link", { name: "消息", exact: true }).click();
  await resident.locator(`a[href$="/cases/${id}"]`).first().click();
  await resident.getByRole("heading", { name: /水管/ }).first().waitFor();
});

await test("who has no messages is told so, and a server that does not answer too", async () => {
  await enter(neighbour, "chen");
  await neighbour.route("**/api/messages", (r) => r.fulfill({ json: { items: [] } }));
  await neighbour.goto(`${base}/messages`);
  await visit(neighbour, "told-messages-none", { heading: "Messages", data: ["No messages yet."] });
  await neighbour.unroute("**/api/messages");
  await neighbour.route("**/api/messages", (r) => r.abort());
  await neighbour.goto(`${base}/messages`);
  await neighbour.getByRole("alert").first().waitFor();
  await neighbour.unroute("**/api/messages");
});

await test("who told it by telephone finds it by the code and the number, without an account", async () => {
  const taken = await ask(desk, "POST", "/api/requests", { form: { text: LEAK, phone: "13700000088" }, channel: "hotline" });
  assert(taken.status === 201, JSON.stringify(taken));
  const caller = await person(browser, base, { phone: true });
  await caller.goto(`${base}/`);
  await caller.getByRole("link", { name: "凭查询码查诉求" }).click();
  await caller.getByRole("button", { name: "查一查" }).click();
  await caller
    .getByText(/查询码是 8 位/)
    .first()
    .waitFor();
  await caller.getByLabel("查询码").fill(`${taken.body.query_code.slice(0, 4)} ${taken.body.query_code.slice(4)}`);
  await caller.getByLabel("当时留的电话").fill("13700000087");
  await caller.getByRole("button", { name: "查一查" }).click();
  await caller
    .getByText(/没有对得上的/)
    .first()
    .waitFor();
  await visit(caller, "told-way-none", { heading: "诉求办到哪了", data: ["没有对得上的"] });
  await caller.getByLabel("当时留的电话").fill("13700000088");
  await caller.getByRole("button", { name: "查一查" }).click();
  await caller.getByText("正在派给承办单位").waitFor();
  await visit(caller, "told-way", { heading: "诉求办到哪了", data: ["待派单", "收到"] });
  await targets(caller, "told-way", 48);
  await large(caller, "told-way");
  const english = await person(browser, base, { english: true });
  await english.goto(`${base}/way`);
  await visit(english, "told-way-en", { heading: "Where your request stands", data: ["Query code"] });
});

await test("urgent: at the head of every page of the unit as it comes, gone when somebody works on it", async () => {
  await enter(police, "police1", true);
  await police.goto(`${base}/staff/board`);
  await police.locator("h1").first().waitFor();
  const bar = police.getByRole("region", { name: /Urgent requests/ });
  const made = await ask(resident, "POST", "/api/cases", {
    case_type: "service_request",
    form: { text: "再不解决我就从楼上跳下去，一起死！我在海棠府三栋楼顶", phone: "13800000000" },
  });
  assert(made.status === 201, JSON.stringify(made));
  await bar.locator(`a[href$="${made.body.case_id}"]`).waitFor({ timeout: 10_000 });
  await visit(police, "told-urgent", { heading: /./, data: ["Danger to life"] });
  await targets(police, "told-urgent", 44);
  await large(police, "told-urgent");
  await desk.goto(`${base}/staff/requests`);
  await desk.getByRole("heading", { name: /待派单/ }).waitFor();
  assert((await desk.locator(`a[href$="${made.body.case_id}"]`).count()) === 0, "sealed: the desk is not told");
  assert((await act(police, made.body.case_id, "dispatch", { category: "1107", place: "海棠府" })).status === 200, "dispatched");
  await police.getByRole("link", { name: "Requests" }).click();
  await bar.locator(`a[href$="${made.body.case_id}"]`).waitFor({ state: "detached", timeout: 10_000 });
});

await test("the operator reads what to say and ask, and transfers with what was written", async () => {
  await desk.goto(`${base}/staff/requests/take`);
  await desk.getByLabel("您要说的事").fill("海棠府三栋楼道有很浓的煤气味");
  await desk.getByText("紧急：照着说、照着问").waitFor();
  await desk.getByText(/现在还在发生吗/).waitFor();
  assert((await desk.getByRole("link", { name: "转 119" }).count()) === 0, "no danger to life said");
  await desk.getByLabel("您要说的事").fill("着火了着火了，三楼有人困着");
  await desk.getByText(/您现在安全吗/).waitFor();
  assert((await desk.getByRole("link", { name: "转 119" }).getAttribute("href")) === "tel:119", "one press");
  await visit(desk, "told-script", { heading: "接听登记", data: ["转 110", "在哪里？小区"] });
  await targets(desk, "told-script", 44);
});

await test("a table is brought in: what was taken, what had come before, and what is wrong where", async () => {
  await enter(head, "zs_lead", true);
  await head.goto(`${base}/staff/requests`);
  await head.getByRole("link", { name: "导入", exact: true }).click();
  await visit(head, "told-import-empty", { heading: "导入诉求", data: ["下载空表"] });
  const table = (rows) => ({
    name: "t.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`number,text,place,phone\n${rows.join("\n")}\n`),
  });
  const rows = [
    "E1,碧澜花园北门的垃圾桶三天没人收了,碧澜花园,13500000001",
    "E2,短,,13500000002",
    `E3,${"很长的话".repeat(40)},,13500000003`,
  ];
  await head.getByLabel("CSV 或 Excel 文件").setInputFiles(table(rows));
  await head.getByRole("button", { name: "导入", exact: true }).click();
  await head.getByRole("heading", { name: "收下 2 件，以前收过 0 件，没有收 1 件" }).waitFor();
  await visit(head, "told-import", { heading: "导入诉求", data: ["E2", "只看没有收的"] });
  await targets(head, "told-import", 44);
  await large(head, "told-import");
  await head.getByLabel("CSV 或 Excel 文件").setInputFiles(table(rows));
  await head.getByRole("button", { name: "导入", exact: true }).click();
  await head.getByRole("heading", { name: "收下 0 件，以前收过 2 件，没有收 1 件" }).waitFor();
  await head
    .getByLabel("CSV 或 Excel 文件")
    .setInputFiles({ name: "t.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await head.getByRole("button", { name: "导入", exact: true }).click();
  await head
    .getByText(/number 和 text/)
    .last()
    .waitFor();
  await visit(head, "told-import-refused", { heading: "导入诉求", data: ["表头要有"] });
  // A clerk of the desk may not: the page is not offered, and whoever goes there all the same is told so.
  await desk.goto(`${base}/staff/requests`);
  await desk.getByRole("link", { name: "接听登记" }).waitFor();
  assert((await desk.getByRole("link", { name: "导入", exact: true }).count()) === 0, "not offered");
  await desk.goto(`${base}/staff/requests/import`);
  await desk.getByLabel("CSV 或 Excel 文件").setInputFiles(table(rows));
  await desk.getByRole("button", { name: "导入", exact: true }).click();
  await desk
    .getByText(/没有权限/)
    .first()
    .waitFor();
});

await browser.close();
await server.stop();
finish();
