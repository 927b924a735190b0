export const I: Record<string, string>;
export const mark: string;
export const horizon: string;
