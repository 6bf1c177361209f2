import { posix } from 'node:path';
import { BranchbookError } from '../core/error';
import { toProjectPath } from '../core/model/address';
import type { Verb, Verbs } from '../core/model/result';
import { isAccountVerb } from '../core/operation/index';
import type { CommandContext } from './context';
import { ProgressLine } from './progress-line';
import { createStyle, printable } from './render/words';
import type { Style } from './render/words';

/** From paths as the user wrote them to project paths. */
export type Paths = {
  readonly path: (text: string) => string;
  /** `@rev` names no path; in everything else the path comes first, so that the whole can be treated as one. */
  readonly address: (text: string) => string;
  /** An absolute path, for files outside the project. */
  readonly absolute: (text: string) => string;
};

type ToArgs<V extends Verb> = (paths: Paths) => Verbs[V]['args'];
type Render<V extends Verb> = (result: Verbs[V]['result'], style: Style) => string;

/** One run of the command line. */
export class Session {
  /** The verb's result, once there is one. */
  result: unknown = null;
  /** Set by `-C`. */
  directory = '.';
  /** Set by `--json`. */
  json = false;
  /** `check` found damage: the command fails although it ran. */
  damaged = false;
  readonly style: Style;

  constructor(readonly context: CommandContext) {
    this.style = createStyle(context.color);
  }

  get cwd(): string {
    return posix.resolve(this.context.cwd, this.directory);
  }

  /** Run a verb in the project of the current folder and write what came out. */
  async run<V extends Verb>(verb: V, toArgs: ToArgs<V>, render: Render<V>): Promise<void> {
    await this.perform(verb, toArgs, render);
  }

  /** The same, for callers that look at the result. */
  async perform<V extends Verb>(verb: V, toArgs: ToArgs<V>, render: Render<V>): Promise<Verbs[V]['result']> {
    const root = verb === 'init' || isAccountVerb(verb) ? this.cwd : await this._findRoot();
    const progress = new ProgressLine(this.context.stderr);
    try {
      const result = await this.context.projects.run(verb, root, toArgs(this._paths(root)), {
        signal: this.context.signal,
        onProgress: this.context.onProgress ?? (step => progress.update(step))
      });
      progress.end();
      this.result = result;
      const text = this.json ? JSON.stringify(result, null, 2) : render(printable(result), this.style);
      this.context.stdout.write(`${text}\n`);
      return result;
    } finally {
      progress.end();
    }
  }

  private async _findRoot(): Promise<string> {
    const root = await this.context.projects.findRoot(this.cwd);
    if (root === null) {
      throw new BranchbookError(
        'NOT_A_PROJECT',
        `${this.cwd} is not in a Branchbook project.`,
        { path: this.cwd },
        'Make its folder a project with `branchbook init`.'
      );
    }
    return root;
  }

  private _paths(root: string): Paths {
    const path = (text: string): string => toProjectPath(root, this.cwd, text);
    return {
      path,
      address: text => (text.startsWith('@') ? text : path(text)),
      absolute: text => posix.resolve(this.cwd, text)
    };
  }
}
