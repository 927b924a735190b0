import { ref } from "vue";

/** Large-text mode (长辈版): a personal setting, kept on the device. */
export const elder = ref(localStorage.getItem("yw-elder") === "1");
export function setElder(on: boolean): void {
  elder.value = on;
  localStorage.setItem("yw-elder", on ? "1" : "0");
  if (on) document.documentElement.dataset.mode = "elder";
  else delete document.documentElement.dataset.mode;
}

/** Screen readers hear this. */
export const spoken = ref("");
export function announce(text: string): void {
  spoken.value = "";
  setTimeout(() => {
    spoken.value = text;
  }, 50);
}
