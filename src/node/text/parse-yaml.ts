import { parse } from 'yaml';
import { BranchbookError } from '../../core/error';
import type { ParseYaml } from '../../core/port';

/** YAML 1.2. Aliases are bounded by the library, so that a small document cannot grow into a huge value. */
export const parseYaml: ParseYaml = text => {
  try {
    return parse(text, { logLevel: 'error' }) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BranchbookError('FORMAT_INVALID', `Not YAML: ${reason}`, { format: 'yaml', reason });
  }
};
