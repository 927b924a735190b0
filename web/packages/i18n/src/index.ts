import { createI18n, type MessageCompiler } from "vue-i18n";
import zh from "./zh-CN.json";

export type Locale = "zh-CN" | "en";
/** A text of a definition pack. */
export interface LocalizedText {
  "zh-CN": string;
  en?: string;
}

const stored = (): Locale => (localStorage.getItem("yw-locale") === "en" ? "en" : "zh-CN");

/** Our texts have placeholders like {name} and nothing else of vue-i18n's language, whose compiler the builds leave out. */
export const messageCompiler: MessageCompiler = (message) => (context: { named(key: string): unknown }) =>
  String(message).replace(/\{(\w+)\}/g, (_, name: string) => String(context.named(name) ?? ""));

export const i18n = createI18n({
  legacy: false,
  messageCompiler,
  locale: "zh-CN",
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": zh } as Record<string, typeof zh>,
});

/** English is fetched only by those who ask for it. */
export async function setLocale(locale: Locale): Promise<void> {
  if (locale === "en" && !i18n.global.availableLocales.includes("en")) {
    const en = await import("./en.json");
    i18n.global.setLocaleMessage("en", en.default as unknown as typeof zh);
  }
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  localStorage.setItem("yw-locale", locale);
}
export const initLocale = (): Promise<void> => setLocale(stored());

/** A pack's text in the current language; zh-CN where there is no translation. */
export function say(text: unknown): string {
  const t = text as LocalizedText | undefined;
  if (!t) return "";
  return (i18n.global.locale.value === "en" ? t.en : undefined) || t["zh-CN"] || "";
}

const weekday = ["日", "一", "二", "三", "四", "五", "六"];
/** 11月24日（周二）; the year is named only when it is another one. Instants are shown in the district's time. */
export function day(iso: string): string {
  const date = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  if (i18n.global.locale.value === "en") {
    return date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  }
  const year = Number(iso.slice(0, 4)) === new Date().getFullYear() ? "" : `${iso.slice(0, 4)}年`;
  return `${year}${Number(iso.slice(5, 7))}月${Number(iso.slice(8, 10))}日（周${weekday[date.getUTCDay()]}）`;
}
/** The last day of a span that ends at an instant: of one that ends at midnight, the day before. */
export function lastDay(end: string): string {
  return day(new Date(new Date(end).getTime() - 1000 + 8 * 3600e3).toISOString());
}
export function moment(iso: string): string {
  return `${day(iso)} ${iso.slice(11, 16)}`;
}
