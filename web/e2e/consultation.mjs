// The first case type end to end: a resident on a phone asks with a photo, the clerk of the right unit sees it at once, asks
// back once, answers; the resident reads, rates, and downloads proof that yiwang-verify accepts.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { assert, finish, person, program, signIn, startBrowser, startServer, targets, test, visit } from "./harness.mjs";

/** A small valid PNG, made here. */
function picture() {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (b) => {
    let c = 0xffffffff;
    for (const x of b) c = crcTable[(c ^ x) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  };
  const chunk = (type, data) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, "latin1");
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc(Buffer.concat([head.subarray(4), data])));
    return Buffer.concat([head, data, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(40, 0);
  header.writeUInt32BE(30, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(Array.from({ length: 30 }, (_, y) => Buffer.concat([Buffer.from([0]), Buffer.alloc(120, y * 8)])));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const resident = await person(browser, base, { phone: true });
const clerk = await person(browser, base);
const question = "灵活就业社保断缴两个月，可以补吗？从哪里办？";
let caseUrl = "";

await test("the front page greets without signing in", async () => {
  await resident.goto(base);
  await visit(resident, "citizen-home-guest", { heading: "您想办什么事", data: ["政策咨询"] });
  await targets(resident, "citizen-home-guest", 44);
});

await test("a wrong password is refused in plain words", async () => {
  await resident.goto(`${base}/sign-in`);
  await resident.fill("#f-login", "xiaoyun");
  await resident.fill("#f-password", "wrong");
  await resident.click("button[type=submit]");
  await visit(resident, "citizen-sign-in-refused", { heading: "登录", data: ["账号、密码或动态码不对"] });
});

await test("a page that needs signing in leads back to where one wanted to go", async () => {
  await resident.goto(`${base}/start/consultation`);
  await resident.locator("#f-login").waitFor();
  await resident.fill("#f-login", "xiaoyun");
  await resident.fill("#f-password", "yunhai-demo");
  await resident.click("button[type=submit]");
  await resident.waitForURL("**/start/consultation");
});

await test("an empty page is not passed, and the summary leads to the field", async () => {
  await resident.locator("h1", { hasText: "您想问哪方面的事" }).waitFor();
  await resident.click("button[type=submit]");
  await visit(resident, "citizen-form-error", { heading: "您想问哪方面的事", data: ["有 1 处要改", "请选一项"] });
  await targets(resident, "citizen-form-error", 44);
});

await test("the resident writes a question with a photo on a phone", async () => {
  await resident.getByLabel("养老、社保").check();
  await resident.click("button[type=submit]");
  await resident.locator("h1", { hasText: "请把问题写下来" }).waitFor();
  await resident.fill("#f-question", question);
  await resident.setInputFiles("#f-photos", { name: "通知.png", mimeType: "image/png", buffer: picture() });
  await resident.getByText("附件 1").waitFor();
  await visit(resident, "citizen-form-question", { heading: "请把问题写下来", data: ["附件 1"] });
  await resident.click("button[type=submit]");
  await visit(resident, "citizen-form-contact", { heading: "需要时打哪个电话找您", data: ["来自", "人口库"] });
  await resident.click("button[type=submit]");
  await visit(resident, "citizen-check", { heading: "交之前，再看一遍", data: [question, "养老、社保", "附件 1"] });
});

await test("the draft survives a reload in the middle, before and while it is saved", async () => {
  await resident.goto(`${base}/start/cannot_get_done`);
  const [what, half] = ["跑了三趟窗口，都说材料", "跑了三趟窗口，都说材料不齐"];
  const box = resident.locator("#f-what");
  await box.fill(what);
  await resident.reload(); // at once: nothing has been sent yet
  await resident.waitForFunction((words) => document.querySelector("#f-what")?.value === words, what);
  const reloaded = new Promise((then) =>
    resident.route("**/api/drafts/**", async (r) => {
      if (r.request().method() !== "PUT") return r.continue();
      await r.fetch(); // the server has it, and the page will never hear that
      await resident.reload();
      then();
    }),
  );
  await box.fill(half);
  await reloaded;
  await resident.unroute("**/api/drafts/**");
  await resident.waitForFunction((words) => document.querySelector("#f-what")?.value === words, half);
  assert((await resident.getByText("另一台设备").count()) === 0, "no other device");
  await resident.getByRole("button", { name: "重新填" }).click();
  await resident.goto(`${base}/start/consultation`);
  await resident.getByText("接着上次没填完的内容").waitFor();
  await resident.reload();
  await resident.getByText("接着上次没填完的内容").waitFor();
  await resident.locator("h1", { hasText: "需要时打哪个电话找您" }).waitFor(); // one goes on where one was
  await resident.click("button[type=submit]");
  await resident.locator("h1", { hasText: "交之前，再看一遍" }).waitFor();
  await resident.getByText(question).waitFor();
});

await test("the clerk signs in with a second factor and sees the inbox", async () => {
  await signIn(clerk, base, "ss_clerk", true);
  await visit(clerk, "staff-inbox-before", { heading: "待办", data: [] });
});

await test("the question is received with a number, and is in the right inbox at once", async () => {
  await resident.getByRole("button", { name: "交上去" }).click();
  await visit(resident, "citizen-done", { heading: "收到了", data: ["查询码", "正式编号"] });
  await clerk.getByText(question.slice(0, 12)).first().waitFor({ timeout: 5000 });
  await visit(clerk, "staff-inbox", { heading: "待办", data: [question.slice(0, 12)] });
});

await test("a clerk of another unit does not see it", async () => {
  const other = await person(browser, base);
  await signIn(other, base, "mz_clerk", true);
  await other.locator("h1", { hasText: "待办" }).waitFor();
  assert((await other.getByText(question.slice(0, 12)).count()) === 0, "visible to another unit");
  await other.context().close();
});

await test("the clerk opens it: name and telephone masked until asked for with a purpose", async () => {
  await clerk.getByText(question.slice(0, 12)).first().click();
  await visit(clerk, "staff-case", { heading: question.slice(0, 12), data: ["周**", "****", "最晚"] });
  caseUrl = clerk.url();
  await clerk.getByRole("button", { name: "我来办" }).click();
  await clerk.getByText("接办：我").waitFor();
  await clerk.fill("#purpose", "打电话核对缴费月份");
  await clerk.getByRole("button", { name: "看姓名、电话和个人信息" }).click();
  await clerk.getByText("周晓芸").waitFor();
});

await test("the clerk asks back once, and the clock pauses", async () => {
  await clerk.getByText("请对方补充").click();
  await clerk.fill("#f-ask", "请问断缴的是哪两个月？");
  await clerk.getByRole("button", { name: "请对方补充" }).click();
  await visit(clerk, "staff-case-waiting", { heading: question.slice(0, 12), data: ["等申请人", "等您补充期间不计时"] });
});

await test("the resident is asked, sees who looked, and supplements", async () => {
  await resident.getByRole("link", { name: "看办到哪了" }).click();
  await resident.getByText("请问断缴的是哪两个月？").waitFor();
  await visit(resident, "citizen-case-waiting", { heading: question.slice(0, 12), data: ["等您处理", "请您补充一点情况"] });
  await resident.goto(`${base}/me`);
  await visit(resident, "citizen-me", { heading: "我的", data: ["林慧敏", "打电话核对缴费月份"] });
  await resident.goto(base);
  await visit(resident, "citizen-home-waiting", { heading: "周晓芸，您想办什么事", data: ["等您处理"] });
  await resident.getByRole("link", { name: "去补充" }).click();
  await resident.fill("#f-more", "今年三月和四月。");
  await resident.getByRole("button", { name: "补充好了，交上去" }).click();
  await resident.getByRole("heading", { name: "已补充" }).waitFor();
});

await test("the clerk cannot ask a second time, and answers", async () => {
  await clerk.getByText("今年三月和四月。").waitFor({ timeout: 5000 });
  assert((await clerk.getByText("请对方补充").count()) === 0, "asking back is still offered");
  await clerk.fill("#f-reply", "断缴的月份不补缴，可以从本月接着缴，缴费年限累计计算。");
  await clerk.getByRole("button", { name: "答复" }).click();
  await visit(clerk, "staff-case-answered", { heading: question.slice(0, 12), data: ["已答复", "时限已停止计算"] });
});

await test("the resident reads the answer and rates it", async () => {
  await resident.getByText("断缴的月份不补缴").waitFor({ timeout: 5000 });
  await visit(resident, "citizen-case-answered", {
    heading: question.slice(0, 12),
    data: ["断缴的月份不补缴", "这次答复，您觉得怎么样"],
  });
  await targets(resident, "citizen-case-answered", 44);
  assert((await resident.locator("input[type=radio]:checked").count()) === 0, "no grade may be chosen beforehand");
  await resident.getByLabel("非常满意").first().check();
  await resident.getByRole("button", { name: "提交评价" }).click();
  await resident.getByRole("heading", { name: "已评价，谢谢您" }).waitFor();
});

await test("the evidence is downloaded and yiwang-verify accepts it; an altered byte is found and named", async () => {
  const link = resident.getByRole("link", { name: "下载这件事的证据" });
  await link.waitFor({ timeout: 8000 });
  const [download] = await Promise.all([resident.waitForEvent("download"), link.click()]);
  const file = join(server.data, "proof.json");
  await download.saveAs(file);
  const verify = join(program, "../yiwang-verify");
  const out = execFileSync(verify, [file], { encoding: "utf8" });
  assert(out.includes("全部一致") && out.includes("case.submitted"), out);
  writeFileSync(file, readFileSync(file, "utf8").replace("三月", "五月"));
  let refused = "";
  try {
    execFileSync(verify, [file], { encoding: "utf8" });
  } catch (error) {
    refused = error.stdout;
  }
  assert(refused.includes("event 2") || refused.includes("event 3"), `not named: ${refused}`);
});

await test("a case of another person is answered like one that does not exist", async () => {
  const other = await person(browser, base, { phone: true });
  await signIn(other, base, "chen");
  await other.waitForURL(`${base}/`);
  await other.goto(`${base}/cases/${caseUrl.split("/").pop()}`);
  await visit(other, "citizen-case-missing", { heading: "办到哪了", data: ["没有找到"] });
  await other.context().close();
});

await test("large text and English: the same way on a phone and a desktop", async () => {
  for (const [name, options, heading] of [
    ["elder", { phone: true, elder: true }, "您想办什么事"],
    ["english", { english: true }, "what would you like to do"],
  ]) {
    const page = await person(browser, base, options);
    await signIn(page, base, "xiaoyun");
    await visit(page, `citizen-home-${name}`, { heading, data: [] });
    if (name === "elder") await targets(page, name, 59);
    await page.goto(`${base}/cases`);
    await visit(page, `citizen-cases-${name}`, {
      heading: name === "english" ? "My cases" : "我的事",
      data: [question.slice(0, 10)],
    });
    await page.goto(`${base}/cases/${caseUrl.split("/").pop()}`);
    await visit(page, `citizen-case-${name}`, { heading: question.slice(0, 12), data: [] });
    await page.goto(`${base}/start/consultation`);
    await visit(page, `citizen-start-${name}`, {
      heading: name === "english" ? "What is it about" : "您想问哪方面的事",
      data: [],
    });
    await page.context().close();
  }
});

await test("with the keyboard alone a question can be started", async () => {
  const page = await person(browser, base);
  await signIn(page, base, "xiaoyun");
  await page.waitForURL(`${base}/`);
  await page.goto(`${base}/start/consultation`);
  await page.locator("h1", { hasText: "您想问哪方面的事" }).waitFor();
  for (let n = 0; n < 40 && !(await page.evaluate(() => document.activeElement?.type === "radio")); n++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.locator("h1", { hasText: "请把问题写下来" }).waitFor();
  await page.context().close();
});

await test("offline: what was written is safe, and sending again works", async () => {
  const page = await person(browser, base, { phone: true });
  await signIn(page, base, "zhao");
  await page.waitForURL(`${base}/`);
  await page.goto(`${base}/start/consultation`);
  await page.getByLabel("开店、办公司").check();
  await page.click("button[type=submit]");
  await page.fill("#f-question", "面馆的执照和许可能一起办吗？");
  await page.click("button[type=submit]");
  await page.fill("#f-phone", "13800000001");
  await page.click("button[type=submit]");
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "交上去" }).click();
  await visit(page, "citizen-offline", { heading: "交之前，再看一遍", data: ["网络断了"] });
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "再试一次" }).click();
  await page.locator("h1", { hasText: "收到了" }).waitFor();
  await page.context().close();
});

