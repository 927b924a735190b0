import { api } from "@yiwang/api";
import { computed, type Ref, ref, watch } from "vue";
import { type CaseType, filled, type Values } from "./index";

/** Which fields are asked and what is worked out, as the server says: conditions and computed values are evaluated there only. */
export function useFollow(type: Ref<CaseType | undefined>, values: Ref<Values>) {
  const hidden = ref<string[]>([]);
  const worked = ref<Values>({});
  const faults = ref<Record<string, string>>({});
  const fields = computed(() => (type.value?.pages ?? []).flatMap((p) => p.fields));
  const follows = computed(() => fields.value.some((f) => f.when || f.compute));
  const pending = ref(false); // an answer is on its way: what is asked may change in a moment
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  async function follow(): Promise<void> {
    clearTimeout(timer);
    if (!follows.value || !type.value) return;
    const mine = ++asked;
    pending.value = true;
    try {
      const { data } = await api.POST("/api/case-types/{id}/form", {
        params: { path: { id: type.value.id } },
        body: { form: filled(values.value, fields.value) },
      });
      // An answer that has been overtaken by a later question is no answer.
      if (!data || mine !== asked) return;
      hidden.value = data.hidden;
      worked.value = data.computed as Values;
      faults.value = Object.fromEntries(data.faults.map((f) => [f.field, f.why]));
    } catch {
      // Without a connection the form shows every field; the server decides when it is sent.
      if (mine === asked) hidden.value = [];
    } finally {
      if (mine === asked) pending.value = false;
    }
  }
  // Until the first answer, nothing that depends on an answer is asked.
  watch(type, () => {
    hidden.value = fields.value.filter((f) => f.when).map((f) => f.id);
  });
  watch([type, values], () => {
    clearTimeout(timer);
    pending.value = follows.value;
    timer = setTimeout(() => void follow(), 200);
  });
  const shown = (id: string): boolean => !hidden.value.includes(id);
  /** Asks once more before one goes on. Of these fields, those that have just appeared: nobody has seen them yet. */
  async function appeared(ids: string[]): Promise<string[]> {
    const before = new Set(ids.filter(shown));
    await follow();
    return ids.filter((id) => shown(id) && !before.has(id));
  }
  return { hidden, worked, faults, pending, shown, appeared };
}
