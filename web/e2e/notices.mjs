// A public notice (公示): the clerk sees what would hang and puts it up; anybody reads it on a phone; a neighbour objects once; the
// unit reads why, the applicant does not.
import {
  ask,
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
  visit,
} from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const [applicant, clerk, anybody, neighbour] = [
  await person(browser, base, { phone: true }),
  await person(browser, base),
  await person(browser, base, { phone: true }),
  await person(browser, base, { phone: true, english: true }),
];
const OBJECTION = "他家在临江区有一套房子，请查一查";
let id = "";

await test("nothing hangs: it says so", async () => {
  await anybody.goto(`${base}/`);
  await anybody.getByRole("link", { name: "公示" }).click();
  await visit(anybody, "notices-none", { heading: "公示", data: ["现在没有公示"] });
});

await test("applied for and reviewed: the clerk sees what would hang, and puts it up", async () => {
  await enterAs(applicant, base, "chen");
  await applicant.goto(base);
  const upload = await applicant.request.post(`${base}/api/files`, {
    data: picture.buffer,
    headers: { "Content-Type": "application/octet-stream", "X-File-Name": "lease.jpg" },
  });
  const { hash } = await upload.json();
  const form = {
    family: "one",
    income: 3000,
    assets: 50000,
    area: 30,
    rent: 1500,
    consent: true,
    lease: [hash],
    phone: "13800000000",
  };
  const made = await ask(applicant, "POST", "/api/matters/rental_subsidy/applications", { form });
  assert(made.status === 201, `applied: ${JSON.stringify(made)}`);
  id = made.body.case_id;
  await enterAs(clerk, base, "housing1", "", true);
  await clerk.goto(`${base}/staff/`);
  for (const [action, input] of [
    ["accept", {}],
    ["reviewed", { view: "grant", grounds: "核对收入和住房，符合" }],
  ])
    assert((await ask(clerk, "POST", `/api/cases/${id}/actions/${action}`, { input })).status === 200, action);
  await clerk.goto(`${base}/staff/cases/${id}`);
  await visit(clerk, "notice-preview", { heading: "", data: ["将要公示的内容", "陈**", "330"] });
  await clerk.getByRole("button", { name: "公示五个工作日" }).click();
  await clerk.getByRole("heading", { name: "正在公示" }).waitFor();
  await visit(clerk, "notice-hangs", { heading: "", data: ["没有人提异议"] });
  await targets(clerk, "notice-hangs", 44);
});

await test("anybody reads it, masked; who has not signed in is asked to before objecting", async () => {
  await anybody.goto(`${base}/notices`);
  await visit(anybody, "notices", { heading: "公示", data: ["公租房货币补贴拟准予公示", "陈**", "登录后提异议"] });
  await targets(anybody, "notices", 48);
  await large(anybody, "notices");
  await anybody.getByRole("link", { name: "登录后提异议" }).click();
  await anybody.waitForURL((u) => u.pathname === "/sign-in" && u.searchParams.get("next") === "/notices");
});

await test("a neighbour objects in English, with the keyboard, once", async () => {
  await enterAs(neighbour, base, "xiaoyun");
  await neighbour.goto(`${base}/notices`);
  await neighbour.getByRole("button", { name: "I object" }).focus();
  await neighbour.keyboard.press("Enter");
  await neighbour.waitForFunction(() => document.activeElement?.id === "object-words");
  await neighbour.keyboard.type(OBJECTION);
  await visit(neighbour, "notice-object-en", { heading: "Public notices", data: ["For the unit alone"] });
  await neighbour.getByRole("button", { name: "Send" }).click();
  await neighbour.getByText("Received.").first().waitFor();
  await neighbour.reload();
  await neighbour.getByRole("button", { name: "I object" }).click();
  await neighbour.fill("#object-words", OBJECTION);
  await neighbour.getByRole("button", { name: "Send" }).click();
  await neighbour.getByRole("alert").first().waitFor();
});

await test("the unit reads it, the applicant does not", async () => {
  await clerk.reload();
  await visit(clerk, "notice-objected", { heading: "", data: ["异议 1 条", OBJECTION, "周**"] });
  await applicant.goto(`${base}/cases/${id}`);
  await visit(applicant, "notice-own", { heading: "", data: ["您的申请正在公示", "陈**"] });
  assert((await applicant.getByText("临江区").count()) === 0, "nothing of what was objected");
});

await test("taken down by the clerk: gone for everybody", async () => {
  await clerk.getByText("内容有误，撤下").first().click();
  await clerk.getByLabel("哪里有误").fill("面积写错了");
  await clerk.getByRole("button", { name: "内容有误，撤下" }).click();
  await clerk.getByRole("heading", { name: "将要公示的内容" }).waitFor();
  await anybody.goto(`${base}/notices`);
  await anybody.getByText("现在没有公示").waitFor();
});

await browser.close();
await server.stop();
finish();
