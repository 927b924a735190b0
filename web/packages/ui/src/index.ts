export { default as YwIcon } from "./YwIcon.vue";
export { default as YwTag } from "./YwTag.vue";
export { default as YwProblem } from "./YwProblem.vue";
export { default as YwClock } from "./YwClock.vue";
export { default as YwTimeline } from "./YwTimeline.vue";
export * from "./display";

/** Where a tap on a telephone number leads. */
export const dial = (number: string) => `tel:${number.replace(/[^\d+]/g, "")}`;
