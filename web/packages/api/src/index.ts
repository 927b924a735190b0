import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Problem = components["schemas"]["Problem"];
export type { paths };
export type Json<P extends keyof paths, M extends keyof paths[P], S extends number = 200> = paths[P][M] extends {
  responses: Record<S, { content: { "application/json": infer T } }>;
}
  ? T
  : never;

export type Session = Json<"/api/session", "get">;
export type CaseRow = Json<"/api/cases", "get">["items"][number];
export type CaseView = Json<"/api/cases/{id}", "get">;
export type TimelineEntry = CaseView["timeline"][number];

/** The language that error messages come back in; set by the apps. */
let language = "zh-CN";
export function setApiLanguage(code: string): void {
  language = code;
}

export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use({
  onRequest({ request }) {
    request.headers.set("Accept-Language", language);
    return request;
  },
});

/** A key that makes a repeated command harmless; made once per intention, kept until it succeeds. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * Who asks again does not want the earlier answer, however late it comes: `const turn = latest()` once, then `const last = turn()` before
 * asking and `if (!last()) return` after.
 */
export function latest(): () => () => boolean {
  let turn = 0;
  return () => {
    const mine = ++turn;
    return () => mine === turn;
  };
}

/** What went wrong, in a form that a page can show. `offline` means that nothing was answered at all. */
export interface Failure {
  offline: boolean;
  status: number;
  title: string;
  code?: string;
  reference?: string;
  fields: Record<string, string>;
}

export function failure(error: unknown, status = 0): Failure {
  const problem = error as Problem | undefined;
  const fields: Record<string, string> = {};
  for (const item of problem?.errors ?? []) {
    const name = item.pointer?.split("/").pop();
    const said = item.message?.replace(/^[^：]*：/, "");
    if (name && said) fields[name] = fields[name] ? `${fields[name]}；${said}` : said;
  }
  return {
    offline: false,
    status: problem?.status ?? status,
    title: problem?.title ?? "",
    code: problem?.code,
    reference: problem?.reference,
    fields,
  };
}

export const offlineFailure: Failure = { offline: true, status: 0, title: "", fields: {} };

/** Shows a paper that was made for this moment, such as a form to sign, in a tab of its own. */
export function showPaper(paper: Blob): void {
  const url = URL.createObjectURL(paper);
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Uploads one file; pictures are drawn anew first, which turns them upright and drops hidden data before they travel. */
export async function uploadFile(file: File): Promise<{ hash: string; media_type: string }> {
  let body: Blob = file;
  if (file.type.startsWith("image/")) {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 2400 / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
      body = await new Promise<Blob>((resolve) => canvas.toBlob((b) => resolve(b ?? file), "image/jpeg", 0.85));
    } catch {
      body = file; // the server decides by content and says what is wrong
    }
  }
  const answer = await fetch("/api/files", {
    method: "POST",
    headers: {
      "Content-Type": "application/octet-stream",
      "X-File-Name": encodeURIComponent(file.name),
      "Accept-Language": language,
    },
    body,
  });
  const result = await answer.json();
  if (!answer.ok) throw failure(result, answer.status);
  return result;
}

/** Calls back whenever one of the caller's cases has changed; returns a function that stops listening. */
export function onChanges(callback: (caseId: string) => void): () => void {
  const source = new EventSource("/api/events");
  source.addEventListener("case", (e) => callback(JSON.parse((e as MessageEvent<string>).data).case_id));
  return () => source.close();
}
