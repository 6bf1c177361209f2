/**
 * A shooting range: a project that a stranger prepared, between folders of ours that must stay as they are. Everything a
 * program could be started from (the search path, settings) leads to a program that leaves a mark.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect } from 'vitest';
import type { ErrorCode } from '../../src/core/error';
import { BranchbookError } from '../../src/core/error';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import { openProject } from '../../src/service/open-project';

const programs = ['git', 'git-lfs', 'sh', 'bash', 'ssh', 'less', 'cat', 'vi', 'gpg', 'evil', 'touch', 'git-remote-ext'];
const person = 'Eve <eve@example.org> 1700000000 +0000';

/** Variables that the range changes, as they were. */
const original = ['PATH', 'HOME', 'GIT_CONFIG_NOSYSTEM', 'SHELL', 'EDITOR'].map(
  name => [name, process.env[name]] as const
);
const realPath = process.env['PATH'];

/** What came of a verb: a typed error's code, or null when it succeeded. */
export type Outcome = ErrorCode | null;

export type Item = { readonly mode: string; readonly name: string | Buffer; readonly oid: string };

export class Range {
  readonly base = realpathSync(mkdtempSync(join(tmpdir(), 'bb-hostile-')));
  readonly root = join(this.base, 'project');
  readonly outside = join(this.base, 'outside');
  /** An executable that leaves a mark. */
  readonly evil = join(this.base, 'bin', 'evil');

  private constructor() {
    for (const folder of [this.outside, this.root, dirname(this.evil), join(this.base, 'home')]) {
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(join(this.outside, 'secret'), 'secret');
    for (const program of programs) {
      writeFileSync(join(dirname(this.evil), program), `#!/bin/sh\necho ran >> '${this.base}/mark'\n`);
      chmodSync(join(dirname(this.evil), program), 0o755);
    }
  }

  /** With a project of one snapshot on `main`: `a`, `folder/b`, and an asset. */
  static async create(): Promise<Range> {
    const range = new Range();
    range.git('init', '-q', '-b', 'main');
    range._enter();
    writeFileSync(join(range.root, 'a'), 'a\n');
    mkdirSync(join(range.root, 'folder'));
    writeFileSync(join(range.root, 'folder/b'), 'b\n');
    writeFileSync(join(range.root, 'data.parquet'), 'p'.repeat(5000));
    const project = await openProject(range.root, { create: true, workerFile: null, program: [range.evil] });
    try {
      const identity = { name: 'Ada', email: 'ada@example.org' };
      await runOperation(project, operations.init, { identity });
      await runOperation(project, operations.snapshot, { message: 'start' });
    } finally {
      await project.close();
    }
    // Has gone another way, so that merging is more than moving a branch.
    range.plant('refs/heads/target', `${range.commit(range.git('rev-parse', 'main^{tree}'))}\n`);
    return range;
  }

  /** A copy to shoot at; `dispose` it. */
  copy(): Range {
    const copy = new Range();
    copy._enter();
    cpSync(this.root, copy.root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    // The filters that "init" set would leave their mark beside the template.
    const config = join(copy.root, '.git/config');
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(this.base, copy.base));
    return copy;
  }

  /** The real git, for building. */
  git(...argv: readonly string[]): string {
    const environment = {
      PATH: realPath,
      HOME: this.base,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Eve',
      GIT_AUTHOR_EMAIL: 'eve@example.org',
      GIT_COMMITTER_NAME: 'Eve',
      GIT_COMMITTER_EMAIL: 'eve@example.org'
    };
    return execFileSync('git', argv, {
      cwd: this.root,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe']
    }).trim();
  }

  /** Write a file of the git directory. */
  plant(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, '.git', path)), { recursive: true });
    writeFileSync(join(this.root, '.git', path), content);
  }

  /** A loose object with any content, well-formed or not. */
  object(type: string, content: string | Buffer): string {
    const bytes = Buffer.concat([Buffer.from(`${type} ${Buffer.byteLength(content)}\0`), Buffer.from(content)]);
    const oid = createHash('sha1').update(bytes).digest('hex');
    this.plant(`objects/${oid.slice(0, 2)}/${oid.slice(2)}`, deflateSync(bytes));
    return oid;
  }

  /** A tree with these items in this order. */
  tree(items: readonly Item[]): string {
    const parts = items.map(({ mode, name, oid }) =>
      Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(oid, 'hex')])
    );
    return this.object('tree', Buffer.concat(parts));
  }

  commit(tree: string, parents = [this.git('rev-parse', 'main')], message = 'evil'): string {
    const lines = [
      `tree ${tree}`,
      ...parents.map(parent => `parent ${parent}`),
      `author ${person}`,
      `committer ${person}`
    ];
    return this.object('commit', `${lines.join('\n')}\n\n${message}\n`);
  }

  /** The branch `evil`, one commit with this tree ahead of main. */
  branch(tree: string): void {
    this.plant('refs/heads/evil', `${this.commit(tree)}\n`);
  }

  async run<V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<Outcome> {
    try {
      const project = await openProject(this.root, { workerFile: null });
      try {
        await runOperation(project, operations[verb] as never, args);
      } finally {
        await project.close();
      }
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(BranchbookError);
      return (error as BranchbookError).code;
    }
  }

  /** Every verb that looks at or takes from the branch `evil`; afterwards nothing outside has changed or run. */
  async shoot(): Promise<
    Readonly<Record<'status' | 'show' | 'check' | 'merge' | 'restore' | 'switch' | 'back', Outcome>>
  > {
    const before = this.fingerprint();
    const outcomes = {
      status: await this.run('status', {}),
      show: await this.run('show', { address: 'evil' }),
      check: await this.run('check', {}),
      merge: await this.run('merge', { branch: 'evil', into: 'target' }),
      restore: await this.run('restore', { addresses: ['@evil'] }),
      switch: await this.run('switch', { branch: 'evil', changes: 'discard' }),
      back: await this.run('switch', { branch: 'main', changes: 'discard' })
    };
    expect(this.fingerprint()).toEqual(before);
    for (const code of Object.values(outcomes)) {
      expect(code).not.toBe('INTERNAL');
    }
    return outcomes;
  }

  dispose(): void {
    for (const [name, value] of original) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
    rmSync(this.base, { recursive: true, force: true });
  }

  private _enter(): void {
    process.env['PATH'] = `${dirname(this.evil)}:${realPath}`;
    process.env['HOME'] = join(this.base, 'home');
    process.env['GIT_CONFIG_NOSYSTEM'] = '1';
    process.env['SHELL'] = this.evil;
    process.env['EDITOR'] = this.evil;
  }

  /** Everything beside the project, and what git would start from inside it. */
  fingerprint(): readonly string[] {
    const lines: string[] = [];
    const visit = (path: string): void => {
      const stat = lstatSync(path);
      if (stat.isDirectory()) {
        lines.push(`${path}/`);
        readdirSync(path)
          .sort()
          .forEach(name => (path !== this.base || name !== 'project' ? visit(join(path, name)) : undefined));
      } else {
        lines.push(
          `${path} ${stat.mode} ${stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, 'hex') : ''}`
        );
      }
    };
    visit(this.base);
    for (const name of readdirSync(join(this.root, '.git'))) {
      if (name === 'config' || name === 'hooks') {
        visit(join(this.root, '.git', name));
      }
    }
    return lines;
  }
}
