// What the pages share: one question to the server at a time, and what went wrong with it.
import { type Failure, failure, offlineFailure, type Problem } from "@yiwang/api";
import { ref } from "vue";

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export function useAsking() {
  const problem = ref<Failure>();
  /** Every complaint in full, for pages whose readers put definitions right: with place and cure. */
  const complaints = ref<string[]>([]);
  const busy = ref(false);
  async function ask<T>(call: () => Promise<Outcome<T>>): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    problem.value = undefined;
    complaints.value = [];
    try {
      const { data, error, response } = await call();
      if (response.ok) return data;
      problem.value = failure(error, response.status);
      complaints.value = ((error as Problem | undefined)?.errors ?? []).map((e) => e.message ?? "").filter(Boolean);
    } catch {
      problem.value = offlineFailure;
    } finally {
      busy.value = false;
    }
    return undefined;
  }
  return { problem, complaints, busy, ask };
}
