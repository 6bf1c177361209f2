/** Reflogs: `<old> <new> <who> <time> <zone>\t<message>`, one line per change, oldest first. */
import { ensureDirectory, parentOf } from '../../core/durable';
import type { ObjectId, Signature } from '../../core/model/git';
import type { IFileSystem } from '../../core/port';
import { decodeText } from './bytes';
import { encodeSignature } from './object-codec';
import type { RefStore } from './ref-store';
import { isPerWorktree } from './ref-store';

export type ReflogLine = {
  readonly from: ObjectId;
  readonly to: ObjectId;
  /** Seconds since 1970. */
  readonly time: number;
  readonly message: string;
};

export const noObject: ObjectId = '0'.repeat(40);

export function reflogPath(store: RefStore, name: string): string {
  return `${isPerWorktree(name) ? store.gitDir : store.commonDir}/logs/${name}`;
}

export function readReflog(store: RefStore, name: string): Promise<readonly ReflogLine[]> {
  return readLog(store.files, reflogPath(store, name));
}

async function readLog(files: IFileSystem, path: string): Promise<readonly ReflogLine[]> {
  const stat = await files.lstat(path);
  const bytes = stat?.kind === 'file' ? await files.readFile(path) : null;
  return decodeText(bytes ?? new Uint8Array())
    .split('\n')
    .map(line => /^([0-9a-f]{40}) ([0-9a-f]{40}) .*> (\d+) [+-]\d{4}\t?(.*)$/.exec(line))
    .filter(match => match !== null)
    .map(match => ({
      from: match[1] as string,
      to: match[2] as string,
      time: Number(match[3]),
      message: match[4] as string
    }));
}

/**
 * True when a commit was made in this clone. Anybody can write our name into a commit, but reflogs never travel: only
 * what was committed here stands in them as `commit`. They forget after some months (`gc.reflogExpire`).
 */
export async function isMadeHere(store: RefStore, commit: ObjectId): Promise<boolean> {
  const branches = await store.looseNames('logs/refs/heads');
  const own = [store.gitDir, store.commonDir].map(folder => `${folder}/logs/HEAD`);
  for (const path of new Set([...own, ...branches.map(name => `${store.commonDir}/${name}`)])) {
    const lines = await readLog(store.files, path);
    if (lines.some(line => line.to === commit && /^commit(?: \((?:initial|amend)\))?: /.test(line.message))) {
      return true;
    }
  }
  return false;
}

/** git makes new logs for these only; other refs are logged when their log exists. */
function isLoggedByDefault(name: string): boolean {
  return name === 'HEAD' || /^refs\/(heads|remotes|notes)\//.test(name);
}

export type LogPolicy = 'always' | 'default' | 'existing';

/**
 * Append a line. The ref's lock must be held: that is what keeps git from appending at the same place. A log that is
 * made begins with `earlier`, the log of the ref's former name.
 */
export async function appendReflog(
  store: RefStore,
  name: string,
  policy: LogPolicy,
  line: {
    readonly from: ObjectId | null;
    readonly to: ObjectId | null;
    readonly by: Signature;
    readonly message: string;
  },
  earlier: Uint8Array = new Uint8Array()
): Promise<void> {
  const path = reflogPath(store, name);
  const exists = (await store.files.lstat(path))?.kind === 'file';
  if (!exists && policy !== 'always' && (policy === 'existing' || !isLoggedByDefault(name))) {
    return;
  }
  const message = line.message.replace(/\s+/g, ' ').trim();
  const text = `${line.from ?? noObject} ${line.to ?? noObject} ${encodeSignature(line.by)}${message && `\t${message}`}\n`;
  if (!exists) {
    await ensureDirectory(store.files, parentOf(path));
  }
  const handle = await store.files.open(path, exists ? 'write' : 'create');
  try {
    const { size } = await handle.stat();
    await handle.write(Buffer.concat([size === 0 ? earlier : new Uint8Array(), Buffer.from(text)]), size);
  } finally {
    await handle.close();
  }
}

/** Branch name to when it was last switched to or from (seconds), by HEAD's log. */
export async function lastUsed(store: RefStore, now: Date): Promise<ReadonlyMap<string, number>> {
  const used = new Map<string, number>();
  const log = await readReflog(store, 'HEAD');
  for (const line of log) {
    const move = /^(?:checkout|switch): moving from (\S+) to (\S+)/.exec(line.message);
    move?.slice(1).forEach(branch => used.set(branch as string, line.time));
  }
  const head = await store.head();
  if (head.kind === 'branch') {
    used.set(head.branch, log.at(-1)?.time ?? Math.floor(now.getTime() / 1000));
  }
  return used;
}
