/** git's text and binary forms of commits, trees and tags (gitformat: Documentation/user-manual, "Object Database"). */
import { BranchbookError } from '../../core/error';
import type { Commit, ObjectId, Signature, TreeItem } from '../../core/model/git';
import { checkPath } from '../../core/model/path';
import { asBuffer, compareBytes, decodePath, decodeText } from './bytes';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** The types by their number in packs. */
export const packTypes: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];

/** git objects larger than this are refused: big contents are assets. A guard against decompression bombs. */
export const MAX_OBJECT_BYTES = 1024 * 1024 * 1024;

export const emptyTree: ObjectId = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const modes = new Set<string>(['40000', '100644', '100755', '120000', '160000']);

function corrupt(oid: ObjectId, reason: string): BranchbookError {
  return new BranchbookError(
    'OBJECT_CORRUPT',
    `git object ${oid} is damaged: ${reason}.`,
    { oid, reason },
    'Run “git fsck --full”, then fetch the object again from a remote or a copy of the project.'
  );
}

/** Old tools wrote group-writable modes; git reads every regular file as one of two. */
function canonicalMode(mode: string): string {
  return mode.startsWith('100') && mode.length === 6 ? (Number.parseInt(mode, 8) & 0o100 ? '100755' : '100644') : mode;
}

/** PATH_UNSAFE for names that some file system takes for `.git` or for another folder. */
export function decodeTree(oid: ObjectId, bytes: Uint8Array): readonly TreeItem[] {
  const buffer = asBuffer(bytes);
  const items: TreeItem[] = [];
  for (let at = 0; at < buffer.length;) {
    const space = buffer.indexOf(0x20, at);
    const end = buffer.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > buffer.length) {
      throw corrupt(oid, 'the tree ends in the middle of an entry');
    }
    const mode = canonicalMode(buffer.toString('latin1', at, space).replace(/^0+/, ''));
    const name = decodePath(buffer.subarray(space + 1, end));
    if (!modes.has(mode)) {
      throw corrupt(oid, `the entry ${JSON.stringify(name)} has the unknown mode ${mode}`);
    }
    checkName(name);
    items.push({ name, mode: mode as TreeItem['mode'], oid: buffer.toString('hex', end + 1, end + 21) });
    at = end + 21;
  }
  return items;
}

function checkName(name: string): void {
  checkPath(name);
  if (name.includes('/')) {
    throw new BranchbookError(
      'PATH_UNSAFE',
      `The path ${JSON.stringify(name)} is not safe: a name in a tree has a slash.`,
      { path: name, reason: 'slash in a name' },
      'Use a path inside the project.'
    );
  }
}

/** git sorts a folder as if its name ended in a slash. */
const sortKey = (item: TreeItem): string => (item.mode === '40000' ? `${item.name}/` : item.name);

export function encodeTree(items: readonly TreeItem[]): Uint8Array {
  const sorted = [...items].sort((a, b) => compareBytes(sortKey(a), sortKey(b)));
  return Buffer.concat(
    sorted.flatMap(item => [Buffer.from(`${item.mode} ${item.name}\0`), Buffer.from(item.oid, 'hex')])
  );
}

/** Seconds that a Date can hold with room for any time zone; like git, what is beyond counts as 1970. */
const MAX_TIME = 8_000_000_000_000;

function decodeSignature(oid: ObjectId, line: string): Signature {
  const match = /^(.*?) ?<([^>]*)>\s*(-?\d+)? ?([+-]\d{4})?/.exec(line);
  if (!match) {
    throw corrupt(oid, 'a signature cannot be read');
  }
  const zone = match[4] ?? '+0000';
  const time = Number(match[3] ?? 0);
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
  return {
    name: match[1] ?? '',
    email: match[2] ?? '',
    time: Math.abs(time) <= MAX_TIME ? time : 0,
    offset: zone.startsWith('-') && minutes > 0 ? -minutes : minutes
  };
}

/** `Name <email> 1700000000 +0100`, as in commits and reflogs. */
export function encodeSignature(signature: Signature): string {
  const minutes = Math.abs(signature.offset);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const zone = `${signature.offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${pad(minutes % 60)}`;
  // git drops these characters too: they would end the name or the line early.
  const plain = (text: string): string => text.replace(/[<>\n\0]/g, '').trim();
  return `${plain(signature.name)} <${plain(signature.email)}> ${Math.floor(signature.time)} ${zone}`;
}

