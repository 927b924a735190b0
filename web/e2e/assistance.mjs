// Help at home, from the phone of an old woman to the call back; whom the list of serious dishonesty has held back; figures in public.
import { ask, assert, enter, finish, large, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const elder = await person(browser, base, { phone: true, elder: true });
const lead = await person(browser, base, { phone: true });
const helper = await person(browser, base, { phone: true });
const caller = await person(browser, base);
const keeper = await person(browser, base);
const listed = await person(browser, base, { phone: true });
let id = "";
/** Takes a step: chosen where there are several, filled in, sent. */
async function act(page, name, fill) {
  await page.locator("#h-act").waitFor();
  const choice = page.getByRole("radio", { name, exact: true });
  if (await choice.count()) await choice.check();
  await fill();
  await page.getByRole("button", { name, exact: true }).click();
}

await test("in large text: asked for with a few taps; only what is needed is asked", async () => {
  await enter(elder, base, "chen");
  await elder.goto(base);
  await elder.getByRole("link", { name: "帮办代办" }).click();
  await visit(elder, "assistance-ask", { heading: "帮谁", data: ["需要帮助的人"] });
  await targets(elder, "assistance-ask", 60);
  await elder.getByLabel("我自己").check();
  assert((await elder.getByLabel("他（她）的姓名").count()) === 0, "one's own name is known");
  await elder.getByLabel("年纪大").check();
  await elder.getByRole("button", { name: "下一步" }).click();
  await elder.getByLabel("想办的事").fill("高龄津贴换一个银行账户");
  await elder.getByLabel("上门").check();
  await elder.locator("#f-place").fill("云岭北街 9 号 3 栋 502");
  await elder.fill("#f-phone", "13900000000");
  await elder.getByRole("button", { name: "核对一遍" }).click();
  await visit(elder, "assistance-check", { heading: "再看一遍", data: ["云岭北街 9 号", "年纪大"] });
  await elder.getByRole("button", { name: "交上去" }).click();
  await elder.getByText("来之前会打电话").waitFor();
  const mine = await ask(elder, "GET", "/api/cases");
  id = mine.body.items[0].case_id;
});

await test("the street office appoints a helper on the phone; the address is masked until somebody needs it", async () => {
  await enter(lead, base, "jd_lead", true);
  await lead.goto(`${base}/staff/cases/${id}`);
  await visit(lead, "assistance-appoint", { heading: "高龄津贴换一个银行账户", data: ["派人"] });
  assert(!(await lead.locator("main").textContent()).includes("502"), "the address is masked");
  await targets(lead, "assistance-appoint", 44);
  await act(lead, "派人", async () => {
    await lead.getByLabel("谁去（姓名、单位、电话，会告诉申请人）").fill("云岭社区 施帮办 0990-8880033");
    await lead.getByLabel("约在什么时候").fill("明天上午");
  });
  await lead.getByText("已派人").first().waitFor();
  await elder.goto(`${base}/cases/${id}`);
  await visit(elder, "assistance-told", { heading: "高龄津贴换一个银行账户", data: ["施帮办"] });
});

await test("not met, then done on the authority that is said; somebody else calls back", async () => {
  await enter(helper, base, "street1", true);
  await helper.goto(`${base}/staff/cases/${id}`);
  await act(helper, "没见到人，再约", () => helper.getByLabel("再约在什么时候").fill("后天上午"));
  await helper.getByText("已再约时间").first().waitFor();
  await act(helper, "办好了", async () => {
    await helper.getByLabel("做了什么").fill("带着表格上门，本人确认后换好账户");
    await helper.getByLabel("本人在场，自己确认").check();
    await visit(helper, "assistance-done", { heading: "高龄津贴换一个银行账户", data: ["凭什么替他办"] });
  });
  await helper.getByText("已经帮着办好").first().waitFor();
  assert((await helper.getByRole("button", { name: "已经办好", exact: true }).count()) === 0, "nobody calls back about himself");
  await enter(caller, base, "street2", true);
  await caller.goto(`${base}/staff/cases/${id}`);
  await act(caller, "已经办好", () => caller.getByLabel("怎么说的").fill("很好，谢谢"));
  await caller.getByText("事情办好了").first().waitFor();
  await visit(caller, "assistance-called", { heading: "高龄津贴换一个银行账户", data: ["已帮办"] });
  await large(caller, "assistance-called");
  await elder.reload();
  await visit(elder, "assistance-rate", { heading: "高龄津贴换一个银行账户", data: ["这次帮得怎么样"] });
});

await test("the keeper of the register of credit sees whom it has held back, masked; others have no way there", async () => {
  await enter(keeper, base, "dev_reform1", true);
  await keeper.goto(`${base}/staff/matters/credit`);
  await visit(keeper, "credit-empty", { heading: "信用核查拦截", data: ["没有被拦下的申请"] });
  await enter(listed, base, "p03");
  const form = { shop: "立群小店，鹭洲路 9 号", height: 1.5, floor: "ground", listed: false, phone: "13800000000" };
  const made = await ask(listed, "POST", "/api/matters/shop_sign_filing/applications", { form });
  assert(made.status === 201 && made.body.step === "accept", `people decide: ${JSON.stringify(made)}`);
  await listed.goto(`${base}/cases/${made.body.case_id}`);
  await visit(listed, "credit-told", { heading: "鹭洲路 9 号", data: ["严重失信", "照常受理"] });
  await keeper.reload();
  await visit(keeper, "credit", { heading: "信用核查拦截", data: ["沈", "还在名单里", "店招牌匾设置备案"] });
  assert(!(await keeper.locator("main").textContent()).includes("沈立群"), "masked");
  await large(keeper, "credit");
  await keeper.setViewportSize({ width: 360, height: 780 });
  await visit(keeper, "credit-phone", { heading: "信用核查拦截", data: ["还在名单里"] });
  await caller.goto(`${base}/staff/matters/credit`);
  await caller.getByRole("alert").waitFor();
  assert((await caller.getByRole("link", { name: "信用核查" }).count()) === 0, "no way there for who does not keep it");
});

await test("figures in public, in large text and in English on the phone", async () => {
  await elder.goto(`${base}/open`);
  await visit(elder, "open-elder", { heading: "办理情况公开", data: ["好评率", "免填率", "少交的纸"] });
  const english = await person(browser, base, { phone: true, english: true });
  await english.goto(`${base}/open`);
  await visit(english, "open-en", { heading: "Figures in public", data: ["Good ratings", "Sheets of paper not brought"] });
  await english.close();
});

await browser.close();
await server.stop();
finish();
