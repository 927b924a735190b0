// What is watched over requests, through the browser: supervision and duty, transfer of work, what many tell of, rows behind a
// figure, a project about a cause; refusals; axe and targets on every state that is visited.
import {
  ask,
  assert,
  enter as enterAs,
  finish,
  person,
  picture,
  startBrowser,
  startServer,
  targets,
  test,
  visit,
} from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const desk = await person(browser, base);
const deskLead = await person(browser, base);
const clerk = await person(browser, base, { phone: true });
const lead = await person(browser, base);
const leader = await person(browser, base);
const resident = await person(browser, base, { phone: true });
const GARBAGE = "松涧新村垃圾房满出来几天没清运";
const REPLY = "经核查，松涧新村垃圾房因车辆故障几天没有清运。处理：今天上午已全部清运，改为每天两次收运，并每周检查一次。";
const made = [];

const enter = (page, login, staff = true) => enterAs(page, base, login, staff);

await test("five people tell of one matter, dispatched by people", async () => {
  await enter(resident, "xiaoyun", false);
  await enter(desk, "gov_services1");
  for (let n = 0; n < 5; n++) {
    const { body } = await ask(resident, "POST", "/api/cases", {
      case_type: "service_request",
      form: { text: `${GARBAGE}，第${n}天了`, place: "松涧新村", phone: "13800000000" },
    });
    if (body.step === "dispatch")
      assert(
        (
          await ask(desk, "POST", `/api/cases/${body.case_id}/actions/dispatch`, {
            input: { category: "0101", place: "松涧新村" },
          })
        ).status === 200,
        "dispatched",
      );
    made.push(body.case_id);
  }
});

await test("the unit makes them one matter", async () => {
  await enter(clerk, "city_mgmt1");
  await clerk.goto(`${base}/staff/requests?stage=liaison`);
  await clerk.getByText("多人反映同一件事").waitFor();
  await clerk.locator("details summary", { hasText: "松涧新村" }).first().click();
  await visit(clerk, "mass-phone", { heading: /待签收/, data: ["并成一件办", "主件"] });
  await targets(clerk, "mass-phone", 44);
  await clerk.getByRole("button", { name: /并成一件办：松涧新村/ }).click();
  await clerk.getByText(/件已并入主件/).waitFor({ state: "attached" });
  const { body } = await ask(clerk, "GET", "/api/requests?stage=liaison");
  const left = body.items.filter((i) => made.includes(i.case_id));
  assert(left.length === 1 && left[0].master, `one line is left: ${JSON.stringify(left)}`);
});

await test("the answer to the master is everybody's", async () => {
  const { body } = await ask(clerk, "GET", "/api/requests?stage=liaison");
  const master = body.items.find((i) => made.includes(i.case_id)).case_id;
  const member = made.find((id) => id !== master);
  await resident.goto(`${base}/cases/${member}`);
  await resident.getByText("多人反映了同一件事").waitFor();
  await visit(resident, "joined-way", { heading: /松涧新村/, data: ["办到哪了"] });
  await clerk.goto(`${base}/staff/cases/${master}`);
  await clerk.getByText("一起办的").waitFor();
  await visit(clerk, "mass-master", { heading: /松涧新村/, data: ["派单与时限"] });
  assert((await ask(clerk, "POST", `/api/cases/${master}/actions/sign_in`, { input: {} })).status === 200, "signed in");
  assert(
    (await ask(clerk, "POST", `/api/cases/${master}/actions/reply`, { input: { outcome: "solved", reply: REPLY } })).status ===
      200,
    "replied",
  );
  await enter(lead, "city_mgmt_lead");
  assert((await ask(lead, "POST", `/api/cases/${master}/actions/sign`, { input: {} })).status === 200, "signed");
  await resident.getByText("每天两次收运").waitFor({ timeout: 15_000 });
  await visit(resident, "joined-answered", { heading: /松涧新村/, data: ["答复", "提交评价"] });
  await targets(resident, "joined-answered", 48);
  await ask(resident, "POST", `/api/cases/${member}/actions/rate`, { input: { grade: 5, solved: "solved_no" } });
});

