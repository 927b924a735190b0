// Work on matters in the staff app: a version is drafted, put right, reviewed and published; a check is taken, recorded, judged; a promised
// material comes from the phone and is looked at; a result is posted; a file is archived, handed over and accepted; the figures.
import {
  ask,
  assert,
  enter,
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
const page = async (options) => person(browser, base, options);
const [designer, phoneLead, health, wj, market, chen, zs, leader] = [
  await page(),
  await page({ phone: true }),
  await page({ phone: true }),
  await page(),
  await page(),
  await page({ phone: true }),
  await page(),
  await page({ english: true }),
];

await test("a designer drafts a version: what is wrong is said, what differs is shown", async () => {
  await enter(designer, base, "designer", true);
  await designer.goto(`${base}/staff/matters/drafts`);
  await visit(designer, "office-drafts-empty", { heading: "事项版本", data: ["没有在途的草稿"] });
  await large(designer, "office-drafts-empty");
  await designer.getByRole("searchbox", { name: "要改哪个事项" }).fill("开面馆要办什么证");
  await designer.getByRole("button", { name: "找", exact: true }).click();
  await designer.getByRole("link", { name: "起草新版本 食品经营许可（新办）" }).click();
  await designer.getByRole("textbox", { name: "承诺时限", exact: true }).fill("30");
  await designer.getByRole("textbox", { name: "承诺时限", exact: true }).press("Tab");
  await designer.getByRole("button", { name: "检查并保存草稿" }).click();
  await designer.getByText("法定").first().waitFor();
  await visit(designer, "office-draft-faults", { heading: "食品经营许可（新办）", data: ["处要改", "承诺"] });
  await large(designer, "office-draft-faults");
  await designer.getByRole("textbox", { name: "承诺时限", exact: true }).fill("3");
  await designer.getByLabel("一句话说明").fill("开饭店、奶茶店、食堂先办许可，三个工作日办好。");
  await designer.getByRole("button", { name: "检查并保存草稿" }).click();
  await designer.getByText("草稿已保存").first().waitFor();
  await visit(designer, "office-draft", { heading: "食品经营许可（新办）", data: ["和现行版本有什么不同", "三个工作日办好"] });
  await large(designer, "office-draft");
  await designer.getByRole("button", { name: "送审" }).click();
  await designer.getByText("已送审").first().waitFor();
});

await test("the unit's supervisor publishes it, on the phone; the designer sees it", async () => {
  await enter(phoneLead, base, "sj_lead", true);
  await phoneLead.goto(`${base}/staff/matters/drafts`);
  await visit(phoneLead, "office-drafts-phone", { heading: "事项版本", data: ["待审核"] });
  await phoneLead.getByRole("link", { name: "食品经营许可（新办）" }).click();
  await visit(phoneLead, "office-review-phone", { heading: "食品经营许可（新办）", data: ["退回要写明改什么"] });
  await targets(phoneLead, "office-review-phone", 44);
  await phoneLead.getByRole("button", { name: "退回", exact: true }).click();
  await phoneLead.getByRole("alert").waitFor();
  await phoneLead.getByRole("button", { name: "公布", exact: true }).click();
  await phoneLead.getByText("已公布").first().waitFor();
  await designer.goto(`${base}/staff/matters/drafts`);
  await visit(designer, "office-drafts", { heading: "事项版本", data: ["已公布", "审核"] });
  await large(designer, "office-drafts");
});

let hair = "";
await test("checks afterwards: taken, recorded on the phone, judged by another", async () => {
  await enter(chen, base, "chen");
  const file = (
    await (
      await chen.request.post(`${base}/api/files`, {
        data: picture.buffer,
        headers: { "Content-Type": "application/octet-stream" },
      })
    ).json()
  ).hash;
  const form = {
    kind: "hair",
    place: "碧溪街 3 号",
    way: "promise",
    promise: true,
    layout: [file],
    rules: [file],
    phone: "13800000000",
  };
  hair = (await ask(chen, "POST", "/api/matters/hygiene_licence_new/applications", { form, answers: { way: "promise" } })).body
    .case_id;
  assert(hair, "granted by promise");
  await enter(health, base, "health1", true);
  await health.goto(`${base}/staff/matters/checks`);
  await visit(health, "office-checks-phone", { heading: "事后核查", data: ["公共场所卫生许可", "承诺核查"] });
  await large(health, "office-checks-phone");
  await targets(health, "office-checks-phone", 44);
  await health.getByRole("button", { name: "我来查" }).click();
  await health.getByText("在查").waitFor();
  await health.getByRole("button", { name: "记录结果" }).click();
  await health.getByLabel("不符").check();
  await health.getByLabel("查到什么").fill("现场有三十五张床，与承诺不符");
  await visit(health, "office-check-form-phone", { heading: "事后核查" });
  await large(health, "office-check-form-phone");
  await health.getByRole("button", { name: "提交结果" }).click();
  await health.getByText("现在没有要核查的").waitFor();
  await enter(wj, base, "wj_lead", true);
  await wj.goto(`${base}/staff/matters/checks`);
  await wj.getByRole("button", { name: "待负责人处理" }).click();
  await wj.getByRole("button", { name: "处理", exact: true }).click();
  await wj.getByLabel("暂扣").check();
  await wj.getByLabel("理由和依据").fill("床位与承诺不符，限期改正，先行暂扣");
  await visit(wj, "office-judge", { heading: "事后核查", data: ["证照怎么办"] });
  await large(wj, "office-judge");
  await wj.getByRole("button", { name: "提交结果" }).click();
  await wj.getByText("没有查出不符").waitFor();
  await wj.getByRole("button", { name: "已核查" }).click();
  await visit(wj, "office-checked", { heading: "事后核查", data: ["决定暂扣"] });
  await large(wj, "office-checked");
});

let food = "";
await test("a promised material from the phone: sent, returned with a reason, sent again, accepted", async () => {
  const file = (
    await (
      await chen.request.post(`${base}/api/files`, {
        data: picture.buffer,
        headers: { "Content-Type": "application/octet-stream" },
      })
    ).json()
  ).hash;
  const form = { trade: "catering", place: "海棠街 8 号", area: 60, layout: [file], safety_rules: [file], phone: "13800000000" };
  food = (
    await ask(chen, "POST", "/api/matters/food_licence_new/applications", {
      form,
      answers: { trade: "catering" },
      promises: ["equipment"],
    })
  ).body.case_id;
  await chen.goto(`${base}/`);
  await visit(chen, "promise-home-phone", { heading: "您想办什么事", data: ["还有材料要补", "设备清单"] });
  await chen.getByRole("link", { name: "去补 设备清单" }).click();
  await visit(chen, "promise-phone", { heading: "海棠街 8 号", data: ["设备清单", "最晚"] });
  await targets(chen, "promise-phone", 48);
  await chen.getByRole("button", { name: "交上去 设备清单" }).click();
  await chen.getByText("请先拍照或选文件").waitFor();
  await chen.setInputFiles("#f-promise-equipment", picture);
  await chen.locator(".files li").waitFor();
  await chen.getByRole("button", { name: "交上去 设备清单" }).click();
  await chen.getByText("工作人员在看").first().waitFor();
  await enter(market, base, "market1", true);
  await market.goto(`${base}/staff/cases/${food}`);
  await visit(market, "promise-staff", { heading: "海棠街 8 号", data: ["承诺补交的材料", "交来，等审看"] });
  await market.getByLabel("哪里不行").fill("照片看不清型号");
  await market.getByRole("button", { name: "退回 设备清单" }).click();
  await market.getByText("退回：照片看不清型号").waitFor();
  await chen.reload();
  await visit(chen, "promise-again-phone", { heading: "海棠街 8 号", data: ["要重新交：照片看不清型号"] });
  await chen.setInputFiles("#f-promise-equipment", picture);
  await chen.locator(".files li").waitFor();
  await chen.getByRole("button", { name: "交上去 设备清单" }).click();
  await chen.getByText("工作人员在看").first().waitFor();
  await market.reload();
  await market.getByRole("button", { name: "收下 设备清单" }).click();
  await market.getByText("已收下").waitFor();
});

await test("the result is posted and received", async () => {
  const act = (who, action, input) => ask(who, "POST", `/api/cases/${food}/actions/${action}`, { input });
  assert((await act(market, "accept", {})).status === 200, "accepted");
  assert(
    (await act(market, "reviewed", { view: "grant", grounds: "两人核查，情况属实", inspectors: "甲、乙" })).status === 200,
    "reviewed",
  );
  assert((await act(phoneLead, "grant", {})).status === 200, "granted");
  await market.goto(`${base}/staff/matters/deliveries`);
  await visit(market, "office-deliveries", { heading: "送达", data: ["海棠街 8 号", "最晚"] });
  await large(market, "office-deliveries");
  await market.getByRole("button", { name: "交出或寄出 海棠街 8 号" }).click();
  await market.getByLabel("邮件号").fill("EMS10001");
  await market.getByRole("button", { name: "记下送出" }).click();
  await market.getByText("邮件号 EMS10001").waitFor();
  await market.getByRole("button", { name: "记下签收 海棠街 8 号" }).click();
  await market.getByLabel("谁签收").fill("陈玉珍");
  await visit(market, "office-delivery", { heading: "送达" });
  await large(market, "office-delivery");
  await market.getByRole("button", { name: "记下签收", exact: true }).click();
  await market.getByText("没有等着送达的结果").waitFor();
});

await test("the file is archived, handed over with its hash, and accepted by the keeper", async () => {
  await market.goto(`${base}/staff/matters/archive`);
  await visit(market, "office-archive", { heading: "归档和移交", data: ["待归档", "海棠街 8 号"] });
  await large(market, "office-archive");
  await market.waitForTimeout(1500);
  await market.getByRole("button", { name: "检查并归档 海棠街 8 号" }).click();
  await market.getByRole("checkbox").check();
  await market.getByRole("button", { name: "移交 1 卷给政务服务和数据管理局" }).click();
  await market.getByText("等待接收").waitFor();
  await enter(zs, base, "zs_lead", true);
  await zs.goto(`${base}/staff/matters/archive`);
  await zs.getByRole("button", { name: "看清单" }).click();
  await visit(zs, "office-archive-list", { heading: "归档和移交", data: ["清单校验值", "校验值（SM3）"] });
  await large(zs, "office-archive-list");
  await zs.getByRole("button", { name: "核对无误，接收" }).click();
  await zs.getByText("已接收").first().waitFor();
  await market.setViewportSize({ width: 360, height: 780 });
  await market.reload();
  await visit(market, "office-archive-phone", { heading: "归档和移交", data: ["已接收"] });
  await market.goto(`${base}/staff/cases/${food}`);
  await market.getByText("政务服务和数据管理局已接收").waitFor();
});

await test("figures with their definitions, in English too; who may not is told", async () => {
  await enter(leader, base, "leader", true);
  await leader.goto(`${base}/staff/matters/figures`);
  await visit(leader, "office-figures-en", { heading: "Figures of matters", data: ["Good ratings", "530 matters in force"] });
  await large(leader, "office-figures-en");
  const [file] = await Promise.all([leader.waitForEvent("download"), leader.getByRole("link", { name: "XLSX" }).click()]);
  assert(file.suggestedFilename().endsWith(".xlsx"), "a workbook");
  await leader.setViewportSize({ width: 360, height: 780 });
  await visit(leader, "office-figures-phone", { heading: "Figures of matters" });
  await leader.goto(`${base}/staff/matters/checks`);
  await leader.getByRole("alert").waitFor();
  await visit(leader, "office-refused-en", { heading: "Checks afterwards" });
  assert((await leader.getByRole("link", { name: "Versions" }).count()) === 0, "no way to what is not one's own");
});

await browser.close();
await server.stop();
finish();
