import type { GitRun } from '../runner';

/** One run of git in the conversation. */
export type RunInTalk = (
  request: Pick<GitRun, 'command' | 'operands'> & Partial<Pick<GitRun, 'input' | 'timeout' | 'onSaid' | 'variables'>>
) => Promise<string>;
