/**
 * What `.dvc` files and `dvc.lock` say: which contents belong to which paths.
 * https://dvc.org/doc/user-guide/project-structure/dvc-files, …/dvcyaml-files#dvclock-file
 */
import { hasCode } from '../error';
import { checkPath } from '../model/path';
import type { ParseYaml } from '../port';

/** One file or folder that DVC keeps. */
export type DvcOut = {
  /** Project path. */
  readonly path: string;
  /** MD5, 32 digits. Of a folder: of the list of its files. */
  readonly md5: string;
  readonly folder: boolean;
  readonly executable: boolean;
  /** Before DVC 3, hashes of texts counted line ends as `\n`. */
  readonly legacy: boolean;
};

/** An out that cannot be taken over, and why. */
export type StrangeOut = { readonly path: string; readonly object: string; readonly reason: string };

export type DvcFile = {
  readonly outs: readonly DvcOut[];
  readonly strange: readonly StrangeOut[];
};

/** Which files of a tree are DVC's. */
export function isDvcFile(name: string): boolean {
  return name === 'dvc.lock' || (name.endsWith('.dvc') && name !== '.dvc');
}

type Entry = { readonly [key: string]: unknown };

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Read one of DVC's files, which stands at a project path. A file that is not YAML has no outs and says so. */
export function readDvcFile(path: string, text: string, parseYaml: ParseYaml): DvcFile {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    if (hasCode(error, 'FORMAT_INVALID')) {
      return { outs: [], strange: [{ path, object: '', reason: error.message }] };
    }
    throw error;
  }
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const outs: DvcOut[] = [];
  const strange: StrangeOut[] = [];
  for (const { entry, base } of listOuts(path, document, folder)) {
    // `cache: false`: git itself has it.
    const out = entry['cache'] === false ? null : toOut(entry, base);
    if (out && 'reason' in out) {
      strange.push(out);
    } else if (out) {
      outs.push(out);
    }
  }
  return { outs, strange };
}

function listOuts(path: string, document: unknown, folder: string): readonly { entry: Entry; base: string }[] {
  if (!isEntry(document)) {
    return [];
  }
  if (!path.endsWith('dvc.lock')) {
    const base = `${folder}/${textOf(document['wdir'])}`;
    return entriesOf(document['outs']).map(entry => ({ entry, base }));
  }
  // Schema 2.0 has the stages under a key of their own, 1.0 at the top.
  const stages = isEntry(document['stages']) ? document['stages'] : document;
  return Object.values(stages)
    .filter(isEntry)
    .flatMap(stage => entriesOf(stage['outs']).map(entry => ({ entry, base: folder })));
}

function toOut(entry: Entry, base: string): DvcOut | StrangeOut {
  const given = textOf(entry['path']);
  const name = textOf(entry['md5']);
  const match = /^([0-9a-f]{32})(\.dir)?$/.exec(name);
  const path = resolve(base, given);
  if (path === null) {
    return { path: given, object: name, reason: 'it is outside the project' };
  }
  if (!match) {
    return { path, object: name, reason: 'DVC knows no MD5 of it (an external or unfinished output)' };
  }
  return {
    path,
    md5: match[1]!,
    folder: match[2] !== undefined,
    executable: entry['isexec'] === true,
    legacy: entry['hash'] !== 'md5'
  };
}

/** A project path; null when it leads elsewhere. */
function resolve(base: string, path: string): string | null {
  if (path === '' || path.startsWith('/') || path.includes('://')) {
    return null;
  }
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split('/').filter(each => each !== '' && each !== '.')) {
    if (part === '..' && parts.pop() === undefined) {
      return null;
    }
    if (part !== '..') {
      parts.push(part);
    }
  }
  return safePath(parts.join('/'));
}

function safePath(path: string): string | null {
  try {
    checkPath(path);
    return path;
  } catch {
    return null;
  }
}

/** The files of a folder, from its `.dir` object. null when the bytes are not such a list. */
export function readDirectory(
  folder: string,
  bytes: Uint8Array
): readonly { readonly path: string; readonly md5: string }[] | null {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  if (!Array.isArray(list)) {
    return null;
  }
  const files = entriesOf(list).map(entry => ({
    path: resolve(folder, textOf(entry['relpath'])),
    md5: textOf(entry['md5'])
  }));
  const good = files.every(({ path, md5 }) => path?.startsWith(`${folder}/`) && /^[0-9a-f]{32}$/.test(md5));
  return good && files.length === list.length ? (files as { path: string; md5: string }[]) : null;
}
