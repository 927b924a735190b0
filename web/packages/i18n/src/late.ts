// Texts that come with a part of an app: Chinese at once, English only for those who ask for it.
import { watch } from "vue";
import { i18n } from "./index";

export function lateTexts(zh: object, en: () => Promise<{ default: object }>): void {
  i18n.global.mergeLocaleMessage("zh-CN", zh);
  let asked = false;
  watch(
    i18n.global.locale,
    async (locale) => {
      if (locale !== "en" || asked) return;
      asked = true;
      i18n.global.mergeLocaleMessage("en", (await en()).default);
      // Merged texts wake no page that is drawn already; a change of the language does. Whoever watches the language sees none.
      if (i18n.global.locale.value !== "en") return;
      i18n.global.locale.value = "zh-CN";
      i18n.global.locale.value = "en";
    },
    { immediate: true },
  );
}
