// Finding a matter and reading its guide: plain words, a typing mistake, a situation, on phone, desktop and in large text.
import { assert, finish, person, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const phone = await person(browser, base, { phone: true });
const elder = await person(browser, base, { phone: true, elder: true });
const desk = await person(browser, base);
const english = await person(browser, base, { english: true });

await test("an old man's words find the allowance, without signing in", async () => {
  await phone.goto(`${base}/`);
  await phone.getByLabel("用平常的话说您想办的事").fill("我满八十岁了有什么补贴");
  await phone.keyboard.press("Enter");
  await visit(phone, "find-phone", { heading: "您想办什么事", data: ["高龄津贴", "民政局"] });
  await targets(phone, "find-phone", 48);
  assert((await phone.locator("article h3").first().textContent()) === "高龄津贴", "the allowance stands first");
});

await test("a typing mistake and the situation", async () => {
  await desk.goto(`${base}/matters?q=${encodeURIComponent("个体营业执召怎么办理")}`);
  await desk.getByRole("link", { name: "个体工商户设立登记", exact: true }).click();
  await visit(desk, "guide-desk", { heading: "个体工商户设立登记", data: ["住所使用证明", "市场主体登记管理条例", "复议"] });
  await desk.getByLabel("只在网上").check();
  await desk.getByText("住所使用证明").waitFor({ state: "detached" });
  await desk.getByLabel("商铺").check();
  await desk.getByText("住所使用证明").waitFor();
});

await test("the guide on the phone, and in large text", async () => {
  for (const [page, name] of [
    [phone, "guide-phone"],
    [elder, "guide-elder"],
  ]) {
    await page.goto(`${base}/matters/food_licence_new`);
    await visit(page, name, { heading: "食品经营许可", data: ["经营场所布局图", "可以后补"] });
    await targets(page, name, name === "guide-elder" ? 48 : 48);
  }
});

await test("by theme, label and unit; nothing found; a page that does not exist", async () => {
  await desk.goto(`${base}/matters`);
  await visit(desk, "catalogue", { heading: "您想办什么事", data: ["我要开小店", "零跑动", "民政局"] });
  await desk.getByRole("link", { name: /秒批/ }).click();
  await desk.getByText("181 项").waitFor();
  await desk.getByRole("button", { name: "再看一些" }).click();
  await desk.locator("article").nth(59).waitFor();
  await desk.goto(`${base}/matters?q=${encodeURIComponent("今天天气怎么样")}`);
  await visit(desk, "find-none", { heading: "您想办什么事", data: ["目录里没有找到"] });
  await desk.goto(`${base}/matters/no_such_matter`);
  await visit(desk, "guide-none", { heading: "找事项", data: ["没有找到"] });
});

await test("in English", async () => {
  await english.goto(`${base}/matters/high_age_allowance`);
  await visit(english, "guide-english", { heading: "Allowance for the very old", data: ["No visit", "Nothing to prepare"] });
});

await browser.close();
await server.stop();
finish();
