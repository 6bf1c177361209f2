import type { GetResult } from '../../core/model/result';

/** The path alone, so that a shell can use it. */
export function renderGet(result: GetResult): string {
  return result.file;
}
