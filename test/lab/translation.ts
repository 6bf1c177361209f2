import type { TranslationBundle } from '@jupyterlab/translation';

const filled = (text: string, values: readonly unknown[]): string =>
  text.replace(/%(\d)/g, (_, position: string) => String(values[Number(position) - 1]));

/** Words as they are written, with their values in place. */
export const trans = {
  __: (text: string, ...values: unknown[]) => filled(text, values),
  _n: (one: string, many: string, count: number, ...values: unknown[]) =>
    filled(count === 1 ? one : many, [count, ...values])
} as unknown as TranslationBundle;
