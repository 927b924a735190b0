// Texts of the pages about matters and certificates. They come with those pages, so that the first page stays small.
import { watch } from "vue";
import { i18n } from "./index";
import zh from "./matters.zh-CN.json";

i18n.global.mergeLocaleMessage("zh-CN", zh);
let asked = false;
watch(
  i18n.global.locale,
  async (locale) => {
    if (locale !== "en" || asked) return;
    asked = true;
    i18n.global.mergeLocaleMessage("en", (await import("./matters.en.json")).default);
  },
  { immediate: true },
);
