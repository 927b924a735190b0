// A street that is occupied by promise: sent and paid on a phone, issued, finished early, and the rest of the fee paid back.
import {
  assert,
  enterAs,
  finish,
  large,
  person,
  picture,
  startBrowser,
  startServer,
  targets,
  test,
  through,
  visit,
} from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const [builder, clerk, lead, holder] = [
  await person(browser, base, { phone: true }),
  await person(browser, base),
  await person(browser, base),
  await person(browser, base, { phone: true }),
];
const day = (n) => new Date(Date.now() + 8 * 3600e3 + n * 86400e3).toISOString().slice(0, 10);
let id = "";

await test("small works by promise: the form asks for the way, and the fee is next", async () => {
  await enterAs(builder, base, "zhao", "云海安岭建筑工程有限公司");
  const form = {
    what: "occupy",
    place: "海棠街 28 号门前",
    area: 8,
    from: day(-2),
    until: day(2),
    way: "promise",
    promise: true,
  };
  const next = async (p) => {
    if (await p.locator("#f-way").count()) {
      await visit(p, "road-way", { heading: "从哪天到哪天", data: ["签承诺", "20"] });
      await targets(p, "road-way", 48);
    }
    await p.locator("form button[type=submit]").click();
  };
  await through(builder, base, "road_occupation", { ...form, plan: true, phone: "13800000000" }, undefined, next);
  const [sent] = await Promise.all([
    builder.waitForResponse((r) => r.url().endsWith("/applications")),
    builder.getByRole("button", { name: "交上去" }).click(),
  ]);
  const made = await sent.json();
  assert(made.step === "pay", `decided by rules: ${JSON.stringify(made)}`);
  id = made.case_id;
  await builder.goto(`${base}/cases/${id}`);
  await builder.getByLabel("缴费凭证号").fill("YH2026112300001");
  await visit(builder, "road-pay", { heading: "", data: ["请缴费", "缴费通知单"] });
  await builder.getByRole("button", { name: "已缴费" }).click();
  await builder.getByText("申请人已缴费").first().waitFor();
});

await test("the payment has come: the permit is issued", async () => {
  await enterAs(clerk, base, "transport1", "", true);
  await clerk.goto(`${base}/staff/cases/${id}`);
  await clerk.getByRole("button", { name: "已到账，发证" }).click();
  await clerk.getByText("费用已到账，发证").first().waitFor();
});

await test("finished early: reported with photos", async () => {
  await builder.goto(`${base}/cases/${id}`);
  await builder.getByText("提前完工，申请退费").first().click();
  await builder.setInputFiles("#f-photos", picture);
  await builder.locator(".fld:has(#f-photos) .files li").waitFor();
  await visit(builder, "road-finished", { heading: "", data: ["路面恢复后的照片"] });
  await builder.getByRole("button", { name: "提前完工，申请退费" }).click();
  await builder.getByText("报告提前完工").first().waitFor();
});

await test("what is paid back is worked out, shown to who looks and to who approves, and typed by nobody", async () => {
  await clerk.goto(`${base}/staff/cases/${id}`);
  await clerk.locator("output#f-refund").waitFor();
  assert((await clerk.locator("output#f-refund").textContent()) === "8", "two days of eight square metres");
  await clerk.fill("#f-inspectors", "甲、乙");
  await visit(clerk, "road-refund-check", { heading: "海棠街", data: ["应退", "剩余天数"] });
  await large(clerk, "road-refund-check");
  await clerk.getByRole("button", { name: "已恢复原状，同意退费" }).click();
  await clerk.getByText("报批退费").first().waitFor();
  await enterAs(lead, base, "transport_lead", "", true);
  await lead.goto(`${base}/staff/cases/${id}`);
  await lead.locator("output#f-refund").waitFor();
  await visit(lead, "road-refund-approve", { heading: "海棠街", data: ["应退"] });
  await lead.getByRole("button", { name: "看流程图" }).click();
  await lead.locator("svg").last().waitFor();
  await visit(lead, "road-process", { heading: "海棠街", data: [] });
  await lead.getByRole("button", { name: "同意退费", exact: true }).click();
  await lead.getByText("五个工作日内原路退回").first().waitFor();
  await builder.goto(`${base}/cases/${id}`);
  await builder.getByText("五个工作日内原路退回").first().waitFor();
  await visit(builder, "road-refunded", { heading: "", data: ["退费通知书"] });
});

await test("a change of shareholders waits for those of the register", async () => {
  await builder.goto(`${base}/`);
  await enterAs(builder, base, "zhao", "云海鹭禾餐饮有限公司");
  await enterAs(holder, base, "xiaoyun");
  const whole = (await (await holder.request.get(`${base}/api/profile?full=1`)).json()).id_number;
  const form = { what: "shareholder", new_value: "周晓芸入股百分之十", holder: "周晓芸", holder_number: whole, resolution: true };
  await through(builder, base, "company_change", { ...form, phone: "13800000000" });
  await builder.getByRole("button", { name: "交上去" }).click();
  await builder.locator(".done-hd").waitFor();
  await visit(builder, "holders-wait", { heading: "", data: ["周晓芸", "陈玉珍"] });
  const chen = await person(browser, base, { phone: true, elder: true });
  await enterAs(chen, base, "chen");
  await chen.goto(`${base}/together`);
  await visit(chen, "holders-asked", { heading: "一起办", data: ["周晓芸入股百分之十"] });
});

await browser.close();
await server.stop();
finish();