/** Header lines before the first empty line. Continuation lines (of `gpgsig`) begin with a space and are left out. */
function splitHeader(bytes: Uint8Array): { header: readonly (readonly [string, string])[]; body: Uint8Array } {
  const end = asBuffer(bytes).indexOf('\n\n');
  const lines = decodeText(bytes.subarray(0, end < 0 ? bytes.length : end)).split('\n');
  const header = lines
    .filter(line => line !== '' && !line.startsWith(' '))
    .map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
  return { header, body: end < 0 ? new Uint8Array() : bytes.subarray(end + 2) };
}

function decodeMessage(body: Uint8Array, encoding: string | undefined): string {
  try {
    return new TextDecoder(encoding ?? 'utf-8').decode(body);
  } catch {
    return decodeText(body);
  }
}

export function decodeCommit(oid: ObjectId, bytes: Uint8Array): Commit {
  const { header, body } = splitHeader(bytes);
  const first = (key: string): string => {
    const value = header.find(([name]) => name === key)?.[1];
    if (value === undefined) {
      throw corrupt(oid, `the commit has no ${key}`);
    }
    return value;
  };
  return {
    oid,
    tree: first('tree'),
    parents: header.filter(([name]) => name === 'parent').map(([, value]) => value),
    author: decodeSignature(oid, first('author')),
    committer: decodeSignature(oid, first('committer')),
    message: decodeMessage(body, header.find(([name]) => name === 'encoding')?.[1])
  };
}

export function encodeCommit(commit: Omit<Commit, 'oid'>): Uint8Array {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${encodeSignature(commit.author)}`,
    `committer ${encodeSignature(commit.committer)}`
  ];
  const message = commit.message.replaceAll('\0', '');
  return Buffer.from(`${lines.join('\n')}\n\n${message}${message === '' || message.endsWith('\n') ? '' : '\n'}`);
}

/** Where header lines end and the message begins. */
function endOfHeader(bytes: Buffer): number {
  const end = bytes.indexOf('\n\n');
  return end < 0 ? bytes.length : end;
}

/** The object with other header lines, everything else byte for byte. `lines` gives null to drop a line. */
function withHeader(bytes: Uint8Array, edit: (key: string, line: string) => readonly string[] | null): Buffer {
  const buffer = asBuffer(bytes);
  const end = endOfHeader(buffer);
  const kept: string[] = [];
  let dropping = false;
  // latin1 keeps every byte as it is.
  for (const line of buffer.toString('latin1', 0, end).split('\n')) {
    const continued = line.startsWith(' ');
    const edited: readonly string[] | null = continued
      ? dropping
        ? null
        : [line]
      : edit(line.slice(0, line.indexOf(' ')), line);
    dropping = edited === null;
    kept.push(...(edited ?? []));
  }
  return Buffer.concat([Buffer.from(kept.join('\n'), 'latin1'), buffer.subarray(end)]);
}

/** Header lines that speak of the commit's exact bytes, or of those of its parents. */
const BOUND = new Set(['gpgsig', 'gpgsig-sha256', 'mergetag']);

/** A commit's bytes with another tree and other parents, without signatures. */
export function withTree(bytes: Uint8Array, tree: ObjectId, parents: readonly ObjectId[]): Uint8Array {
  return withHeader(bytes, (key, line) => {
    if (key === 'tree') {
      return [`tree ${tree}`, ...parents.map(parent => `parent ${parent}`)];
    }
    return key === 'parent' || BOUND.has(key) ? null : [line];
  });
}

const SIGNATURE = /-----BEGIN (PGP|SSH|SIGNED) (SIGNATURE|MESSAGE)-----/;

/** An annotated tag's bytes, leading to another commit, without its signature. */
export function withTarget(bytes: Uint8Array, target: ObjectId): Uint8Array {
  const edited: Buffer = withHeader(bytes, (key, line) => {
    const replaced: { readonly [key: string]: string } = { object: `object ${target}`, type: 'type commit' };
    return BOUND.has(key) ? null : [replaced[key] ?? line];
  });
  const signature = SIGNATURE.exec(edited.toString('latin1'))?.index;
  return signature === undefined ? edited : edited.subarray(0, signature);
}

/** The object that an annotated tag names. */
export function decodeTagTarget(oid: ObjectId, bytes: Uint8Array): ObjectId {
  const target = splitHeader(bytes).header.find(([name]) => name === 'object')?.[1];
  if (!target) {
    throw corrupt(oid, 'the tag names no object');
  }
  return target;
}

export { corrupt as corruptObject };
