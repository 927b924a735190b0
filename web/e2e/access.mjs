// Three matters in large text on a 360 px phone, three with the keyboard alone, pages at 200 % zoom, and what a first load weighs.
import { assert, finish, person, signIn, startBrowser, startServer, targets, test, through, visit, zoomed } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base } = server;
const elder = await person(browser, base, { phone: true, elder: true });
const keys = await person(browser, base);

async function enter(page, login) {
  await signIn(page, base, login);
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}
const MATTERS = [
  ["shop_sign_filing", { shop: "立新小店，鹭洲路 9 号", height: "1.5", floor: "ground", phone: "13800000000" }, "办好了"],
  [
    "food_licence_renewal",
    { licence_no: "JY19900000000001", expires: "2027-02-15", place: "海棠街 8 号", unchanged: true, phone: "13800000000" },
    null,
  ],
  [
    "kindergarten_health_allowance",
    { child_name: "小乐", child_birth: "2022-05-01", account: "6222020000001234567", phone: "13800000000" },
    "办好了",
  ],
];

await test("in large text on a phone of 360 px: three matters", async () => {
  await enter(elder, "zhao");
  for (const [matter, values, end] of MATTERS) {
    await through(
      elder,
      base,
      matter,
      values,
      async (page, f, value) => {
        if (f.type === "choice") await page.locator(`#f-${f.id} input[value=${value}]`).check();
        else if (f.type === "checkbox") await page.locator(`#f-${f.id} input`).check();
        else await page.fill(`#f-${f.id}`, value);
      },
      async (page) => {
        await targets(page, `elder-${matter}`, 48);
        await page.locator("form button[type=submit]").click();
      },
    );
    await visit(elder, `elder-${matter}`, { heading: "再看一遍" });
    await elder.getByRole("button", { name: "交上去" }).click();
    await visit(elder, `elder-${matter}-end`, { heading: end ?? "" });
  }
});

await test("with the keyboard alone: three matters", async () => {
  await enter(keys, "chen");
  const reach = async (page, wanted) => {
    for (let n = 0; n < 60; n++) {
      if (await page.evaluate((css) => document.activeElement?.matches(css) ?? false, wanted)) {
        const seen = await page.evaluate(() => {
          const s = getComputedStyle(document.activeElement);
          return (
            s.outlineStyle !== "none" ||
            s.boxShadow !== "none" ||
            getComputedStyle(document.activeElement.parentElement).outlineStyle !== "none"
          );
        });
        assert(seen, `${wanted}: the focus can be seen`);
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert(false, `${wanted} cannot be reached with the keyboard`);
  };
  for (const [matter, values, end] of MATTERS) {
    await through(
      keys,
      base,
      matter,
      values.child_name ? { ...values, child_name: "小安" } : values, // one payment a child and year
      async (page, f, value) => {
        if (f.type === "choice") {
          await reach(page, `#f-${f.id} input`);
          await page.keyboard.press("Space");
          for (let n = 0; n < 6 && !(await page.locator(`#f-${f.id} input[value=${value}]`).isChecked()); n++)
            await page.keyboard.press("ArrowDown");
        } else if (f.type === "checkbox") {
          await reach(page, `#f-${f.id} input`);
          await page.keyboard.press("Space");
        } else if (f.type === "date") {
          await reach(page, `#f-${f.id}`);
          const [y, m, d] = value.split("-");
          await page.keyboard.type(`${y}`);
          await page.keyboard.press("ArrowRight");
          await page.keyboard.type(`${m}${d}`);
          if ((await page.inputValue(`#f-${f.id}`)) !== value) await page.fill(`#f-${f.id}`, value); // the order of a date's parts is the browser's
        } else {
          await reach(page, `#f-${f.id}`);
          await page.keyboard.press("Control+A");
          await page.keyboard.type(value);
        }
      },
      async (page) => {
        await reach(page, "form button[type=submit]");
        await page.keyboard.press("Enter");
      },
    );
    await reach(keys, ".btns button.pri");
    await keys.keyboard.press("Enter");
    await visit(keys, `keys-${matter}`, { heading: end ?? "" });
  }
});

await test("at 200 % zoom nothing scrolls sideways and nothing is cut, on every page of the citizen's app", async () => {
  const zoom = await person(browser, base);
  const look = async (path, heading) => {
    const name = `zoom${path.replaceAll(/[/?=:&%]/g, "-")}`;
    await zoom.goto(base + path);
    await zoom.locator("h1", { hasText: heading }).first().waitFor();
    await zoom.waitForLoadState("networkidle");
    await zoomed(zoom, name, true);
  };
  for (const [path, heading] of [
    ["/", ""],
    ["/sign-in", ""],
    ["/matters", ""],
    [`/matters?q=${encodeURIComponent("开面馆要办什么证")}`, ""],
    ["/matters/food_licence_new", "食品经营许可"],
    ["/check", "核验证照"],
    ["/no-such-page", ""],
  ])
    await look(path, heading);
  await enter(zoom, "zhao");
  const { items: cases } = await (await zoom.request.get(`${base}/api/cases`)).json();
  for (const [path, heading] of [
    ["/apply/lease_filing", "出租的房子"],
    ["/start/consultation", ""],
    ["/start/service_request", ""],
    ["/together", "一起办"],
    ["/certificates", "我的证照"],
    ["/cases", ""],
    [`/cases/${cases[0].case_id}`, ""],
    ["/me", "我的"],
  ])
    await look(path, heading);
});

await test("what a first load weighs", async () => {
  const fresh = await person(browser, base, { phone: true });
  const client = await fresh.context().newCDPSession(fresh);
  await client.send("Network.enable");
  let bytes = 0;
  client.on("Network.loadingFinished", (e) => {
    bytes += e.encodedDataLength;
  });
  const weigh = async (path, most) => {
    bytes = 0;
    await fresh.goto(base + path);
    await fresh.waitForLoadState("networkidle");
    console.log(`      ${path}: ${(bytes / 1024).toFixed(1)} KB`);
    assert(bytes <= most * 1024, `${path} weighs ${(bytes / 1024).toFixed(1)} KB, at most ${most}`);
  };
  await weigh("/", 100); // design: citizen first load <= 100 KB over the wire
  await weigh("/matters", 30 + 20); // a further route <= 30 KB, and what the server says about the catalogue
  await weigh("/matters/food_licence_new", 30);
  await enter(fresh, "p06");
  for (const path of ["/apply/shop_sign_filing", "/certificates", "/cases", "/together"]) await weigh(path, 30);
});

await test("what a first load of the staff app weighs", async () => {
  const desk = await person(browser, base);
  const client = await desk.context().newCDPSession(desk);
  await client.send("Network.enable");
  let bytes = 0;
  client.on("Network.loadingFinished", (e) => {
    bytes += e.encodedDataLength;
  });
  await signIn(desk, base, "market1", true);
  await desk.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
  await desk.waitForLoadState("networkidle");
  console.log(`      /staff: ${(bytes / 1024).toFixed(1)} KB`);
  assert(bytes <= 260 * 1024, `the staff app weighs ${(bytes / 1024).toFixed(1)} KB, at most 260`);
});

await browser.close();
await server.stop();
finish();