await test("supervision and duty: the unit reads, the desk's supervisor closes", async () => {
  await lead.goto(`${base}/staff/requests/watch`);
  await lead.getByText("虚假办结").first().waitFor();
  assert(
    (await lead.getByRole("button", { name: /核查后销号/ }).count()) === 0,
    "the unit that handles it closes nothing of its own",
  );
  await visit(lead, "watch-unit", { heading: "督办与值守", data: ["夜间和节假日值班", "移交与代理"] });
  await targets(lead, "watch-unit", 44);
  await enter(deskLead, "zs_lead");
  await deskLead.goto(`${base}/staff/requests/watch`);
  const row = deskLead.locator("li", { hasText: "虚假办结" }).first();
  await row.getByRole("button", { name: /核查后销号/ }).click();
  await row.getByRole("button", { name: "核查后销号", exact: true }).click();
  await deskLead
    .getByText(/10 至 2000/)
    .first()
    .waitFor();
  await visit(deskLead, "watch-refused", { heading: "督办与值守", data: ["怎么核查的"] });
  await row.getByLabel("核查情况").fill("到现场看过，垃圾房确实又满，已责成当日清运。");
  await row.getByRole("button", { name: "核查后销号", exact: true }).click();
  await deskLead
    .getByText(/要附照片或材料/)
    .first()
    .waitFor();
  await row.locator("input[type=file]").setInputFiles(picture);
  await row.getByText("附件 1").waitFor();
  await row.getByRole("button", { name: "核查后销号", exact: true }).click();
  await deskLead.getByRole("radio", { name: "已销号" }).check();
  await deskLead.getByText("已责成当日清运").waitFor();
  await visit(deskLead, "watch-closed", { heading: "督办与值守", data: ["到现场"] });
  const proof = await deskLead.locator("a", { hasText: "附件 1" }).first().getAttribute("href");
  const opened = await deskLead.evaluate(async (path) => (await fetch(path)).headers.get("content-type"), proof);
  assert(opened?.startsWith("image/"), `what it was closed on can be opened: ${opened} of ${proof}`);
});

await test("all work of one passes to another", async () => {
  await lead.reload();
  await lead.getByLabel("谁的").selectOption({ index: 1 });
  await lead.getByLabel("交给谁").selectOption({ index: 0 });
  await lead.getByLabel("为什么").fill("调离岗位");
  await lead.getByRole("button", { name: "移交", exact: true }).click();
  await lead.getByText("调离岗位").waitFor();
  await visit(lead, "transferred", { heading: "督办与值守", data: ["调离岗位"] });
});

await test("from a figure to its rows", async () => {
  await enter(leader, "leader");
  await leader.goto(`${base}/staff/requests/figures`);
  await leader.getByRole("button", { name: /受理量 \d+，看明细/ }).click();
  await leader.getByText("每次查看都会记录").waitFor();
  await visit(leader, "figure-rows", { heading: "诉求指标与热点", data: ["受理量："] });
  await targets(leader, "figure-rows", 44);
  assert(!(await leader.content()).includes("13800000000"), "no number of a person");
});

await test("a leader who types the address of supervision sees what cannot be solved, and no refusals", async () => {
  await leader.goto(`${base}/staff/requests/watch`);
  await leader.getByRole("heading", { name: "暂无法解决" }).waitFor();
  await visit(leader, "watch-leader", { heading: "督办与值守", data: ["暂无法解决"] });
  const words = await leader.locator("main").textContent();
  assert(!/[a-z]+_[a-z]+/.test(words) && !words.includes("没有权限"), "no name of an action, nothing refused");
});

