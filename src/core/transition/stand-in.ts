/**
 * Stand-ins: the text of its pointer lies on disk in an asset's place, because its content was left out (`switch --only`)
 * or is not here. To git, and so to status and snapshot, such a file is unmodified.
 */
import { formatBytes } from '../format/bytes';
import { decodePointer, mayBePointer } from '../format/pointer';
import type { Pointer } from '../model/asset';
import type { FileStat, IProject } from '../port';
import { readPointer } from './content';
import type { Step } from './steps';

/** An asset whose content is not on disk. */
export type StandIn = {
  /** Project path. */
  readonly path: string;
  readonly pointer: Pointer;
  /** True when the store has the content: it was left out, or came later. */
  readonly stored: boolean;
};

/** True when the file at a project path is a pointer's text. `stat` is what `lstat` says of it. */
export async function isStandIn(project: IProject, path: string, stat: FileStat | null): Promise<boolean> {
  return (await readStandIn(project, path, stat)) !== null;
}

/** The pointer that lies at a project path as text; null when something else is there. */
export async function readStandIn(project: IProject, path: string, stat: FileStat | null): Promise<Pointer | null> {
  if (stat?.kind !== 'file' || !mayBePointer(stat.size)) {
    return null;
  }
  const bytes = await project.files.readFile(`${project.root}/${path}`);
  return bytes && decodePointer(bytes);
}

/** All of the work tree. Looks closely only at tracked files of a pointer's size. */
export async function findStandIns(project: IProject): Promise<readonly StandIn[]> {
  const found: StandIn[] = [];
  const isAsset = project.git.assetRules();
  for (const entry of await project.git.indexedBySize(mayBePointer)) {
    if (await isAsset(entry.path)) {
      const stat = await project.files.lstat(`${project.root}/${entry.path}`);
      const pointer = await readStandIn(project, entry.path, stat);
      if (pointer) {
        found.push({ path: entry.path, pointer, stored: await project.store.has(pointer.sha256) });
      }
    }
  }
  return found;
}

/** The assets that steps leave as their pointers. */
export async function standInsOf(project: IProject, steps: readonly Step[]): Promise<readonly StandIn[]> {
  const found: StandIn[] = [];
  for (const { path, comes } of steps) {
    const content = comes?.target.content;
    const pointer = content?.kind === 'pointer' ? await readPointer(project, content.oid) : null;
    if (pointer) {
      found.push({ path, pointer, stored: await project.store.has(pointer.sha256) });
    }
  }
  return found;
}

/** What to tell of them, and how to get them: at most one sentence for those left out, and one for those missing. */
export function describeStandIns(standIns: readonly StandIn[]): readonly string[] {
  const leftOut = standIns.filter(({ stored }) => stored);
  const missing = standIns.filter(({ stored }) => !stored);
  const sentences: string[] = [];
  if (leftOut.length > 0) {
    const was = leftOut.length === 1 ? 'was' : 'were';
    sentences.push(`${amount(leftOut)} ${was} left out: ${howToGet(leftOut)}.`);
  }
  if (missing.length > 0) {
    sentences.push(
      `${amount(missing)} ${missing.length === 1 ? 'is' : 'are'} not in this clone (${some(missing)}): ` +
        `the pointer stands on disk. When a remote has the content, ${howToGet(missing)}.`
    );
  }
  return sentences;
}

function amount(standIns: readonly StandIn[]): string {
  const bytes = standIns.reduce((sum, { pointer }) => sum + pointer.size, 0);
  return `${standIns.length} ${standIns.length === 1 ? 'asset' : 'assets'} (${formatBytes(bytes)})`;
}

function howToGet(standIns: readonly StandIn[]): string {
  const [first] = standIns;
  return standIns.length === 1
    ? `\`branchbook get ${first!.path}\``
    : `\`branchbook get ${first!.path}\` brings one, \`branchbook restore ${folderOf(standIns)}\` all of them`;
}

function some(standIns: readonly StandIn[]): string {
  const shown = standIns.slice(0, 3).map(({ path }) => path);
  return `${shown.join(', ')}${standIns.length > 3 ? ', …' : ''}`;
}

/** The innermost folder that holds all of them. */
function folderOf(standIns: readonly StandIn[]): string {
  const [first, ...rest] = standIns.map(({ path }) => path.split('/').slice(0, -1));
  const common = first!.findIndex((part, index) => rest.some(parts => parts[index] !== part));
  const folder = first!.slice(0, common < 0 ? first!.length : common).join('/');
  return folder === '' ? '.' : `${folder}/`;
}
