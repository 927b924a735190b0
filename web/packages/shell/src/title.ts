import { watchEffect } from "vue";
import { useI18n } from "vue-i18n";

/** Keeps the window's title in step with the page and the language. */
export function useTitle(title: () => string): void {
  const { t } = useI18n();
  watchEffect(() => {
    document.title = t("app.title", { page: title() });
  });
}
