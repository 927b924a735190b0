// What the pages share: one command to the server at a time, reading whenever there is something to read, and what went wrong with it.
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
  /** Reads: nothing is locked meanwhile, and a reading that begins while another is under way is not left out. */
  async function read<T>(call: () => Promise<Outcome<T>>): Promise<T | undefined> {
    problem.value = undefined;
    complaints.value = [];
    try {
      const { data, error, response } = await call();
      if (response.ok) return data;
      problem.value = failure(error, response.status);
      complaints.value = ((error as Problem | undefined)?.errors ?? []).map((e) => e.message ?? "").filter(Boolean);
    } catch {
      problem.value = offlineFailure;
    }
    return undefined;
  }
  /** Changes something: a second click while the first is under way is the same click. */
  async function ask<T>(call: () => Promise<Outcome<T>>): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    try {
      return await read(call);
    } finally {
      busy.value = false;
    }
  }
  return { problem, complaints, busy, ask, read };
}
