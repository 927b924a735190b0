// The pages of a case on paper: what is known and nothing that one would press, no heading without words, nothing wider than the sheet.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ask, assert, enter, finish, person, picture, startBrowser, startServer, test } from "./harness.mjs";

const server = await startServer();
const browser = await startBrowser();
const { base, data } = server;
const [chen, clerk, desk] = [await person(browser, base), await person(browser, base), await person(browser, base)];
await enter(chen, base, "chen");
await enter(clerk, base, "market1", true);
await enter(desk, base, "gov_services1", true);
const file = (
  await (
    await chen.request.post(`${base}/api/files`, {
      data: picture.buffer,
      headers: { "Content-Type": "application/octet-stream" },
    })
  ).json()
).hash;
const form = {
  trade: "catering",
  place: "海棠街 8 号（靠近葵滨大道的那一间，原来是水果店，门口有两棵榕树，从后门进）",
  area: 60,
  layout: [file],
  safety_rules: [file],
  phone: "13800000000",
};
const food = (
  await ask(chen, "POST", "/api/matters/food_licence_new/applications", {
    form,
    answers: { trade: "catering" },
    promises: ["equipment"],
  })
).body.case_id;
await ask(clerk, "POST", `/api/cases/${food}/actions/accept`, { input: { note: "材料齐全" } });
await ask(clerk, "POST", `/api/cases/${food}/actions/rectify`, {
  input: {
    list: "洗手池离操作台太近；没有防蝇设施；库房没有通风",
    until: new Date(Date.now() + 9 * 86400e3).toISOString().slice(0, 10),
    inspectors: "甲、乙",
  },
});
const told = (
  await ask(chen, "POST", "/api/cases", {
    case_type: "service_request",
    form: {
      text: "海棠街 8 号门口的井盖松了，车一压就响，晚上吵得睡不着，已经有一个多星期，希望尽快来修。",
      place: "海棠街 8 号",
      region: "wanghai",
      phone: "13800000000",
    },
  })
).body.case_id;

/** What a reader of the sheet would stumble over. */
const faults = () => {
  const out = [];
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 1;
  for (const e of document.querySelectorAll("nav, button, input, select, textarea, .tabs, .rail, .btn"))
    if (shown(e)) out.push(`to press: ${e.tagName} ${e.textContent.trim().slice(0, 20)}`);
  for (const card of document.querySelectorAll("main .card, main section")) {
    if (!shown(card)) continue;
    const heading = card.querySelector("h2, h3")?.textContent.trim() ?? "";
    // biome-ignore lint/performance/useDomNodeTextContent: what is rendered counts
    if (heading && card.innerText.trim() === heading) out.push(`a heading alone: ${heading}`);
  }
  for (const e of document.querySelectorAll("main *")) {
    const box = e.getBoundingClientRect();
    if (box.width > 1 && box.right > document.documentElement.clientWidth + 1 && !e.closest("svg, .vh") && shown(e))
      out.push(`too wide: ${e.tagName} ${e.textContent.trim().slice(0, 20)}`);
  }
  return out.slice(0, 6);
};
const SHEETS = [
  ["citizen-food", chen, `/cases/${food}`, 4, ["洗手池离操作台太近", "整改告知书", "两棵榕树"]],
  ["citizen-request", chen, `/cases/${told}`, 2, ["井盖松了", "办到哪了"]],
  ["staff-food", clerk, `/staff/cases/${food}`, 3, ["洗手池离操作台太近", "两棵榕树", "时限怎么算的"]],
  ["staff-request", desk, `/staff/cases/${told}`, 3, ["井盖松了", "派单与时限"]],
];
for (const [name, page, path, most, words] of SHEETS) {
  await test(`${name} on paper`, async () => {
    await page.goto(base + path);
    await page.locator("h1").first().waitFor();
    await page.getByText(words[0]).first().waitFor();
    await page.waitForLoadState("networkidle").catch(() => {});
    const size = page.viewportSize();
    await page.setViewportSize({ width: 680, height: 960 }); // A4 within its margins
    await page.emulateMedia({ media: "print" });
    const found = await page.evaluate(faults);
    // biome-ignore lint/performance/useDomNodeTextContent: what is rendered counts
    const text = await page.locator("main").innerText();
    const to = join(process.env.YW_SHOTS ?? data, `print-${name}.pdf`);
    await page.pdf({ path: to, format: "A4", preferCSSPageSize: true });
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(size);
    assert(found.length === 0, `${name}: ${found.join("; ")}`);
    for (const word of words) assert(text.includes(word), `${name}: without ${word}`);
    assert(!text.includes("1970"), `${name}: a day that nobody meant`);
    const pages = readFileSync(to, "latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert(statSync(to).size > 5000 && pages > 0 && pages <= most, `${name}: ${pages} sheets`);
  });
}
await browser.close();
await server.stop();
finish();