await test("a project about the cause, from a hotspot to its fall", async () => {
  await deskLead.goto(`${base}/staff/requests/figures`);
  await deskLead.getByRole("link", { name: "立专项" }).first().click();
  await deskLead.getByLabel("目标", { exact: true }).fill("每周反映下降一半以上，不再出现整栋停水。");
  await deskLead.getByRole("button", { name: "立专项" }).click();
  await deskLead
    .getByText(/措施|10 至 2000/)
    .first()
    .waitFor();
  await visit(deskLead, "project-refused", { heading: "专项（由个到类）", data: ["件诉求立项"] });
  await targets(deskLead, "project-refused", 44);
  await deskLead.getByLabel("措施").fill("更换老旧水泵，停水提前一天通知到户，备用水源演练。");
  await deskLead.getByLabel("牵头单位").selectOption("water");
  await deskLead.getByLabel("完成日期").fill(new Date(Date.now() + 60 * 864e5).toISOString().slice(0, 10));
  await deskLead.getByRole("button", { name: "立专项" }).click();
  await deskLead.getByRole("heading", { name: "每周反映量" }).waitFor();
  await visit(deskLead, "project-one", { heading: /./, data: ["来自"] });
  await leader.goto(`${base}/staff/requests/projects`);
  await leader.locator("article").first().waitFor();
  await visit(leader, "projects", { heading: "专项（由个到类）", data: ["此前每周"] });
  assert((await leader.getByRole("button", { name: "立专项" }).count()) === 0, "the leader reads");
});

await test("the map: by mouse, by keyboard, as a table", async () => {
  await leader.goto(`${base}/staff/requests/map`);
  const place = leader.getByRole("button", { name: /^松涧社区：/ });
  await place.focus();
  await leader.keyboard.press("Enter");
  await leader.getByText("每次查看都会记录").waitFor();
  await visit(leader, "map", { heading: "诉求地图", data: ["同样的数，用表看", "松涧社区"] });
  await targets(leader, "map", 44);
  const phone = await person(browser, base, { phone: true, elder: true });
  await enter(phone, "mz_lead");
  await phone.goto(`${base}/staff/requests/map`);
  await phone.getByRole("button", { name: /^松涧社区：/ }).waitFor();
  await phone.getByRole("button", { name: "海棠社区", exact: true }).waitFor(); // in the table: the drawing has no names on a phone
  await visit(phone, "map-phone", { heading: "诉求地图" });
});

await test("search: found by the unit that has it, not by another", async () => {
  await clerk.goto(`${base}/staff/requests/search`);
  await clerk.getByLabel("找什么").fill("水");
  await clerk.getByRole("button", { name: "搜索" }).click();
  await clerk
    .getByText(/两个字以上/)
    .first()
    .waitFor();
  await visit(clerk, "search-refused", { heading: "搜索", data: ["至少写两个字"] });
  await clerk.getByLabel("找什么").fill("垃圾房 清运");
  await clerk.keyboard.press("Enter");
  await clerk
    .getByRole("link", { name: /垃圾房/ })
    .first()
    .waitFor();
  await visit(clerk, "search", { heading: "搜索", data: ["诉求"] });
  await targets(clerk, "search", 44);
  await leader.goto(`${base}/staff/requests/search?words=${encodeURIComponent("垃圾房")}`);
  await leader
    .getByText(/没有找到|垃圾/)
    .first()
    .waitFor();
  assert((await leader.getByRole("link", { name: new RegExp(GARBAGE.slice(0, 8)) }).count()) === 0, "a leader opens no requests");
});

await test("in English, too", async () => {
  const page = await person(browser, base, { english: true });
  await enter(page, "ga_lead"); // a code works once: nobody who has just signed in
  await page.goto(`${base}/staff/requests/watch`);
  await page.getByText("On duty at night").first().waitFor();
  await visit(page, "watch-english", { heading: "Supervision and duty", data: ["Transfers and deputies"] });
});

await browser.close();
await server.stop();
finish();
