import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { notebook, type Sandbox } from './harness';

const core = join(resolve(__dirname, '..', '..'), 'branchbook', '_core', 'branchbook.cjs');

/** Somebody at the command line, in a folder of their own. */
export class Person {
  constructor(
    private readonly _sandbox: Sandbox,
    readonly name: string,
    readonly folder: string
  ) {}

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  branchbook(...argv: string[]): string {
    const email = `${this.name.toLowerCase()}@example.org`;
    const env = {
      ...this._sandbox.env,
      GIT_AUTHOR_NAME: this.name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: this.name,
      GIT_COMMITTER_EMAIL: email
    };
    return execFileSync(process.execPath, [core, ...argv], { cwd: this.folder, env, encoding: 'utf8' });
  }

  /** Snapshot what is there and push it. */
  share(message: string): void {
    this.branchbook('snapshot', '-m', message);
    this.branchbook('push');
  }
}

/** A folder place with the namespace `ml-team`. `ada` is in Jupyter's folder, `ben` elsewhere; both have `iris`. */
export function makeSharedProject(sandbox: Sandbox): {
  readonly place: string;
  readonly ada: Person;
  readonly ben: Person;
} {
  const place = sandbox.path('place');
  mkdirSync(place);
  const ada = new Person(sandbox, 'Ada', join(sandbox.project, 'iris'));
  const ben = new Person(sandbox, 'Ben', sandbox.path('ben'));
  mkdirSync(ada.folder);
  ada.branchbook('init');
  ada.write('analysis.ipynb', notebook('the start', 2));
  ada.write('data/people.csv', 'name,age\nAda,36\n');
  ada.write('models/model.pkl', Buffer.alloc(300_000, 'model'));
  ada.write('models/second.pkl', Buffer.alloc(50_000, 'second'));
  ada.branchbook('snapshot', '-m', 'Baseline');
  ada.branchbook('namespace', 'create', `${place}/ml-team`);
  ada.branchbook('push', '--to', `${place}/ml-team/iris`);
  mkdirSync(dirname(ben.folder), { recursive: true });
  ada.branchbook('clone', `${place}/ml-team/iris`, ben.folder);
  return { place, ada, ben };
}
