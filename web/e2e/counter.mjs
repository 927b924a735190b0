// The window: a shift, a person with consent, a matter that the clerk looks up, scans, the receipt, a paper original with the person's own
// signature, and the hand-over to a colleague.
import {
  enterAs,
  fillField,
  finish,
  large,
  person,
  picture as scan,
  settled,
  signIn,
  startBrowser,
  startServer,
  targets,
  test,
  visit,
} from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const clerk = await person(browser, base);
const next = await person(browser, base);
const chen = await person(browser, base, { phone: true, elder: true });

async function enter(page, login, office = false) {
  await signIn(page, base, login, office);
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}

await test("a shift, and a person who is looked up with consent", async () => {
  await enter(chen, "chen");
  const number = (await (await chen.request.get(`${base}/api/profile?full=1`)).json()).id_number;
  await enter(clerk, "gov_services1", true);
  await clerk.getByRole("link", { name: "窗口" }).click();
  await visit(clerk, "counter-empty", { heading: "综合窗口", data: ["窗口号"] });
  await clerk.getByLabel("窗口号").fill("A01");
  await clerk.getByRole("button", { name: "开班" }).click();
  await clerk.getByText("现在没有人。").waitFor();
  await clerk.getByLabel("身份证号码").fill(number);
  await clerk.getByLabel("证件上的姓名").fill("陈玉珍");
  await clerk.getByLabel("怎么同意的").selectOption({ label: "出示身份证并口头同意" });
  await clerk.getByRole("button", { name: "开始接待" }).click();
  await clerk.getByRole("heading", { name: /陈\*\*/ }).waitFor();
  await visit(clerk, "counter-visit", { heading: "综合窗口", data: ["想办什么事"] });
});

await test("a matter never seen before: the checklist, the form, scans, the receipt", async () => {
  await clerk.getByLabel("想办什么事").fill("开面馆要办什么证");
  await clerk.getByRole("button", { name: "找", exact: true }).click();
  await clerk.getByRole("button", { name: "食品经营许可（新办）" }).click();
  await clerk.getByLabel("做哪一种？").selectOption({ label: "现做现卖、餐饮" });
  await visit(clerk, "counter-checklist", { heading: "综合窗口", data: ["核对清单", "经营场所布局图", "由系统读取"] });
  await clerk.getByRole("button", { name: "填申请" }).click();
  await clerk.getByLabel("现做现卖、餐饮").last().check();
  await clerk.fill("#f-place", "海棠街 8 号");
  await clerk.fill("#f-area", "60");
  for (const id of ["layout", "safety_rules", "equipment"]) {
    await clerk.setInputFiles(`#f-${id}`, scan);
    await clerk.locator(`.fld:has(#f-${id}) .files li`).waitFor();
  }
  await clerk.fill("#f-phone", "13800000000");
  await visit(clerk, "counter-form", { heading: "综合窗口", data: ["提交申请"] });
  await clerk.getByRole("button", { name: "提交申请" }).click();
  await clerk.getByRole("link", { name: "打印收件凭证" }).waitFor();
  await visit(clerk, "counter-taken", { heading: "综合窗口", data: ["已收件", "纸质原件"] });
});

await test("a paper original: the person signs on the own phone", async () => {
  await clerk.getByLabel("原件名称").fill("营业执照正本");
  await clerk.getByRole("button", { name: "收下" }).click();
  await clerk.getByText("还缺一个签名").waitFor();
  await chen.goto(`${base}/cases`);
  await chen.locator("ul.mine a").first().click();
  await visit(chen, "original-elder", { heading: "海棠街 8 号", data: ["原件和送达", "窗口收了这份原件"] });
  await targets(chen, "original-elder", 48);
  await chen.getByRole("button", { name: "签名 营业执照正本" }).click();
  await chen.getByText("双方已签").waitFor();
});

