/**
 * How git asks the hub about a push. Its hook is a few lines of shell without any program to start: it writes what git
 * tells it to descriptor 3, which http-backend and receive-pack were given and pass on, and reads the answer from 4. When the
 * hub is gone, reading fails and the push is refused.
 */
import type { Readable, Writable } from 'node:stream';
import { ensureDirectory, writeDurable } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Pointer } from '../../core/model/asset';
import type { IFileSystem, IPushJudge, RefUpdate } from '../../core/port';
import { incomingPointers } from './incoming-objects';
import { pointersBehind } from './reachable-pointers';

const script = `#!/bin/sh
# Written by the hub at its start; changes are lost.
{
  printf '%s\\n' "\${0##*/}" "$GIT_QUARANTINE_PATH"
  while IFS= read -r line; do
    printf '%s\\n' "$line"
  done
  printf '.\\n'
} >&3 || exit 1
read -r verdict <&4 || exit 1
test "$verdict" = ok && exit 0
while IFS= read -r line <&4 && test "$line" != .; do
  printf '%s\\n' "$line" >&2
done
exit 1
`;

const hooks = ['pre-receive', 'post-receive'];
/** Refs that one push may name. */
const MAX_UPDATES = 10_000;
/** Longest line, in characters: two ids and the longest name of a ref. */
const MAX_LINE = 8192;
const NOTHING = '0'.repeat(40);

/** The folder for `core.hooksPath`. */
export async function writeHooks(files: IFileSystem, folder: string): Promise<void> {
  await ensureDirectory(files, folder);
  const bytes = new TextEncoder().encode(script);
  for (const hook of hooks) {
    await writeDurable(files, `${folder}/${hook}`, bytes, 0o755);
    await files.chmod(`${folder}/${hook}`, 0o755);
  }
}

/** Answer the hooks of one git until it ends. `gitDir`: absolute path of the repository. */
export async function answerHooks(
  files: IFileSystem,
  gitDir: string,
  questions: Readable,
  answers: Writable,
  judge: IPushJudge
): Promise<void> {
  let lines: string[] = [];
  for await (const line of linesOf(questions)) {
    if (line !== '.') {
      lines.push(line);
      continue;
    }
    const [hook, quarantine, ...refs] = lines;
    lines = [];
    const updates = refs.map(parseUpdate);
    if (hook === 'pre-receive') {
      const pointers = (): ReturnType<typeof incomingPointers> => incomingPointers(files, quarantine ?? '');
      const oldPointers = (signal: AbortSignal): Promise<readonly Pointer[]> =>
        pointersBehind({ files, signal, gitDir, quarantine: quarantine ?? '' }, updates);
      const reasons = await judge.before({ updates, pointers, oldPointers }).catch(failed);
      answers.write(reasons.length === 0 ? 'ok\n' : `no\n${reasons.map(printable).join('')}.\n`);
    } else {
      await judge.after(updates).catch(() => undefined);
      answers.write('ok\n');
    }
  }
}

function failed(error: unknown): readonly string[] {
  const { message, hint } = BranchbookError.from(error);
  return [message, hint].filter(line => line !== '');
}

/** One line of words for somebody's terminal. A `.` alone would end the answer. */
function printable(reason: string): string {
  return `Branchbook: ${reason.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')}\n`;
}

function parseUpdate(line: string): RefUpdate {
  const [from = '', to = '', ...ref] = line.split(' ');
  const id = (text: string): string | null => (text === NOTHING ? null : text);
  return { ref: ref.join(' '), from: id(from), to: id(to) };
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  let count = 0;
  for await (const piece of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    count += lines.length;
    if (count > MAX_UPDATES || rest.length > MAX_LINE) {
      throw new BranchbookError('USAGE', 'The push names more refs than can be looked at.', {
        reason: 'too many refs'
      });
    }
    yield* lines;
  }
}
