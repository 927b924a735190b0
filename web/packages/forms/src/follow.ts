import { api } from "@yiwang/api";
import { computed, type Ref, ref, watch } from "vue";
import type { CaseType, Values } from "./index";

/** Which fields are asked and what is worked out, as the server says: conditions and computed values are evaluated there only. */
export function useFollow(type: Ref<CaseType | undefined>, values: Ref<Values>) {
  const hidden = ref<string[]>([]);
  const worked = ref<Values>({});
  const faults = ref<Record<string, string>>({});
  const fields = computed(() => (type.value?.pages ?? []).flatMap((p) => p.fields));
  const follows = computed(() => fields.value.some((f) => f.when || f.compute));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  async function follow(): Promise<void> {
    clearTimeout(timer);
    if (!follows.value || !type.value) return;
    const mine = ++asked;
    try {
      const { data } = await api.POST("/api/case-types/{id}/form", { params: { path: { id: type.value.id } }, body: { form: typed(fields.value, values.value) } });
      // An answer that has been overtaken by a later question is no answer.
      if (!data || mine !== asked) return;
      hidden.value = data.hidden;
      worked.value = data.computed as Values;
      faults.value = Object.fromEntries(data.faults.map((f) => [f.field, f.why]));
    } catch {
      // Without a connection the form shows every field; the server decides when it is sent.
    }
  }
  watch([type, values], () => {
    clearTimeout(timer);
    timer = setTimeout(() => void follow(), 200);
  });
  const shown = (id: string): boolean => !hidden.value.includes(id);
  return { hidden, worked, faults, shown, follow };
}

/** Numbers are sent as numbers as soon as they are some; what is half typed is left out. */
function typed(fields: CaseType["pages"][number]["fields"], values: Values): Values {
  const out: Values = {};
  for (const f of fields) {
    const value = values[f.id];
    if (value === undefined || value === "" || value === null) continue;
    if (f.type !== "number") out[f.id] = value;
    else if (!Number.isNaN(Number(value))) out[f.id] = Number(value);
  }
  return out;
}