await test("the shift is handed over, with the person and the paper", async () => {
  await enter(next, "gov_services2", true);
  const name = (await (await next.request.get(`${base}/api/session`)).json()).name;
  await clerk.reload();
  await clerk.getByText("手里有 1 份原件").waitFor();
  await clerk.getByLabel("交给谁").selectOption({ label: name });
  await clerk.getByRole("button", { name: "交班" }).click();
  await clerk.getByRole("button", { name: "开班" }).waitFor();
  await next.goto(`${base}/staff/counter`);
  await visit(next, "counter-waiting", { heading: "综合窗口", data: ["等您接班", "未办完 1 人", "原件 1 份"] });
  await next.getByLabel("窗口号").fill("A02");
  await next.getByRole("button", { name: "开班" }).click();
  await next.getByRole("button", { name: "接班" }).click();
  await next.getByRole("button", { name: /陈\*\*/ }).click();
  await next.getByText("双方已签").waitFor();
  await next.getByRole("button", { name: "退还" }).click();
  await next.getByText("已退还").waitFor();
  await next.getByLabel("结果").fill("已受件，原件已退");
  await next.getByRole("button", { name: "接待结束" }).click();
  await next.getByText("现在没有人。").waitFor();
  await visit(next, "counter-end", { heading: "综合窗口" });
});

await test("landlord and tenant are both at the window: the one applies, the other confirms there, heard by the clerk", async () => {
  const receive = async (who, name) => {
    const number = (await (await who.request.get(`${base}/api/profile?full=1`)).json()).id_number;
    await next.getByLabel("身份证号码").first().fill(number);
    await next.getByLabel("证件上的姓名").fill(name);
    await next.getByLabel("怎么同意的").selectOption({ label: "出示身份证并口头同意" });
    await next.getByRole("button", { name: "开始接待" }).click();
    return number;
  };
  const zhao = await person(browser, base, { phone: true });
  await enterAs(zhao, base, "zhao");
  const number = await receive(zhao, "赵立新");
  await next.getByRole("heading", { name: /赵\*\*/ }).waitFor();
  await receive(chen, "陈玉珍");
  await next.getByRole("heading", { name: /陈\*\*/ }).waitFor();
  await next.getByLabel("想办什么事").fill("房屋租赁登记备案");
  await next.getByRole("button", { name: "找", exact: true }).click();
  await next.getByRole("button", { name: "房屋租赁登记备案" }).click();
  await next.getByRole("button", { name: "填申请" }).click();
  const type = await (await next.request.get(`${base}/api/case-types/lease_filing`)).json();
  const values = {
    address: "葵滨大道 18 号",
    area: 60,
    persons: 3,
    title: "yes",
    tenant: "赵立新",
    tenant_number: number,
    rent: 2600,
    until: "2027-11-30",
    contract: true,
    both_sign: true,
    phone: "13800000000",
  };
  for (const f of type.pages.flatMap((p) => p.fields)) {
    await settled(next);
    if (values[f.id] !== undefined && (await next.locator(`#f-${f.id}`).count())) await fillField(next, f, values[f.id]);
  }
  await settled(next);
  await next.getByRole("button", { name: "提交申请" }).click();
  await next.getByText("已保存，等共同申请人确认").first().waitFor();
  await visit(next, "counter-joint-waits", { heading: "综合窗口", data: ["赵立新"] });
  await next.getByRole("button", { name: /赵\*\*/ }).click();
  await next.getByRole("heading", { name: /确认的申请/ }).waitFor();
  await visit(next, "counter-joint", { heading: "综合窗口", data: ["葵滨大道 18 号", "内容属实，我确认"] });
  await large(next, "counter-joint");
  await next.getByRole("button", { name: "内容属实，我确认" }).click();
  await next.getByRole("heading", { name: /确认的申请/ }).waitFor({ state: "detached" });
  await chen.goto(`${base}/certificates`);
  await chen.getByText("租赁").first().waitFor();
});

await browser.close();
await server.stop();
finish();
