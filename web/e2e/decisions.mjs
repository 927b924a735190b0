// Rules for staff: the designer tries a decision, reads why, breaks a draft and mends it, and compares it with what was
// decided; the supervisor of the unit sees the persons' inputs; the applicant reads the decision in the case.
import { assert, finish, person, signIn, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const designer = await person(browser, base);
const shows = (day) => designer.getByText(`所示为 ${day} 起的版本`).waitFor();

await test("the designer begins at the list of decisions", async () => {
  await signIn(designer, base, "designer", true);
  await visit(designer, "staff-decisions", { heading: "规则", data: ["高龄津贴档次", "民政局", "2026-07-01"] });
  await targets(designer, "staff-decisions", 44);
});

await test("a decision has a form made from its inputs", async () => {
  await designer.getByText("高龄津贴档次").click();
  await visit(designer, "staff-decision", { heading: "高龄津贴档次", data: ["没有漏洞和冲突", "已作的 30 个决定里"] });
  await targets(designer, "staff-decision", 44);
});

await test("the result names the rule, its article, and how near the others were", async () => {
  await designer.fill("#in-0", "1941-03-02");
  await designer.fill("#in-1", "1988-01-01");
  await designer.selectOption("#in-2", "partial");
  await designer.selectOption("#in-3", "true");
  await designer.fill("#in-4", "2026-11-22");
  await designer.getByRole("button", { name: "试算", exact: true }).click();
  await visit(designer, "staff-decision-result", { heading: "高龄津贴档次", data: ["320", "第五条第二款", "小 5", "大 37"] });
});

await test("an older version decides otherwise", async () => {
  await designer.selectOption("#version", "2024-01-01");
  await shows("2024-01-01");
  await designer.getByRole("button", { name: "试算", exact: true }).click();
  await designer.getByText("第五条第一款").waitFor();
  await designer.getByText("250").first().waitFor();
  await designer.selectOption("#version", "");
  await shows("2026-07-01");
});

await test("what was written stays while another version is looked at, and can be taken back", async () => {
  const published = await designer.inputValue("#draft");
  await designer.fill("#draft", `<!-- 草稿 -->${published}`);
  await designer.selectOption("#version", "2024-01-01");
  await shows("2024-01-01");
  assert((await designer.inputValue("#draft")).startsWith("<!-- 草稿 -->"), "the draft is still there");
  await designer.selectOption("#version", "");
  await shows("2026-07-01");
  await designer.getByRole("button", { name: "改回公布的内容" }).click();
  assert((await designer.inputValue("#draft")) === published, "the published text is there again");
  assert((await designer.getByRole("button", { name: "改回公布的内容" }).count()) === 0, "nothing is left to take back");
});

await test("of two versions chosen one after the other the last is shown, however long the first takes", async () => {
  let asked = 0;
  const slow = "**/api/decisions/elder_allowance/grade?day=2024-01-01";
  await designer.route(slow, async (route) => {
    asked++;
    await shows("2026-07-01");
    await route.continue();
  });
  const late = designer.waitForResponse((r) => r.url().includes("grade?day=2024-01-01"));
  await designer.selectOption("#version", "2024-01-01");
  await designer.selectOption("#version", "");
  await (await late).finished();
  await designer.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await designer.unroute(slow);
  await shows("2026-07-01");
  assert(asked === 1, "the older version was asked for");
  assert((await designer.inputValue("#draft")).includes("[90..100)"), "the newer is shown");
});

await test("a broken draft is shown with line and column", async () => {
  const text = await designer.inputValue("#draft");
  await designer.fill("#draft", text.replace("[90..100)", "[90..hundred)"));
  await designer.getByRole("button", { name: "检查草稿" }).click();
  await visit(designer, "staff-draft-broken", { heading: "高龄津贴档次", data: ["第 39 行", "hundred"] });
  await designer.getByRole("button", { name: "与已作的决定比对" }).click();
  await visit(designer, "staff-draft-refused", { heading: "高龄津贴档次", data: ["没能办成", "hundred"] });
});

await test("a draft with a gap and another amount is compared with what was decided, persons masked", async () => {
  const text = await designer.inputValue("#draft");
  await designer.fill("#draft", text.replace("[90..hundred)", "[90..95)").replace("<text>60</text>", "<text>75</text>"));
  await designer.getByRole("button", { name: "检查草稿" }).click();
  await designer.getByText("漏洞：没有规则管").first().waitFor();
  await designer.getByRole("button", { name: "与已作的决定比对" }).click();
  await visit(designer, "staff-draft-compared", {
    heading: "高龄津贴档次",
    data: ["共 30 个已作的决定", "个人信息已遮住", "***"],
  });
  await targets(designer, "staff-draft-compared", 44);
});

await test("the supervisor of the unit sees the inputs, in English and large text", async () => {
  const lead = await person(browser, base, { english: true, elder: true });
  await signIn(lead, base, "mz_lead", true);
  await lead.waitForURL((u) => !u.pathname.endsWith("/sign-in"));
  await lead.goto(`${base}/staff/decisions/elder_allowance/grade`);
  const text = await lead.inputValue("#draft");
  await lead.fill("#draft", text.replace("<text>60</text>", "<text>75</text>"));
  await lead.getByRole("button", { name: "Compare with decisions made" }).click();
  await visit(lead, "staff-draft-supervisor-en", {
    heading: "Grade of the allowance",
    data: ["30 decisions made", "By the draft"],
  });
  assert((await lead.getByText("Personal data is masked").count()) === 0, "the note about masks where nothing is masked");
  assert((await lead.getByText("***").count()) === 0, "masked for the unit's own supervisor");
  await lead.context().close();
});

await test("a clerk reads the rules but has no draft; a leader does not see them", async () => {
  const clerk = await person(browser, base);
  await signIn(clerk, base, "mz_clerk", true);
  await clerk.getByText("高龄津贴").first().waitFor();
  await clerk.goto(`${base}/staff/decisions/elder_allowance/grade`);
  await visit(clerk, "staff-decision-clerk", { heading: "高龄津贴档次", data: ["试算"] });
  assert((await clerk.locator("#draft").count()) === 0, "a clerk sees the draft");
  await clerk.context().close();
  const leader = await person(browser, base);
  await signIn(leader, base, "leader", true);
  await leader.waitForURL((u) => !u.pathname.endsWith("/sign-in"));
  assert((await leader.getByRole("link", { name: "规则" }).count()) === 0, "a leader sees the rules");
  await leader.goto(`${base}/staff/decisions`);
  await visit(leader, "staff-decisions-refused", { heading: "规则", data: ["您没有权限这样做"] });
  await leader.context().close();
});

await test("an applicant on a phone is told the decision at once", async () => {
  const old = await person(browser, base, { phone: true });
  await signIn(old, base, "zhao");
  await old.waitForURL((u) => !u.pathname.endsWith("/sign-in"));
  await old.goto(`${base}/start/elder_allowance`);
  await old.fill("#f-birth", "1938-02-02");
  await old.fill("#f-since", "1980-01-01");
  await old.getByLabel("自己能照顾自己").check();
  await old.fill("#f-phone", "13800000000");
  await visit(old, "citizen-allowance", { heading: "老人的情况", data: ["一个人住"] });
  await old.click("button[type=submit]");
  await old.getByRole("button", { name: "交上去" }).click();
  await old.getByRole("link", { name: "看办到哪了" }).click();
  await visit(old, "citizen-allowance-decided", { heading: "高龄津贴", data: ["每月元 220，符合条件 ✓"] });
  await old.context().close();
});

await browser.close();
await server.stop();
finish();
