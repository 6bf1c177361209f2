/** Where everything that a project needs hangs: refs, heads and indexes of all work trees, stashes, the operation log. */
import { BranchbookError, hasCode } from '../error';
import { listNames } from '../durable';
import type { CheckFinding } from '../model/maintenance';
import type { ObjectId, TreeEntry } from '../model/git';
import { readAllOperations } from '../oplog/operation-log';
import type { LoggedOperation } from '../oplog/operation-log';
import type { IProject } from '../port';
import type { Target } from '../transition/content';

export type RootCommit = {
  readonly commit: ObjectId;
  /** For people: `refs/heads/main`, `the index of /home/ada/project`. */
  readonly where: string;
  /** False for what git itself may have forgotten by now (old operations). */
  readonly needed: boolean;
  /** A branch as a remote has it. */
  readonly remote?: boolean;
};

/** A content that is needed although no commit has it: staged, or put aside. */
export type RootFile = {
  readonly where: string;
  readonly path: string;
  readonly target: Target;
};

export type Roots = {
  readonly commits: readonly RootCommit[];
  readonly files: readonly RootFile[];
  /** What could not be read. */
  readonly findings: readonly CheckFinding[];
};

export async function collectRoots(project: IProject): Promise<Roots> {
  const roots = new RootCollector(project);
  await roots.addRefs();
  await roots.addStashes();
  for (const { root } of await project.git.worktrees()) {
    await roots.addWorktree(root);
  }
  await roots.addOperations();
  return roots;
}

class RootCollector implements Roots {
  readonly commits: RootCommit[] = [];
  readonly files: RootFile[] = [];
  readonly findings: CheckFinding[] = [];

  constructor(private readonly _project: IProject) {}

  async addRefs(): Promise<void> {
    const { git } = this._project;
    const names = new Set<string>();
    for (const { name, commit } of await git.refs('refs/')) {
      names.add(name);
      this.commits.push({ commit, where: name, needed: true, remote: name.startsWith('refs/remotes/') });
    }
    for (const name of await this._looseRefs('refs')) {
      if (!names.has(name)) {
        await this._reportBrokenRef(name);
      }
    }
  }

  /** Older stashes are named only by the reflog of `refs/stash`. */
  async addStashes(): Promise<void> {
    const { git } = this._project;
    const [stash] = await git.refs('refs/stash');
    for (let n = 1; stash; n++) {
      const commit = await git.resolve(`refs/stash@{${n}}`).catch(() => null);
      if (!commit) {
        return;
      }
      this.commits.push({ commit, where: `stash@{${n}}`, needed: true });
    }
  }

  async addWorktree(root: string): Promise<void> {
    await this._try(root, 'Run `git worktree repair`.', async () => {
      const { git } = await this._project.at(root);
      // What a stranger's repository lists may be any folder.
      if (git.commonDir !== this._project.git.commonDir) {
        return;
      }
      const head = await git.head();
      if (head.commit) {
        this.commits.push({ commit: head.commit, where: `HEAD of ${root}`, needed: true });
      }
      await this._try(`${git.gitDir}/index`, INDEX_REPAIR, async () => this._addIndex(root, await git.indexed()));
    });
  }

  async addOperations(): Promise<void> {
    const { operations, unreadable } = await readAllOperations(this._project);
    for (const path of unreadable) {
      this.findings.push({
        severity: 'warning',
        code: 'CORRUPT',
        object: path,
        message: `An entry of the operation log cannot be read: ${path}. What it tells cannot be undone.`,
        repair: '`branchbook check --repair` moves it aside.'
      });
    }
    operations.forEach(operation => this._addOperation(operation));
  }

  private _addOperation(operation: LoggedOperation): void {
    const where = `operation ${operation.id} (${operation.description})`;
    const heads = [operation.before, operation.after].map(head => head.commit);
    const moved = operation.refs.flatMap(({ from, to }) => [from, to]);
    for (const commit of [...heads, ...moved]) {
      if (commit) {
        this.commits.push({ commit, where, needed: false });
      }
    }
    for (const { path, before, after } of operation.files) {
      for (const target of [before, after]) {
        if (target) {
          this.files.push({ where: `${path} as put aside by ${where}`, path, target });
        }
      }
    }
  }

  private _addIndex(root: string, entries: readonly TreeEntry[]): void {
    for (const { path, mode, oid } of entries) {
      const target: Target = { mode, content: { kind: 'git', oid } };
      this.files.push({ where: `${path} in the index of ${root}`, path, target });
    }
  }

  private async _looseRefs(folder: string): Promise<readonly string[]> {
    const { files, git } = this._project;
    const found: string[] = [];
    for (const name of await listNames(files, `${git.commonDir}/${folder}`)) {
      const path = `${folder}/${name}`;
      const stat = await files.lstat(`${git.commonDir}/${path}`);
      if (stat?.kind === 'directory') {
        found.push(...(await this._looseRefs(path)));
      } else if (!name.endsWith('.lock')) {
        found.push(path);
      }
    }
    return found;
  }

  /** A symbolic ref to a branch that does not exist (yet) is in order. */
  private async _reportBrokenRef(name: string): Promise<void> {
    const path = `${this._project.git.commonDir}/${name}`;
    const text = new TextDecoder().decode((await this._project.files.readFile(path)) ?? new Uint8Array());
    if (!/^ref:\s*refs\//.test(text)) {
      this.findings.push({
        severity: 'error',
        code: 'CORRUPT',
        object: name,
        message: `The ref ${name} is damaged: it holds neither an id nor the name of a ref.`,
        repair: `Look the right id up with \`git reflog ${name}\` and set it with \`git update-ref ${name} <id>\`.`
      });
    }
  }

  private async _try(object: string, repair: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!hasCode(error, 'FORMAT_INVALID', 'OBJECT_CORRUPT', 'NOT_A_PROJECT', 'REPOSITORY_UNSUPPORTED')) {
        throw error;
      }
      const { message, hint } = BranchbookError.from(error);
      this.findings.push({ severity: 'error', code: 'CORRUPT', object, message, repair: hint || repair });
    }
  }
}

const INDEX_REPAIR = 'Delete that file, then run `git reset`: what was staged is lost, the files are not.';
