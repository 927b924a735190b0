import type { LocalizedText } from "@yiwang/i18n";

export { useFollow } from "./follow";
export { default as YwField } from "./YwField.vue";

export interface Field {
  id: string;
  type: "text" | "long_text" | "choice" | "checkbox" | "phone" | "date" | "number" | "files" | "rating";
  label: LocalizedText;
  hint?: LocalizedText;
  required: boolean;
  personal?: boolean;
  length_min?: number;
  length_max?: number;
  files_max?: number;
  options?: { id: string; label: LocalizedText; hint?: LocalizedText }[];
  prefill?: string;
  when?: string;
  compute?: string; // worked out by the server, never filled in
}
export interface Page {
  id: string;
  title: LocalizedText;
  hint?: LocalizedText;
  fields: Field[];
}
export interface StepAction {
  id: string;
  title: LocalizedText;
  says: LocalizedText;
  to: string;
  primary: boolean;
  rates: boolean;
  at_most: number;
  fields: Field[];
}
export interface Step {
  title: LocalizedText;
  performer: string;
  status: string;
  actions: StepAction[];
}
export interface CaseType {
  id: string;
  title: LocalizedText;
  summary: LocalizedText;
  confirmation: LocalizedText;
  department: string;
  initial: string;
  pages: Page[];
  steps: Record<string, Step>;
}
export type Values = Record<string, unknown>;

/** As its label says it: a main material of the guide is not optional, though the form alone does not know. What is missing, the server says. */
export function inGuide(field: Field, materials: { id: string; need: string }[] = []): Field {
  return materials.some((m) => m.id === field.id && m.need === "main") ? { ...field, required: true } : field;
}

/** Early help for the person who types; the server decides. Returns the message key and its parameters by field id. */
export function check(fields: Field[], values: Values): Record<string, [string, Record<string, number>]> {
  const out: Record<string, [string, Record<string, number>]> = {};
  for (const f of fields) {
    const value = values[f.id];
    const empty = value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
    if (empty) {
      if (f.required) out[f.id] = [f.type === "choice" || f.type === "rating" ? "form.choose" : "form.required", {}];
      continue;
    }
    if (f.type === "text" || f.type === "long_text") {
      const n = [...String(value)].length; // code points, as the server counts
      if (f.length_max && n > f.length_max) out[f.id] = ["form.too_long", { max: f.length_max, n }];
      else if (f.length_min && n < f.length_min) out[f.id] = ["form.too_short", { min: f.length_min }];
    }
    if (f.type === "number" && !isNumber(value)) out[f.id] = ["form.number", {}];
    if (f.type === "phone" && !/^1\d{10}$/.test(String(value)))
      out[f.id] = ["form.phone", { n: String(value).replace(/\D/g, "").length }];
  }
  return out;
}

/** Only what was filled in travels; what was typed into a number's field travels as a number, as soon as it is one. */
export function filled(values: Values, fields: Field[] = []): Values {
  const numbers = new Set(fields.filter((f) => f.type === "number").map((f) => f.id));
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, v]) => v !== undefined && v !== null && v !== "" && !(Array.isArray(v) && v.length === 0))
      .map(([id, v]) => [id, numbers.has(id) && isNumber(v) ? Number(v) : v]),
  );
}
const isNumber = (v: unknown): boolean => /^-?\d+(\.\d+)?$/.test(String(v));
