/** Contents over a git host's own storage of large files: the program git-lfs, told exactly what to bring or send. */
import { hasCode } from '../../../core/error';
import { encodePointer } from '../../../core/format/pointer';
import type { Pointer } from '../../../core/model/asset';
import type { Activity } from '../../../core/port';
import type { NeutralDirectory } from './neutral-directory';
import { lfsProgressParser } from './progress';
import type { RunInTalk } from './talk';

/** Contents sent by one program: arguments have a limit. */
const SENT_AT_ONCE = 500;
const TIMEOUT = 24 * 60 * 60 * 1000;
const BRANCH = 'refs/heads/wanted';

/** Locks of files are a matter between people; asking for them costs a request that many hosts do not answer. */
const settings = ['lfs.locksverify=false', 'lfs.fetchrecentrefsdays=0', 'lfs.dialtimeout=15'].flatMap(each => [
  '-c',
  each
]);

/** It tells how far it is also where nobody sits at a terminal. */
const talkative = { GIT_LFS_FORCE_PROGRESS: '1' };

/** git-lfs brings what commits name, so there is a commit that names just these, in the neutral directory only. */
export async function fetchLfs(
  git: RunInTalk,
  { path }: NeutralDirectory,
  pointers: readonly Pointer[],
  activity: Activity
): Promise<void> {
  const variables = { ...talkative, GIT_OBJECT_DIRECTORY: `${path}/objects` };
  await git({ command: ['fast-import', '--quiet'], operands: null, input: commitOf(pointers), variables });
  const command = [...settings, 'lfs', 'fetch', 'place', BRANCH];
  try {
    const total = bytesOf(pointers);
    const onSaid = lfsProgressParser(activity, { total, before: 0, part: total });
    await git({ command, operands: null, timeout: TIMEOUT, variables, onSaid });
  } catch (error) {
    // It brings the others; whoever asked looks at what came.
    if (!hasCode(error, 'IO', 'PLACE_UNKNOWN')) {
      throw error;
    }
  }
}

export async function pushLfs(git: RunInTalk, pointers: readonly Pointer[], activity: Activity): Promise<void> {
  const total = bytesOf(pointers);
  for (let at = 0; at < pointers.length; at += SENT_AT_ONCE) {
    const some = pointers.slice(at, at + SENT_AT_ONCE);
    const command = [...settings, 'lfs', 'push', '--object-id', 'place', ...some.map(({ sha256 }) => sha256)];
    const share = { total, before: bytesOf(pointers.slice(0, at)), part: bytesOf(some) };
    const onSaid = lfsProgressParser(activity, share);
    await git({ command, operands: null, timeout: TIMEOUT, variables: talkative, onSaid });
  }
}

const bytesOf = (pointers: readonly Pointer[]): number => pointers.reduce((sum, { size }) => sum + size, 0);

function commitOf(pointers: readonly Pointer[]): string {
  const files = pointers.map(pointer => {
    const text = new TextDecoder().decode(encodePointer(pointer));
    return `M 100644 inline ${pointer.sha256}\ndata ${text.length}\n${text}\n`;
  });
  // git-lfs looks only at files that the attributes name.
  const rule = '* filter=lfs\n';
  const attributes = `M 100644 inline .gitattributes\ndata ${rule.length}\n${rule}\n`;
  return `commit ${BRANCH}\ncommitter x <x@localhost> 0 +0000\ndata 0\n${files.join('')}${attributes}`;
}
