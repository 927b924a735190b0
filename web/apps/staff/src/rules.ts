// What the pages about decisions share: explanations, analyses and inputs as they come from the server.
import type { Json } from "@yiwang/api";

export type DecisionView = Json<"/api/decisions/{case_type}/{id}", "get">;
export type DecisionInput = DecisionView["inputs"][number];
export type Reply = Json<"/api/decisions/{case_type}/{id}/evaluate", "post">;
export type Draft = Json<"/api/decision-drafts/check", "post">;
export type Trial = Json<"/api/decisions/{case_type}/{id}/trial", "post">;

export interface Miss {
  rule: number;
  input: number;
  condition: string;
  found: string;
  distance?: string;
}
export interface TableTrace {
  table: string;
  decision: string;
  hit_policy: string;
  inputs: { name: string; value: unknown }[];
  matched: { rule: number; id: string; annotations: string[] }[];
  missed?: Miss[];
  output: unknown;
}
export interface Explanation {
  decisions: { name: string; output: unknown; sources: string[] }[];
  tables: TableTrace[];
  diagnostics: { message: string; where: string }[];
}
export interface Example {
  input: Record<string, unknown>;
  rules: number[];
}
export interface TableAnalysis {
  decision: string;
  hit_policy: string;
  rule_count: number;
  refused?: string;
  gaps: Example[];
  overlaps: { rules: number[]; example: Example }[];
  conflicts: { rules: number[]; example: Example }[];
  never: number[];
  masked: number[];
  tests: Example[];
}

/** "decision 月标准" → "月标准" */
export const plainName = (decision: string): string => decision.replace(/^[a-z ]+ /, "");

/** A value for people: text as it is, everything else as JSON. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "✓" : "✗";
  return typeof value === "string" ? value : JSON.stringify(value);
}
export const entries = (value: unknown): [string, unknown][] =>
  value && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [["", value]];

/** What was typed, as the input's type has it; undefined where nothing was. Numbers travel as text, so that none is rounded. */
export function typed(input: DecisionInput, text: string): unknown {
  if (text === "") return undefined;
  if (input.plain_type === "boolean") return text === "true";
  if (
    ["number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"].includes(
      input.plain_type,
    )
  )
    return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
