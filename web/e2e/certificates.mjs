// A correction notice in the browser: named by an officer, put right by the applicant on the phone, read by the officer; messages; a form
// that was begun, found again on the front page of another device; a certificate suspended and revoked, read by its holder.
import {
  assert,
  ask,
  enterAs,
  finish,
  large,
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
const phone = await person(browser, base, { phone: true });
const desk = await person(browser, base);
const officer = await person(browser, base);
const lead = await person(browser, base);
await enterAs(phone, base, "chen");
await enterAs(desk, base, "chen");
await enterAs(officer, base, "market1", "", true);
await enterAs(lead, base, "market_lead", "", true);
const upload = async (page) =>
  (
    await (
      await page.request.post(`${base}/api/files`, {
        data: picture.buffer,
        headers: { "Content-Type": picture.mimeType, "X-File-Name": picture.name },
      })
    ).json()
  ).hash;

let id = "";
await test("a correction notice names each thing; no reason in one lump", async () => {
  await phone.goto(base);
  const file = await upload(phone);
  const form = { trade: "catering", place: "海棠街 8 号", area: 60, layout: [file], safety_rules: [file], phone: "13800000000" };
  const made = await ask(phone, "POST", "/api/matters/food_licence_new/applications", {
    form,
    answers: { trade: "catering" },
    promises: ["equipment"],
  });
  assert(made.status === 201, `sent: ${JSON.stringify(made)}`);
  id = made.body.case_id;
  await officer.goto(`${base}/staff/cases/${id}`);
  await officer.getByLabel("操作", { exact: true }).selectOption({ label: "受理审查：请申请人补正" });
  await officer.getByText("补正只能告知一次").waitFor();
  await officer.locator("#op-field-0").selectOption({ label: "经营场所布局图" });
  await officer.locator("#op-what-0").fill("图上没有标出排烟口，也看不清操作间的门开在哪里");
  await officer.getByRole("button", { name: "再加一处" }).click();
  await officer.locator("#op-field-1").selectOption({ label: "经营场所" });
  await officer.locator("#op-what-1").fill("门牌号和产权登记不一致");
  await visit(officer, "correct-notice", { heading: "海棠街 8 号", data: ["第 2 处"] });
  await officer.getByRole("button", { name: "确定" }).click();
  await officer.getByText("1. 经营场所布局图：图上没有标出排烟口").first().waitFor();
});

await test("the applicant is told, puts right just that, with a picture, on the phone", async () => {
  await phone.goto(base);
  await phone.getByText("有 1 条新消息").waitFor();
  await visit(phone, "home-unread", { heading: "您想办什么事", data: ["等您处理"] });
  await phone.getByText("有 1 条新消息").click();
  await visit(phone, "messages-phone", { heading: "消息", data: ["请申请人补正", "新"] });
  await targets(phone, "messages-phone", 48);
  await large(phone, "messages");
  await phone.getByRole("link", { name: /请申请人补正/ }).click();
  await phone.getByRole("heading", { name: "需要您补正" }).waitFor();
  await visit(phone, "correct-phone", { heading: "海棠街 8 号", data: ["图上没有标出排烟口", "门牌号和产权登记不一致"] });
  await targets(phone, "correct-phone", 48);
  await large(phone, "correct");
  assert((await phone.locator("#f-place").inputValue()) === "海棠街 8 号", "as it was filled in");
  assert((await phone.locator("#f-area").count()) === 0, "nothing else is asked");
  await phone.locator("#f-place").fill("");
  await phone.getByRole("button", { name: "交补正" }).click();
  await phone.getByText("请填写").first().waitFor();
  await phone.locator("#f-place").fill("海棠街 8 号之二");
  await phone.locator("#f-layout").setInputFiles({ ...picture, buffer: Buffer.concat([picture.buffer]) });
  await phone.getByRole("button", { name: "交补正" }).click();
  await phone.getByText("已补正").first().waitFor();
  await visit(phone, "corrected-phone", { heading: "海棠街 8 号", data: ["海棠街 8 号之二"] });
  await phone.goto(base);
  await phone.getByRole("heading", { name: "可以办的事" }).waitFor();
  await phone.getByText("还有材料要补").waitFor();
  assert((await phone.getByText("条新消息").count()) === 0, "read");
});

await test("the officer reads what was sent, and decides by it", async () => {
  await officer.goto(`${base}/staff/cases/${id}`);
  await visit(officer, "corrected-staff", { heading: "海棠街 8 号", data: ["已补正", "海棠街 8 号之二"] });
  for (const [page, action, input] of [
    [officer, "accept", {}],
    [officer, "reviewed", { view: "grant", grounds: "两人核查，情况属实", inspectors: "甲、乙" }],
    [lead, "grant", {}],
  ]) {
    await page.goto(`${base}/staff/`);
    const done = await ask(page, "POST", `/api/cases/${id}/actions/${action}`, { input });
    assert(done.status === 200, `${action}: ${JSON.stringify(done)}`);
  }
  await phone.goto(`${base}/certificates`);
  await visit(phone, "corrected-certificate", { heading: "我的证照", data: ["海棠街 8 号之二", "食品经营许可（延续）"] });
  await targets(phone, "corrected-certificate", 48);
});

await test("a form that was begun is found again on another device, at its page, with its situation", async () => {
  await phone.goto(`${base}/apply/individual_business_new?answers=place:shop,food:no`);
  await phone.locator("#f-shop_name").waitFor();
  await phone.fill("#f-shop_name", "海棠小店");
  await phone.getByLabel("卖衣服、日用品").check();
  const saved = phone.waitForResponse(
    (r) => r.request().method() === "PUT" && JSON.parse(r.request().postData()).more.page === "place",
  );
  await phone.getByRole("button", { name: "下一步" }).click();
  await saved;
  await desk.goto(base);
  await visit(desk, "home-drafts", { heading: "您想办什么事", data: ["没填完的", "个体工商户设立登记"] });
  await large(desk, "home-drafts");
  await desk.getByRole("link", { name: "接着填" }).click();
  await desk.locator("h1", { hasText: "店开在哪里" }).waitFor();
  await desk.getByText("接着上次没填完的内容").waitFor();
  await desk.getByRole("button", { name: "上一步" }).click();
  assert((await desk.locator("#f-shop_name").inputValue()) === "海棠小店", "what was typed on the phone");
  const draft = await ask(desk, "GET", "/api/drafts/individual_business_new");
  assert(draft.body.more.answers.place === "shop", `with the situation: ${JSON.stringify(draft.body)}`);
  await desk.goto(base);
  await desk.getByRole("button", { name: /不要了/ }).click();
  await desk.getByText("没填完的").waitFor({ state: "detached" });
});

await test("what differs from the register is said at the field, and put back at will", async () => {
  await phone.goto(`${base}/apply/residence_permit_endorsement`);
  const field = phone.locator("#f-address");
  await phone.waitForFunction(() => document.querySelector("#f-address")?.value.length > 3);
  const said = await field.inputValue();
  await field.fill("新搬的地方 3 号");
  await visit(phone, "dispute-field", { heading: "您现在住在哪里", data: [`登记的是：${said}`, "申请照常受理"] });
  await targets(phone, "dispute-field", 48);
  await phone.getByRole("button", { name: "改回登记的" }).click();
  await phone.waitForFunction((v) => document.querySelector("#f-address").value === v, said);
  await phone.getByText("来自").first().waitFor();
});

await test("a supervisor suspends and revokes by name; the holder reads why and where to turn", async () => {
  await lead.goto(`${base}/staff/cases/${id}`);
  await lead.getByRole("link", { name: "颁发的证照，看状态" }).click();
  await lead.getByRole("heading", { name: "食品经营许可证" }).waitFor();
  await visit(lead, "unit-certificate", { heading: "证照的后续处理", data: ["有效", "没有处理过"] });
  await lead.getByLabel("撤销").check();
  await lead.getByLabel("理由和依据").fill("布局图不实，依行政许可法第六十九条撤销");
  await visit(lead, "unit-certificate-revoke", { heading: "证照的后续处理", data: ["撤销后不能恢复"] });
  await large(lead, "unit-certificate");
  await lead.getByRole("button", { name: "确定撤销" }).click();
  assert((await lead.getByText("没有处理过").count()) === 1, "not before it was checked once more");
  await lead.getByLabel("我已核对无误").check();
  await lead.getByRole("button", { name: "确定撤销" }).click();
  await lead.getByText("撤销：布局图不实").first().waitFor();
  await visit(lead, "unit-certificate-revoked", { heading: "证照的后续处理", data: ["撤销：布局图不实"] });
  await officer.goto(`${base}/staff/matters/certificates`);
  await visit(officer, "unit-certificates-empty", { heading: "证照的后续处理", data: ["输入一份证照"] });
  await officer.getByLabel("证照标识").fill("ZZZZZZZZ");
  await officer.getByRole("button", { name: "查", exact: true }).click();
  await officer.getByText("没有找到").first().waitFor();
  await phone.goto(`${base}/certificates`);
  await visit(phone, "revoked-holder", { heading: "我的证照", data: ["布局图不实", "申请行政复议"] });
  await phone.goto(`${base}/messages`);
  await visit(phone, "messages-revoked", { heading: "消息", data: ["被撤销：布局图不实"] });
});

await test("a copy given away by mistake is taken back", async () => {
  const holder = await person(browser, base, { phone: true });
  await enterAs(holder, base, "p06");
  await holder.goto(base);
  const home = (await ask(holder, "GET", "/api/matters/residence_permit_endorsement/prefill")).body.items.find(
    (i) => i.field === "address",
  ).value;
  const made = await ask(holder, "POST", "/api/matters/residence_permit_endorsement/applications", {
    form: { address: home, basis: "work", unchanged: true, phone: "13800000000" },
  });
  assert(made.body.step === "granted", JSON.stringify(made));
  await holder.goto(`${base}/certificates`);
  await holder.getByRole("button", { name: "给别人用" }).click();
  await holder.getByLabel("做什么用").fill("租房");
  await holder.getByLabel("给谁用").fill("房东");
  await holder.getByRole("button", { name: "生成加注件" }).click();
  await holder.getByRole("button", { name: "复制链接" }).waitFor();
  const link = (await holder.getByText("只能打开一次：").textContent()).match(/http\S+/)[0];
  await visit(holder, "copies-phone", { heading: "我的证照", data: ["给出去的加注件", "还没打开"] });
  await holder.getByRole("button", { name: /收回/ }).click();
  await holder.getByText("已过期或收回").waitFor();
  const stranger = await person(browser, base, { phone: true });
  await stranger.goto(link);
  await stranger.getByRole("button", { name: "打开" }).click();
  await stranger.getByText("没有找到").first().waitFor();
});

await test("found, asked for the situation, and shown only what is needed; the guide says who, how and what happens", async () => {
  const anybody = await person(browser, base, { phone: true });
  await anybody.goto(`${base}/matters?q=${encodeURIComponent("开个小店卖衣服")}`);
  await visit(anybody, "find-asked", { heading: "您想办什么事", data: ["先回答这几个问题", "都不是您要办的"] });
  await anybody.getByLabel("只在网上").check();
  await anybody.getByLabel("不卖").check();
  await anybody.getByRole("link", { name: /看要准备什么/ }).click();
  await anybody.getByRole("heading", { name: "要准备什么" }).waitFor();
  await anybody.getByText("什么材料都不用准备").waitFor();
  assert((await anybody.getByText("住所使用证明").count()) === 0, "the proof is not needed for a shop on the net");
  await visit(anybody, "guide-asked", { heading: "个体工商户设立登记", data: ["谁能办", "本人、委托别人", "办理过程", "秒批"] });
  await targets(anybody, "guide-asked", 48);
  await anybody.reload();
  await anybody.getByText("什么材料都不用准备").waitFor();
  await large(anybody, "guide-asked");
});

await test("at a window: the clerk sees what is asked of the person who is here, scans it and sends it", async () => {
  const holder = await person(browser, base);
  await enterAs(holder, base, "zhao");
  await holder.goto(base);
  const file = await upload(holder);
  const made = await ask(holder, "POST", "/api/matters/food_licence_new/applications", {
    form: { trade: "catering", place: "鹭洲路 9 号", area: 40, layout: [file], safety_rules: [file], phone: "13800000000" },
    answers: { trade: "catering" },
    promises: ["equipment"],
  });
  assert(made.status === 201, JSON.stringify(made));
  await officer.goto(`${base}/staff/`);
  const notice = await ask(officer, "POST", `/api/cases/${made.body.case_id}/operations/request_correction`, {
    input: { items: [{ field: "layout", what: "没有签名" }] },
  });
  assert(notice.status === 200, JSON.stringify(notice));
  const me = (await ask(holder, "GET", "/api/profile?full=1")).body;
  const window = await person(browser, base);
  await enterAs(window, base, "gov_services1", "", true);
  await window.goto(`${base}/staff/counter`);
  await window.locator("#c-window").fill("A07");
  await window.getByRole("button", { name: "开班" }).or(window.locator("form.line button")).first().click();
  await window.locator("#c-number").fill(me.id_number);
  await window.locator("#c-name").fill(me.name);
  await window.locator("#c-consent").selectOption({ index: 1 });
  await window.getByRole("button", { name: "开始接待" }).click();
  await window.getByRole("button", { name: /^补正/ }).click();
  await window.getByText("1. 经营场所布局图：没有签名").waitFor();
  await window.setInputFiles("#f-layout", picture);
  await visit(window, "counter-correct", { heading: "综合窗口", data: ["没有签名"] });
  await large(window, "counter-correct");
  await window.getByRole("button", { name: "交补正" }).click();
  await window.getByRole("button", { name: /^补正/ }).waitFor({ state: "detached" });
  await holder.goto(`${base}/cases/${made.body.case_id}`);
  await visit(holder, "counter-corrected", { heading: "鹭洲路 9 号", data: ["已补正", "（窗口 "] });
});

await browser.close();
await server.stop();
finish();
