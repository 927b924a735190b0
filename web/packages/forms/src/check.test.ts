import { expect, test, vi } from "vitest";

vi.mock("./YwField.vue", () => ({ default: {} }));
const { check, filled, inGuide } = await import("./index");
const base = { label: { "zh-CN": "标签" }, required: true };

test("required fields of each kind are named", () => {
  const fields = [
    { ...base, id: "a", type: "text" as const },
    { ...base, id: "b", type: "choice" as const },
    { ...base, id: "c", type: "files" as const },
  ];
  expect(check(fields, { c: [] })).toEqual({ a: ["form.required", {}], b: ["form.choose", {}], c: ["form.required", {}] });
});

test("length counts code points, so that a rare character is one", () => {
  const field = [{ ...base, id: "a", type: "text" as const, length_max: 2 }];
  expect(check(field, { a: "𠮷𠮷" })).toEqual({});
  expect(check(field, { a: "𠮷𠮷a" })).toEqual({ a: ["form.too_long", { max: 2, n: 3 }] });
});

test("a telephone number with a digit missing says how many it has", () => {
  const field = [{ ...base, id: "p", type: "phone" as const }];
  expect(check(field, { p: "1380000000" })).toEqual({ p: ["form.phone", { n: 10 }] });
  expect(check(field, { p: "13800000000" })).toEqual({});
});

test("only what was filled in travels", () => {
  expect(filled({ a: "", b: [], c: undefined, d: "x", e: 0 })).toEqual({ d: "x", e: 0 });
  const area = { id: "area", type: "number", label: { "zh-CN": "面积" }, required: true } as const;
  expect(filled({ area: "60.5" }, [area])).toEqual({ area: 60.5 });
  expect(filled({ area: "sixty" }, [area])).toEqual({ area: "sixty" });
  expect(check([area], { area: "sixty" })).toEqual({ area: ["form.number", {}] });
});

test("a main material of the guide is not called optional", () => {
  const layout = { id: "layout", type: "files", label: { "zh-CN": "布局图" }, required: false } as const;
  const need = (n: string) => [{ id: "layout", need: n }];
  expect(inGuide(layout, need("main")).required).toBe(true);
  expect(inGuide(layout, need("later")).required).toBe(false);
  expect(inGuide(layout).required).toBe(false);
});
