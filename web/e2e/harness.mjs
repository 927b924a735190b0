// The harness of the browser tests: a real server on a fresh data folder, a real Chromium, axe on every visited state.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const program = process.env.YW_PROGRAM ?? join(root, "build/release/bin/yiwang");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.YW_SHOTS ?? join(root, "build/e2e");
mkdirSync(shots, { recursive: true });

let passed = 0;
let failed = 0;
export async function test(name, body) {
  const begin = Date.now();
  try {
    await body();
    passed++;
    console.log(`ok    ${name} (${Date.now() - begin} ms)`);
  } catch (error) {
    failed++;
    console.log(
      `FAIL  ${name}\n      ${String(error.stack ?? error)
        .split("\n")
        .slice(0, 12)
        .join("\n      ")}`,
    );
  }
}
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed || !passed ? 1 : 0;
}
export function assert(condition, what) {
  if (!condition) throw new Error(what);
}

/** A server of its own; `config` is the text of a configuration file. */
export async function startServer(config = "") {
  const data = mkdtempSync(join(tmpdir(), "yw-e2e-"));
  writeFileSync(join(data, "config.yaml"), config);
  const portFile = join(data, "port");
  const child = spawn(
    program,
    [
      "serve",
      "--demo",
      "--quiet",
      "--data",
      join(data, "d"),
      "--port",
      "0",
      "--port-file",
      portFile,
      "--web",
      join(root, "web/apps"),
      ...(config ? ["--config", join(data, "config.yaml")] : []),
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  let ended = null;
  child.on("exit", (code) => {
    ended = code;
  });
  for (let i = 0; i < 300 && !existsSync(portFile); i++) {
    assert(ended === null, `the server ended with ${ended}`);
    await new Promise((r) => setTimeout(r, 100));
  }
  assert(existsSync(portFile), "the server did not become ready in 30 s");
  const base = `http://127.0.0.1:${readFileSync(portFile, "utf8").trim()}`;
  return {
    base,
    data,
    async stop() {
      child.kill("SIGTERM");
      for (let i = 0; i < 150 && ended === null; i++) await new Promise((r) => setTimeout(r, 100));
      rmSync(data, { recursive: true, force: true });
      assert(ended === 0, `the server stopped with ${ended}`);
    },
  };
}

export const startBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export const oneTimeCode = (login) => execFileSync(program, ["demo", "code", login], { encoding: "utf8" }).trim();

/** A page of one person; requests to anywhere but the server are faults, and so are script errors. */
export async function person(browser, base, { phone = false, elder = false, english = false } = {}) {
  const context = await browser.newContext({
    viewport: phone ? { width: 360, height: 780 } : { width: 1280, height: 900 },
    deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone,
    isMobile: phone,
    acceptDownloads: true,
    locale: "zh-CN",
    reducedMotion: "reduce",
  });
  if (elder) await context.addInitScript(() => localStorage.setItem("yw-elder", "1"));
  if (english) await context.addInitScript(() => localStorage.setItem("yw-locale", "en"));
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (e) => page.faults.push(`script: ${e.message}`));
  page.on("request", (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith("data:") && !r.url().startsWith("blob:"))
      page.faults.push(`request to ${r.url()}`);
  });
  return page;
}

/** Asserts what the state must show, then that axe finds nothing, that nothing scrolls sideways, and keeps a picture. */
export async function visit(page, name, { heading, data = [] }) {
  await page.locator("h1", { hasText: heading }).first().waitFor({ timeout: 10_000 });
  assert((await page.locator("main").count()) === 1, `${name}: one main landmark`);
  for (const text of data)
    await page.getByText(text, { exact: false }).locator("visible=true").first().waitFor({ timeout: 10_000 });
  await page.evaluate(() => document.activeElement?.blur?.());
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  assert(sideways <= 0, `${name}: scrolls sideways by ${sideways} px`);
  await page.evaluate(axeSource);
  const result = await page.evaluate(
    async () =>
      await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  assert(
    result.violations.length === 0,
    `${name}: axe: ${result.violations
      .map(
        (v) =>
          `${v.id} (${v.nodes
            .map((n) => n.target.join(" "))
            .join("; ")
            .slice(0, 240)})`,
      )
      .join(" | ")}`,
  );
  assert(page.faults.length === 0, `${name}: ${page.faults.join("; ")}`);
}

/** What is too wide for the window or cut off at its edge: text in a box that hides what does not fit. */
const cutOff = () => {
  const out = [];
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
    out.push(`scrolls sideways by ${document.documentElement.scrollWidth - document.documentElement.clientWidth} px`);
  for (const e of document.querySelectorAll("main *, header *, nav *, footer *")) {
    if (![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim())) continue;
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || style.visibility === "hidden") continue;
    const hides = style.overflowX === "hidden" || style.overflowX === "clip";
    let scrolls = false;
    for (let n = e; n && !scrolls; n = n.parentElement) scrolls = ["auto", "scroll"].includes(getComputedStyle(n).overflowX);
    if ((hides && e.scrollWidth > e.clientWidth + 1) || (!scrolls && !e.closest("svg") && box.right > innerWidth + 1))
      out.push(`${e.tagName} "${e.textContent.trim().slice(0, 24)}"`);
  }
  return out.slice(0, 4);
};

