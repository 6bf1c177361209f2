/** Three-way merge of trees: what to change in ours, and what nobody but the user can decide. Writes nothing. */
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { FileMode, ObjectId, TreeChange, TreeEntry } from '../model/git';
import { foldersAbove, isWithin } from '../model/path';
import type { MergeConflict } from '../model/merge';
import type { IProject } from '../port';

export type MergeInput = {
  /** null when the histories have nothing in common. */
  readonly base: ObjectId | null;
  /** Paths of which the histories have no one common version: what `base` has there counts for nothing. */
  readonly uncertain: ReadonlySet<string>;
  readonly ours: ObjectId;
  readonly theirs: ObjectId;
  /** Project paths (files or folders) decided for one side; empty = everything. */
  readonly preferOurs: readonly string[];
  readonly preferTheirs: readonly string[];
};

export type MergedTree = {
  /** Changes to our tree; null removes a path. */
  readonly changes: ReadonlyMap<string, Omit<TreeEntry, 'path'> | null>;
  /** Merged texts, which git does not have yet. Their paths are among the changes. */
  readonly texts: ReadonlyMap<string, Uint8Array>;
  readonly conflicts: readonly MergeConflict[];
};

/** Both sides of a path since the base. */
type Sides = {
  readonly path: string;
  readonly base: TreeEntry | null;
  readonly ours: TreeEntry | null;
  readonly theirs: TreeEntry | null;
};

export async function mergeTrees(project: IProject, input: MergeInput): Promise<MergedTree> {
  return new TreeMerge(project, input).run();
}

