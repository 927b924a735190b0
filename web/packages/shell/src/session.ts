import { api, type Session, setApiLanguage } from "@yiwang/api";
import { i18n } from "@yiwang/i18n";
import { ref, watch } from "vue";

/** null: not signed in; undefined: not asked yet. */
export const session = ref<Session | null | undefined>(undefined);

export async function loadSession(): Promise<void> {
  try {
    const { data, response } = await api.GET("/api/session");
    session.value = data ?? (response.status === 401 ? null : (session.value ?? null));
  } catch {
    session.value ??= null;
  }
}
export async function signOut(): Promise<void> {
  await api.DELETE("/api/session");
  session.value = null;
}
watch(i18n.global.locale, (l) => setApiLanguage(l), { immediate: true });
