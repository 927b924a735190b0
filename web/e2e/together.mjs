// Applying together and for others: a lease that the tenant confirms on his own phone, a form that follows what is filled in,
// authority given and taken back, a guardian's consent. Phone, large text, keyboard.
import { assert, finish, person, signIn, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const owner = await person(browser, base);
const tenant = await person(browser, base, { phone: true });
const elder = await person(browser, base, { phone: true, elder: true });

async function enter(page, login) {
  await signIn(page, base, login);
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}
const numberOf = async (page) => (await (await page.request.get(`${base}/api/profile?full=1`)).json()).id_number;

await test("a form follows what is filled in, and the number of each head is worked out", async () => {
  await enter(owner, "xiaoyun");
  await enter(tenant, "zhao");
  const number = await numberOf(tenant);
  await owner.goto(`${base}/apply/lease_filing?answers=title:yes`);
  await owner.locator("h1", { hasText: "出租的房子" }).waitFor();
  await owner.fill("#f-address", "葵滨大道 18 号 2 栋 301 室");
  await owner.fill("#f-area", "60");
  await owner.fill("#f-persons", "3");
  await owner.getByLabel("有房产证").check();
  await owner.locator("#f-per_head", { hasText: "20" }).waitFor();
  await visit(owner, "lease-house", { heading: "出租的房子", data: ["人均面积"] });
  await owner.getByRole("button", { name: "下一步" }).click();
  await owner.locator("h1", { hasText: "租约" }).waitFor();
  assert((await owner.locator("#f-village").count()) === 0, "no village paper is asked for a home with a certificate");
  await owner.fill("#f-tenant", "赵立新");
  await owner.fill("#f-tenant_number", number);
  await owner.fill("#f-rent", "2600");
  await owner.fill("#f-until", "2027-11-01");
  await owner.setInputFiles("input[type=file]", {
    name: "contract.png",
    mimeType: "image/png",
    buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==", "base64"),
  });
  await owner.getByText("附件 1").first().waitFor();
  await owner.getByLabel("房东和租客都已签字").check();
  await owner.fill("#f-phone", "13800000000");
  await owner.getByRole("button", { name: "核对一遍" }).click();
  await visit(owner, "lease-check", { heading: "交之前，再看一遍", data: ["赵立新"] });
  await owner.getByRole("button", { name: "交上去" }).click();
  await visit(owner, "lease-waits", { heading: "等对方确认", data: ["赵立新", "时限从那时起算"] });
});

await test("the tenant sees what he confirms, on his own phone; then it is decided", async () => {
  await tenant.goto(`${base}/together`);
  await visit(tenant, "together-phone", {
    heading: "一起办、替人办",
    data: ["等您确认的", "葵滨大道 18 号 2 栋 301 室", "周**"],
  });
  await targets(tenant, "together-phone", 48);
  await tenant.getByText("可以办：政策咨询").waitFor(); // what an authority is for, in words and not in ids
  await tenant.getByRole("button", { name: "内容属实，我确认" }).click();
  await tenant.getByText("都已确认，已开始办").waitFor();
  await visit(tenant, "together-done", { heading: "一起办、替人办", data: ["没有等您确认的申请"] });
  await owner.goto(`${base}/together`);
  await owner.getByRole("link", { name: "看办到哪了" }).first().click();
  await visit(owner, "lease-decided", { heading: "葵滨大道 18 号 2 栋 301 室", data: ["由规则当场核准"] });
});

await test("in large text: authority is given, used, and taken back; who acts is told clearly", async () => {
  await enter(elder, "chen");
  await elder.goto(`${base}/together`);
  await elder.getByText("请别人替我办").first().click();
  await elder.fill("#a-name", "周晓芸");
  await elder.fill("#a-number", await numberOf(owner));
  await elder.selectOption("#a-matter", "high_age_allowance");
  await visit(elder, "authority-elder", { heading: "一起办、替人办", data: ["可以办哪件事"] });
  await targets(elder, "authority-elder", 48);
  await elder.getByRole("button", { name: "请别人替我办" }).click();
  await elder.getByText("周** 可以替您办").waitFor();
  await owner.goto(`${base}/me`);
  await owner.reload();
  await owner.getByLabel("陈玉珍").check();
  await owner.goto(`${base}/apply/high_age_allowance`);
  await owner.locator("h1", { hasText: "津贴发到哪里" }).waitFor();
  await owner.fill("#f-bank", "云海农商银行");
  await owner.fill("#f-account", "6222020000001234567");
  await owner.fill("#f-phone", "13900000000");
  await owner.getByRole("button", { name: "核对一遍" }).click();
  await owner.locator("h1", { hasText: "再看一遍" }).waitFor();
  await elder.getByRole("button", { name: "收回 周**" }).click();
  await elder.getByText("周** 可以替您办").waitFor({ state: "detached" });
  await owner.getByRole("button", { name: "交上去" }).click();
  await visit(owner, "authority-ended", { heading: "再看一遍", data: ["陈玉珍给您的授权已经到期或被收回"] });
  await owner.goto(`${base}/me`);
  await visit(owner, "me-lapsed", { heading: "我的", data: ["陈玉珍给您的授权已经到期或被收回，不能再替其办事"] });
});

await test("a guardian, whom the register names, with the separate consent", async () => {
  await owner.getByRole("button", { name: "我自己" }).first().click();
  const child = await person(browser, base);
  await enter(child, "p09");
  const number = await numberOf(child);
  await owner.goto(`${base}/together`);
  await owner.getByText("替未成年的孩子办").first().click();
  await owner.fill("#g-name", "小乐");
  await owner.fill("#g-number", number);
  await owner.getByRole("button", { name: "替未成年的孩子办" }).click();
  await owner.getByText("您可以替 小乐 办").waitFor();
  await owner.goto(`${base}/me`);
  await owner.reload();
  await owner.getByLabel("小乐").check();
  await owner.goto(`${base}/apply/residence_permit_endorsement`);
  await owner.getByLabel("在这里上学").check();
  await owner.getByLabel("我声明住址没有变").check();
  await owner.fill("#f-phone", "13800000000");
  await owner.getByRole("button", { name: "核对一遍" }).click();
  await owner.getByRole("button", { name: "交上去" }).click();
  await owner.getByLabel("我是孩子的监护人").waitFor();
  await visit(owner, "guardian-consent", { heading: "再看一遍", data: ["单独同意"] });
  await owner.getByLabel("我是孩子的监护人").check();
  await owner.getByRole("button", { name: "交上去" }).click();
  await visit(owner, "guardian-done", { heading: "办好了" });
});

await browser.close();
await server.stop();
finish();