await test("the leader sees counts and no cases; the supervisor may pass a case on", async () => {
  const leader = await person(browser, base);
  await signIn(leader, base, "leader", true);
  await visit(leader, "staff-board", { heading: "各单位办件", data: ["社会保险基金管理分局"] });
  await leader.goto(caseUrl);
  await leader.getByText("没有找到").first().waitFor();
  await leader.context().close();
  const supervisor = await person(browser, base);
  await signIn(supervisor, base, "zs_lead", true);
  await supervisor.locator("h1", { hasText: "待办" }).waitFor();
  await supervisor.getByRole("link", { name: "老年食堂" }).or(supervisor.getByText("老年食堂")).first().click();
  await visit(supervisor, "staff-case-supervisor", { heading: "老年食堂", data: ["转给别的单位"] });
  await supervisor.selectOption("#f-department", "civil_affairs");
  await supervisor.fill("#f-reason", "老年食堂归民政管");
  await supervisor.getByRole("button", { name: "转给别的单位" }).click();
  await supervisor.getByText("转给 民政局").waitFor();
  await supervisor.context().close();
});

await test("staff pages on a phone, and a page that is not there", async () => {
  const page = await person(browser, base, { phone: true });
  await signIn(page, base, "zs_clerk", true);
  await visit(page, "staff-inbox-phone", { heading: "待办", data: [] });
  await page.goto(`${base}/staff/nothing-here`);
  await visit(page, "staff-missing", { heading: "没有找到这一页", data: [] });
  await page.goto(`${base}/nothing-here`);
  await visit(page, "citizen-missing", { heading: "没有找到这一页", data: [] });
  await page.context().close();
});

await test("first load of the citizen app stays under 100 KB over the wire", async () => {
  const page = await person(browser, base, { phone: true });
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  let bytes = 0;
  client.on("Network.loadingFinished", (e) => {
    bytes += e.encodedDataLength;
  });
  await page.goto(base);
  await page.locator("h1").first().waitFor();
  await page.waitForLoadState("networkidle");
  console.log(`      citizen first load ${(bytes / 1024).toFixed(1)} KB`);
  assert(bytes > 10_000 && bytes <= 100 * 1024, `${bytes} bytes`);
  await page.context().close();
});

await browser.close();
await server.stop();
finish();