function isSame(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

class TreeMerge {
  private readonly _changes = new Map<string, Omit<TreeEntry, 'path'> | null>();
  private readonly _texts = new Map<string, Uint8Array>();
  private readonly _conflicts: MergeConflict[] = [];

  constructor(
    private readonly _project: IProject,
    private readonly _input: MergeInput
  ) {}

  async run(): Promise<MergedTree> {
    const { base, ours, theirs } = this._input;
    const ourChanges = new Map((await this._project.git.diffTrees(base, ours)).map(change => [change.path, change]));
    for (const change of await this._project.git.diffTrees(base, theirs)) {
      if (!this._input.uncertain.has(change.path)) {
        await this._mergePath(change, ourChanges.get(change.path));
      }
    }
    for (const path of this._input.uncertain) {
      await this._mergeUncertain(path);
    }
    await this._checkFolders();
    this._conflicts.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { changes: this._changes, texts: this._texts, conflicts: this._conflicts };
  }

  private async _mergePath(theirs: TreeChange, ours: TreeChange | undefined): Promise<void> {
    const { path } = theirs;
    if (!ours) {
      this._changes.set(path, theirs.to);
      return;
    }
    const sides: Sides = { path, base: theirs.from, ours: ours.to, theirs: theirs.to };
    if (isSame(sides.ours, sides.theirs)) {
      return;
    }
    const decision = this._decision(path);
    if (decision !== null) {
      if (decision === 'theirs') {
        this._changes.set(path, sides.theirs);
      }
      return;
    }
    const merged = await this._mergeContents(sides);
    if (typeof merged === 'string') {
      this._conflicts.push({ path, asset: await this._isAsset(sides), kind: kindOfConflict(sides), reason: merged });
    } else {
      this._changes.set(path, merged);
    }
  }

  private async _mergeUncertain(path: string): Promise<void> {
    const { git } = this._project;
    const ours = await git.entry(this._input.ours, path);
    const theirs = await git.entry(this._input.theirs, path);
    const decision = this._decision(path);
    if (isSame(ours, theirs) || decision === 'ours') {
      return;
    }
    if (decision === 'theirs') {
      this._changes.set(path, theirs);
      return;
    }
    const sides = { path, base: null, ours, theirs };
    const reason = 'merged in both directions before, with different outcomes';
    this._conflicts.push({ path, asset: await this._isAsset(sides), kind: kindOfConflict(sides), reason });
  }

  private _decision(path: string): 'ours' | 'theirs' | null {
    const named = (paths: readonly string[]): number =>
      Math.max(-1, ...paths.filter(chosen => isWithin(path, chosen)).map(chosen => chosen.length));
    const ours = named(this._input.preferOurs);
    const theirs = named(this._input.preferTheirs);
    // The longer path is the more particular one: `--ours . --theirs data/x.csv`.
    return ours < 0 && theirs < 0 ? null : theirs > ours ? 'theirs' : 'ours';
  }

  /** The merged file, or why there is none. */
  private async _mergeContents(sides: Sides): Promise<Omit<TreeEntry, 'path'> | string> {
    const { path, base, ours, theirs } = sides;
    if (!ours || !theirs) {
      return ours ? `changed here, removed there` : `removed here, changed there`;
    }
    const mode = mergeModes(base?.mode ?? null, ours.mode, theirs.mode);
    if (ours.oid === theirs.oid && mode) {
      return { mode, oid: ours.oid };
    }
    if (mode !== '100644' && mode !== '100755') {
      return 'a symbolic link, submodule or file mode that both changed';
    }
    if (base && (ours.oid === base.oid || theirs.oid === base.oid)) {
      return { mode, oid: ours.oid === base.oid ? theirs.oid : ours.oid };
    }
    if (await this._isAsset(sides)) {
      return 'an asset that both changed';
    }
    if (path.endsWith('.ipynb')) {
      return 'a notebook that both changed';
    }
    return base ? this._mergeTexts(path, mode, [base, ours, theirs]) : 'added on both sides with different content';
  }

  private async _mergeTexts(
    path: string,
    mode: FileMode,
    entries: readonly [TreeEntry, TreeEntry, TreeEntry]
  ): Promise<Omit<TreeEntry, 'path'> | string> {
    const texts: string[] = [];
    for (const entry of entries) {
      const text = toText(await this._project.git.readBlob(entry.oid));
      if (text === null) {
        return 'a binary file that both changed';
      }
      texts.push(text);
    }
    const [base, ours, theirs] = texts as [string, string, string];
    const merged = this._project.mergeText(base, ours, theirs);
    if (merged === null) {
      return 'the same lines changed on both sides';
    }
    if (path.endsWith('.json') && isJson(ours) && isJson(theirs) && !isJson(merged)) {
      return 'merging the lines gives no valid JSON';
    }
    const bytes = new TextEncoder().encode(merged);
    this._texts.set(path, bytes);
    return { mode, oid: await this._project.git.hashBlob(bytes) };
  }

  private async _isAsset({ path, base, ours, theirs }: Sides): Promise<boolean> {
    if (await this._project.git.isAsset(path)) {
      return true;
    }
    for (const entry of [base, ours, theirs]) {
      if (entry && entry.mode !== '160000') {
        const bytes = await this._project.git.readBlob(entry.oid);
        if (bytes.length <= POINTER_MAX_BYTES && decodePointer(bytes)) {
          return true;
        }
      }
    }
    return false;
  }

  /** A path cannot be a file on one side and a folder on the other. */
  private async _checkFolders(): Promise<void> {
    const { ours } = this._input;
    const { git } = this._project;
    for (const [path, entry] of [...this._changes].filter(([, merged]) => merged !== null)) {
      const blocking: string[] = [];
      for (const folder of foldersAbove(path)) {
        if (this._changes.get(folder) !== null && (await git.entry(ours, folder))) {
          blocking.push(folder);
        }
      }
      const below = (await git.entry(ours, path)) ? [] : await git.listTree(ours, path);
      blocking.push(...below.map(file => file.path).filter(file => this._changes.get(file) !== null));
      if (blocking.length > 0) {
        this._resolveFolder(path, entry!, blocking);
      }
    }
  }

  private _resolveFolder(path: string, entry: Omit<TreeEntry, 'path'>, blocking: readonly string[]): void {
    const decision = this._decision(path);
    if (decision === 'theirs') {
      blocking.forEach(file => this._changes.set(file, null));
      this._changes.set(path, entry);
    } else {
      this._changes.delete(path);
      if (decision === null) {
        const reason = `a file on one side, a folder on the other (${blocking[0]})`;
        this._conflicts.push({ path, asset: false, kind: 'file-directory', reason });
      }
    }
  }
}

function kindOfConflict({ base, ours, theirs }: Sides): MergeConflict['kind'] {
  if (!ours) {
    return 'removed-modified';
  }
  if (!theirs) {
    return 'modified-removed';
  }
  return base ? 'both-modified' : 'both-added';
}

/** The mode that one side changed; null when both changed it differently. */
function mergeModes(base: FileMode | null, ours: FileMode, theirs: FileMode): FileMode | null {
  if (ours === theirs || theirs === base) {
    return ours;
  }
  return ours === base ? theirs : null;
}

/** null for bytes that are no UTF-8 text. */
function toText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) {
    return null;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
