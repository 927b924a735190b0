import { expect, test } from "vitest";
import en from "./en.json";
import mattersEn from "./matters.en.json";
import mattersZh from "./matters.zh-CN.json";
import officeEn from "./office.en.json";
import officeZh from "./office.zh-CN.json";
import staffEn from "./staff.en.json";
import staffZh from "./staff.zh-CN.json";
import zh from "./zh-CN.json";

const keys = (o: object, at = ""): string[] =>
  Object.entries(o).flatMap(([k, v]) => (typeof v === "object" ? keys(v, `${at}${k}.`) : [at + k]));
const slots = (s: string): string[] => (s.match(/\{\w+\}/g) ?? []).sort();
const get = (o: object, path: string): string =>
  path.split(".").reduce((a, k) => (a as Record<string, unknown>)[k] as object, o) as unknown as string;

test("both languages have the same keys and the same places for values", () => {
  expect(keys(en).sort()).toEqual(keys(zh).sort());
  for (const k of keys(zh)) expect([k, slots(get(en, k))]).toEqual([k, slots(get(zh, k))]);
});

test("texts use placeholders and nothing else of the language of vue-i18n, whose compiler is left out", () => {
  for (const texts of [zh, en, mattersZh, mattersEn, staffZh, staffEn, officeZh, officeEn])
    for (const k of keys(texts))
      expect([k, get(texts, k).replace(/\{\w+\}/g, "")]).toEqual([k, expect.not.stringMatching(/[{}|]|@[:.]/)]);
});

test("so have the texts that come with the pages of matters", () => {
  expect(keys(mattersEn).sort()).toEqual(keys(mattersZh).sort());
  for (const k of keys(mattersZh)) expect([k, slots(get(mattersEn, k))]).toEqual([k, slots(get(mattersZh, k))]);
});

test("so have the texts of the staff app", () => {
  expect(keys(staffEn).sort()).toEqual(keys(staffZh).sort());
  for (const k of keys(staffZh)) expect([k, slots(get(staffEn, k))]).toEqual([k, slots(get(staffZh, k))]);
  expect(keys(officeEn).sort()).toEqual(keys(officeZh).sort());
  for (const k of keys(officeZh)) expect([k, slots(get(officeEn, k))]).toEqual([k, slots(get(officeZh, k))]);
});

test("every text that a page asks for is there when the page is", () => {
  const sources = import.meta.glob<string>(["../../../apps/*/src/**/*.{vue,ts}", "../../*/src/**/*.{vue,ts}", "!**/*.test.ts"], {
    query: "?raw",
    import: "default",
    eager: true,
  });
  expect(Object.keys(sources).length).toBeGreaterThan(20);
  const base = new Set(keys(zh));
  const staff = new Set([...base, ...keys(staffZh), ...keys(officeZh), ...keys(mattersZh)]);
  const matters = new Set([...base, ...keys(mattersZh)]);
  const missing: string[] = [];
  for (const [file, source] of Object.entries(sources)) {
    const there = new Set([
      ...(file.includes("apps/staff/") ? staff : base),
      ...(source.includes("@yiwang/i18n/matters") ? matters : []),
    ]);
    for (const [, key] of source.matchAll(/[^a-zA-Z]t\(\s*["'`]([a-z_]+\.[a-zA-Z0-9_.]+)["'`]/g))
      if (key !== undefined && !there.has(key)) missing.push(`${file}: ${key}`);
  }
  expect(missing).toEqual([]);
});
