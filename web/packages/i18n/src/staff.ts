// Texts that only the staff app has: rules and figures.
import { watch } from "vue";
import { i18n } from "./index";
import zh from "./staff.zh-CN.json";

i18n.global.mergeLocaleMessage("zh-CN", zh);
let asked = false;
watch(
  i18n.global.locale,
  async (locale) => {
    if (locale !== "en" || asked) return;
    asked = true;
    i18n.global.mergeLocaleMessage("en", (await import("./staff.en.json")).default);
  },
  { immediate: true },
);
