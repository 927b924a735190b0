// Applying for a matter: filled in by registers, decided at once with its certificate; handed to people with the reason;
// promised material; refusal by a named person; a copy of a certificate for one purpose. Phone, desktop, large text, keyboard.
import { assert, finish, person, signIn, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const phone = await person(browser, base, { phone: true });
const elder = await person(browser, base, { phone: true, elder: true });
const keys = await person(browser, base);
const staff = await person(browser, base);
const stranger = await person(browser, base, { phone: true });

async function enter(page, login, office = false) {
  await signIn(page, base, login, office);
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}

await test("on the phone: found, filled in, decided at once", async () => {
  await enter(phone, "xiaoyun");
  await phone.goto(`${base}/matters/residence_permit_endorsement`);
  await phone.getByRole("link", { name: "在线办理" }).click();
  await visit(phone, "apply-phone", { heading: "您现在住在哪里", data: ["居住登记（公安分局），2026-11-12 的记录"] });
  await targets(phone, "apply-phone", 48);
  assert((await phone.locator("#f-address").inputValue()).length > 3, "the address is filled in by the register");
  await phone.getByLabel("在这里上班，交社保").check();
  await phone.getByLabel("我声明住址没有变").check();
  await phone.fill("#f-phone", "13800000000");
  await phone.getByRole("button", { name: "核对一遍" }).click();
  await visit(phone, "apply-check", { heading: "交之前，再看一遍", data: ["13800000000"] });
  await phone.getByRole("button", { name: "交上去" }).click();
  await visit(phone, "apply-decided", { heading: "办好了", data: ["看我的证照"] });
  await phone.getByRole("link", { name: "看我的证照" }).click();
  await phone.getByRole("link", { name: "PDF" }).first().waitFor();
  await visit(phone, "certificates-phone", { heading: "我的证照", data: ["居住证签注", "公安分局", "1.2.156.3005.2"] });
  await targets(phone, "certificates-phone", 48);
});

await test("only to be confirmed (无感申办): nothing to type, three clicks", async () => {
  const quiet = await person(browser, base, { phone: true });
  await enter(quiet, "p06");
  await quiet.goto(`${base}/apply/residence_permit_endorsement`);
  await quiet.getByRole("heading", { name: "您现在住在哪里" }).waitFor();
  await quiet.evaluate(() => {
    globalThis.effort = { clicks: 0, typed: 0 };
    addEventListener("click", (e) => e.isTrusted && e.detail > 0 && globalThis.effort.clicks++, true);
    addEventListener("beforeinput", (e) => e.isTrusted && globalThis.effort.typed++, true);
  });
  await quiet.getByLabel("我声明住址没有变").click();
  await quiet.getByRole("button", { name: "核对一遍" }).click();
  await quiet.getByRole("button", { name: "交上去" }).click();
  await visit(quiet, "apply-quiet", { heading: "办好了", data: ["看我的证照"] });
  const effort = await quiet.evaluate(() => globalThis.effort);
  assert(effort.typed === 0 && effort.clicks <= 3 && effort.clicks > 0, `typed ${effort.typed}, clicks ${effort.clicks}`);
  await quiet.close();
});

await test("read to somebody: block by block, marked, until he stops or goes on", async () => {
  const heard = await person(browser, base, { phone: true, elder: true });
  await heard.addInitScript(() => {
    globalThis.said = [];
    // No machine here has a voice: what is given to it is written down, and each sentence takes a moment.
    speechSynthesis.speak = (u) => {
      globalThis.said.push({ text: u.text, lang: u.lang });
      globalThis.speaking = setTimeout(() => u.onend?.(), 40);
    };
    speechSynthesis.cancel = () => clearTimeout(globalThis.speaking);
  });
  await heard.goto(`${base}/matters/residence_permit_endorsement`);
  await heard.getByRole("heading", { name: "居住证签注", level: 1 }).waitFor();
  await heard.getByRole("button", { name: "读给我听" }).click();
  await heard.locator(".is-read").first().waitFor();
  await visit(heard, "read-aloud", { heading: "居住证签注", data: ["停下来"] });
  await heard.getByRole("button", { name: "停下来" }).click();
  const said = await heard.evaluate(() => globalThis.said);
  assert(
    said[0]?.text.includes("居住证签注") && said.every((s) => s.lang === "zh-CN" && s.text.length < 400),
    `it begins with the title: ${JSON.stringify(said.slice(0, 3))}`,
  );
  assert((await heard.locator(".is-read").count()) === 0, "nothing is marked when it has stopped");
  const stopped = said.length;
  await heard.waitForTimeout(300);
  assert((await heard.evaluate(() => globalThis.said.length)) === stopped, "nor read on");
  await heard.getByRole("button", { name: "读给我听" }).click();
  await heard.getByRole("link", { name: "我的", exact: true }).click();
  await heard.waitForURL((url) => !url.pathname.startsWith("/matters"));
  assert((await heard.getByRole("button", { name: "停下来" }).count()) === 0, "another page: it has stopped");
  await heard.close();
});

await test("why it was decided so, with articles and sources", async () => {
  await phone.goto(`${base}/cases`);
  await phone.locator("ul.mine a").first().click();
  await visit(phone, "why-phone", { heading: "居住证签注", data: ["为什么这样办", "由规则当场核准", "收件凭证", "规定第五条"] });
});

await test("a copy for one purpose opens once, and the holder sees it", async () => {
  await phone.goto(`${base}/certificates`);
  await phone.getByRole("button", { name: "给别人用" }).click();
  await phone.getByLabel("做什么用").fill("孩子入学");
  await phone.getByLabel("给谁用").fill("云海第一小学");
  await phone.getByRole("button", { name: "生成加注件" }).click();
  const note = await phone.getByText("只能打开一次：").textContent();
  const link = note.slice(note.indexOf("http")).trim();
  await visit(phone, "certificate-share", { heading: "我的证照", data: ["云海第一小学", "只能打开一次"].slice(1) });
  await stranger.goto(link);
  await stranger.getByRole("button", { name: "打开" }).click();
  await visit(stranger, "certificate-copy", { heading: "核验证照", data: ["仅供云海第一小学", "周晓芸"] });
  await stranger.reload();
  await stranger.getByRole("button", { name: "打开" }).click();
  await stranger.getByText("没有找到").first().waitFor();
  await phone.reload();
  await phone.getByText("云海第一小学 · 孩子入学").waitFor();
});

await test("in large text: an old woman applies for her allowance", async () => {
  await enter(elder, "p07");
  await elder.goto(`${base}/apply/high_age_allowance`);
  await visit(elder, "apply-elder", { heading: "津贴发到哪里", data: ["开户银行"] });
  await elder.fill("#f-bank", "云海农商银行");
  await elder.fill("#f-account", "6222020000001234567");
  await elder.fill("#f-phone", "13900000000");
  await elder.getByRole("button", { name: "核对一遍" }).click();
  await elder.getByRole("button", { name: "交上去" }).click();
  await visit(elder, "decided-elder", { heading: "办好了" });
  await elder.goto(`${base}/certificates`);
  await elder.getByText("每月 200 元").first().waitFor();
});

await test("with the keyboard alone: a shop whose proof follows by promise", async () => {
  await enter(keys, "zhao");
  await keys.goto(`${base}/apply/individual_business_new?answers=place:shop`);
  await visit(keys, "apply-shop", { heading: "您要开什么店" });
  await keys.locator("#f-shop_name").focus();
  await keys.keyboard.type("立新面馆");
  await keys.keyboard.press("Tab");
  await keys.keyboard.press("Space");
  await keys.keyboard.press("Enter");
  await keys.locator("h1", { hasText: "店开在哪里" }).waitFor();
  await keys.locator("#f-place").focus();
  await keys.keyboard.type("鹭洲路 9 号");
  await keys.keyboard.press("Tab");
  await keys.keyboard.press("Space");
  await keys.fill("#f-phone", "13800000000");
  await keys.locator("#f-phone").press("Enter");
  await keys.locator("h1", { hasText: "再看一遍" }).waitFor();
  await keys.getByLabel(/我承诺在 5 个工作日内补交/).focus();
  await keys.keyboard.press("Space");
  await visit(keys, "apply-promise", { heading: "交之前，再看一遍", data: ["住所使用证明"] });
  await keys.getByRole("button", { name: "交上去" }).focus();
  await keys.keyboard.press("Enter");
  await visit(keys, "apply-shop-done", { heading: "办好了" });
});

await test("handed to people with the reason; refused by name, with remedies", async () => {
  await enter(stranger, "p03");
  await stranger.goto(`${base}/apply/residence_permit_endorsement`);
  await stranger.getByLabel("在这里上班，交社保").check();
  await stranger.getByLabel("我声明住址没有变").check();
  await stranger.fill("#f-phone", "13800000000");
  await stranger.getByRole("button", { name: "核对一遍" }).click();
  await stranger.getByRole("button", { name: "交上去" }).click();
  await visit(stranger, "apply-manual", { heading: "收到了" });
  await stranger.getByRole("link", { name: "看办到哪了" }).click();
  await visit(stranger, "manual-why", {
    heading: "居住证签注",
    data: ["正在由工作人员办理", "在严重失信名单内，不能当场核准，申请照常受理", "撤回申请"],
  });
  const id = stranger.url().split("/").pop();
  await enter(staff, "police1", true);
  await staff.goto(`${base}/staff/cases/${id}`);
  await staff.getByRole("radio", { name: "不予受理" }).check();
  await visit(staff, "manual-staff", { heading: "居住证签注", data: ["不予受理", "应当去哪里办"] });
  await staff.getByLabel("理由和依据").fill("登记住址在邻区，不属本机关管辖");
  await staff.getByLabel("应当去哪里办").fill("邻区公安分局户政窗口");
  await staff.getByRole("button", { name: "不予受理", exact: true }).click();
  await staff.getByRole("heading", { name: "不予受理" }).first().waitFor();
  await stranger.reload();
  await visit(stranger, "manual-refused", {
    heading: "居住证签注",
    data: ["邻区公安分局户政窗口", "不予受理决定书", "非常满意"],
  });
});

await test("a prefilled value is disputed: people see which one, both values with a purpose, and print the papers", async () => {
  const chen = await person(browser, base, { phone: true });
  await enter(chen, "chen");
  await chen.goto(`${base}/apply/residence_permit_endorsement`);
  await chen.locator("#f-address").fill("新搬的地方 3 号");
  await chen.getByLabel("在这里上班，交社保").check();
  await chen.getByLabel("我声明住址没有变").check();
  await chen.fill("#f-phone", "13800000000");
  await chen.getByRole("button", { name: "核对一遍" }).click();
  await visit(chen, "dispute-check", { heading: "再看一遍", data: ["登记住址"] });
  await chen.getByRole("button", { name: "交上去" }).click();
  await visit(chen, "dispute-sent", { heading: "收到了" });
  await chen.getByRole("link", { name: "看办到哪了" }).click();
  await visit(chen, "dispute-case", { heading: "居住证签注", data: ["您更正了：居住登记：登记住址"] });
  const id = chen.url().split("/").pop();
  await staff.goto(`${base}/staff/cases/${id}`);
  await visit(staff, "dispute-staff", { heading: "居住证签注", data: ["申请人更正了预填的内容", "没有打印过"] });
  assert((await staff.getByText("新搬的地方 3 号").count()) === 0, "masked until somebody says what for");
  await staff.getByLabel("为什么要看").fill("核对住址");
  await staff.getByRole("button", { name: "看姓名、电话和个人信息" }).click();
  await staff.getByText("新搬的地方 3 号").waitFor();
  await staff.getByText("来自 居住登记").first().waitFor();
  const [paper] = await Promise.all([
    staff.context().waitForEvent("page"),
    staff.getByRole("link", { name: "打印 收件凭证" }).click(),
  ]);
  await paper.close();
  await staff.getByText("打印过 1 次").click();
  await visit(staff, "dispute-printed", { heading: "居住证签注", data: ["曾晓芸"] });
});

await test("begun on one device, gone on with on another; two at once are told", async () => {
  const one = await person(browser, base, { phone: true });
  const two = await person(browser, base);
  await enter(one, "p06");
  await enter(two, "p06");
  const saved = (page) => page.waitForResponse((r) => r.url().includes("/api/drafts/") && r.request().method() === "PUT");
  await one.goto(`${base}/apply/shop_sign_filing`);
  await one.locator("#f-shop").waitFor();
  await Promise.all([saved(one), one.fill("#f-shop", "云边小店，松涧路 1 号")]);
  await two.goto(`${base}/apply/shop_sign_filing`);
  await visit(two, "draft-resumed", { heading: "", data: ["接着上次没填完的内容"] });
  assert((await two.locator("#f-shop").inputValue()) === "云边小店，松涧路 1 号", "what was begun on the phone");
  await Promise.all([saved(two), two.fill("#f-shop", "云边小店，松涧路 2 号")]);
  const [refused] = await Promise.all([saved(one), one.fill("#f-shop", "云边小店，松涧路 3 号")]);
  assert(refused.status() === 412, `the phone is behind: ${refused.status()}`);
  await visit(one, "draft-elsewhere", { heading: "", data: ["另一台设备刚保存了新的内容"] });
  await one.getByRole("button", { name: "载入那边的内容" }).click();
  await one.waitForFunction(() => document.querySelector("#f-shop").value === "云边小店，松涧路 2 号");
});

await browser.close();
await server.stop();
finish();