/** The page as it is at 200 % zoom: half the window to it. Nothing scrolls sideways, no text is cut. */
export async function zoomed(page, name, keep = false) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 640, height: 450 });
  const found = await page.evaluate(cutOff);
  if (keep || found.length) await page.screenshot({ path: join(shots, `${name}-zoom.png`), fullPage: true });
  await page.setViewportSize(size);
  assert(found.length === 0, `${name} at 200 %: ${found.join("; ")}`);
}

/** The page in large text, on the desktop and on a phone of 360 px. */
export async function large(page, name) {
  const size = page.viewportSize();
  await page.evaluate(() => {
    document.documentElement.dataset.mode = "elder";
  });
  for (const [device, width, height] of [
    ["phone", 360, 780],
    ["desktop", 1280, 900],
  ]) {
    await page.setViewportSize({ width, height });
    const found = await page.evaluate(cutOff);
    await page.screenshot({ path: join(shots, `${name}-large-${device}.png`), fullPage: true });
    assert(found.length === 0, `${name} in large text on the ${device}: ${found.join("; ")}`);
  }
  await page.evaluate(() => {
    delete document.documentElement.dataset.mode;
  });
  await page.setViewportSize(size);
}

/** Every control that a finger must hit is large enough; links inside sentences are exempt. */
export async function targets(page, name, least) {
  const small = await page.evaluate((min) => {
    const out = [];
    for (const e of document.querySelectorAll(
      "main button, main input:not([type=radio]):not([type=checkbox]):not([type=file]), main select, main textarea, main a.btn, main summary, nav a, header button",
    )) {
      const r = e.getBoundingClientRect();
      if (r.width === 0 || r.height === 0) continue;
      if (r.height < min - 0.5)
        out.push(`${e.tagName} "${(e.textContent || e.id).trim().slice(0, 20)}" ${Math.round(r.height)}px`);
    }
    return out;
  }, least);
  assert(small.length === 0, `${name}: targets under ${least} px: ${small.join(", ")}`);
}

export async function signIn(page, base, login, staff = false) {
  await page.goto(`${base}${staff ? "/staff" : ""}/sign-in`);
  await page.fill("#f-login", login);
  await page.fill("#f-password", "yunhai-demo");
  if (staff) await page.fill("#f-code", oneTimeCode(login));
  await page.click("button[type=submit]");
}

/** Signs in and waits until that has happened. */
export async function enter(page, base, login, staff = false) {
  await signIn(page, base, login, staff);
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}

/** A request of the page's own session. */
export const ask = (page, method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(path, {
        method,
        headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
        body: body ? JSON.stringify(body) : undefined,
      });
      return { status: answer.status, body: await answer.json() };
    },
    [method, path, body],
  );

/** Signs in without the page of it; the cookie is the context's. For a firm or a person that one may act for, by the name. */
export async function enterAs(page, base, login, firm = "", staff = false) {
  const answer = await page.request.post(`${base}/api/session`, {
    data: { login, password: "yunhai-demo", ...(staff ? { code: oneTimeCode(login) } : {}) },
  });
  assert(answer.ok(), `${login} signs in: ${answer.status()}`);
  if (!firm) return;
  const mine = (await (await page.request.get(`${base}/api/session`)).json()).delegations.find((d) => d.name === firm);
  assert(mine, `${login} may act for ${firm}`);
  assert(
    (await page.request.post(`${base}/api/session/acting-for`, { data: { subject: mine.enterprise } })).ok(),
    `${login} acts for ${firm}`,
  );
}

/** Puts a value into a field of a form, as a finger or a mouse would. */
export async function fillField(page, field, value) {
  if (field.type === "choice") await page.locator(`#f-${field.id} input[value="${value}"]`).check();
  else if (field.type === "checkbox") await page.locator(`#f-${field.id} input`).setChecked(value === true);
  else if (field.type === "files") {
    await page.setInputFiles(`#f-${field.id}`, picture);
    await page.locator(`.fld:has(#f-${field.id}) .files li`).waitFor();
  } else await page.fill(`#f-${field.id}`, String(value));
}

/** The form has heard from the server which questions there are now; before, a further one may be missing. */
export const settled = (page) => page.locator("form:not([aria-busy=true])").first().waitFor();

/** Fills the pages of the form of a matter from their definition, and goes to the check page. `put` fills one field. */
export async function through(
  page,
  base,
  matter,
  values,
  put = fillField,
  next = (p) => p.locator("form button[type=submit]").click(),
  situation = "",
) {
  const guide = await (await page.request.get(`${base}/api/matters/${matter}`)).json();
  const type = await (await page.request.get(`${base}/api/case-types/${guide.matter.case_type}`)).json();
  await page.goto(`${base}/apply/${matter}${situation ? `?answers=${situation}` : ""}`);
  for (const p of type.pages) {
    await page.locator("h1", { hasText: p.title["zh-CN"].replace("？", "") }).waitFor();
    for (const f of p.fields) {
      await settled(page);
      if (values[f.id] !== undefined && (await page.locator(`#f-${f.id}`).count())) await put(page, f, values[f.id]);
    }
    await settled(page);
    await next(page);
  }
  await page.locator("h1", { hasText: "再看一遍" }).waitFor();
}

export const picture = {
  name: "scan.png",
  mimeType: "image/png",
  buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==", "base64"),
};
