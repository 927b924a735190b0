export const I: Record<string, string>;
export function mark(size?: number): string;
export const horizon: string;
