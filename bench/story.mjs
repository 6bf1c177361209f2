// The story of a new user: a large project, ten branches, the plug pulled ten times, and everything is still there.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, step } from '../scripts/run.mjs';
import { startCore } from './core-process.mjs';
import { branchbook, bytesBelow, git, inTemporaryFolder, median, output, program, timed } from './measure.mjs';
import { startPython } from './python-process.mjs';
import { table } from './report.mjs';
import { atMost, say } from './row.mjs';
import { StoryProject } from './scenario/story-project.mjs';
import { environment } from './tools.mjs';

const BRANCHES = 10;
const SWITCHES = 30;
const KILLS = 10;
const DRAFT = 'A thought that is in no snapshot.\n';

const branchName = index => `idea-${index}`;
/** The same order every time, without a pattern. */
const any = (round, count) => Math.floor(((round * 0.7548776662 + 0.3) % 1) * count);

class Story {
  kills = [];
  answers = [];
  switches = [];

  constructor(folder) {
    this.folder = folder;
    this.project = new StoryProject(join(folder, 'project'));
  }

  get root() {
    return this.project.root;
  }

  async start() {
    this.core = await startCore(this.folder);
  }

  run(verb, args = {}) {
    return this.core.operation(verb, this.root, args);
  }

  branch() {
    return output('git', ['symbolic-ref', '--short', 'HEAD'], this.root).trim();
  }

  async begin(scale) {
    mkdirSync(this.root);
    git(this.root, 'init', '-q', '-b', 'main');
    branchbook(this.root, 'init');
    const orders = startPython(at('.venv', 'bin', 'python'), 'orders.py');
    await this.project.fill(scale, orders);
    orders.stop();
    await this.start();
  }

  async snapshotAll() {
    this.first = await timed(() => this.run('snapshot', { message: 'Everything' }));
    this.project.remember('main');
  }

  async makeBranches() {
    for (let index = 0; index < BRANCHES; index++) {
      await this.run('switch', { branch: 'main' });
      await this.run('branch', { action: 'create', name: branchName(index), switch: true });
      const paths = this.project.edit(index);
      await this.run('snapshot', { message: `Idea ${index}`, paths });
      this.project.remember(branchName(index), 'main', paths);
    }
    writeFileSync(join(this.root, 'notes.md'), DRAFT);
  }

  /** By the running core and by the command line in turns; every third time something is edited and snapshotted. */
  async goAround() {
    for (let round = 0; round < SWITCHES; round++) {
      const branch = branchName(any(round, BRANCHES));
      const go = () => this.run('switch', { branch });
      this.switches.push(round % 2 === 0 ? await timed(go) : branchbook(this.root, 'switch', branch));
      if (round % 3 === 0) {
        const paths = this.project.edit(100 + round);
        await this.run('snapshot', { message: `Round ${round}`, paths });
        this.project.remember(branch, branch, paths);
      }
    }
  }

  /** kill -9 in the middle of a switch or of a snapshot, of the core or of the command line, again and again. */
  async pullThePlug() {
    for (let round = 0; round < KILLS; round++) {
      const byCore = round % 2 === 0;
      if (round % 4 < 2) {
        await this.killedSwitch(round, byCore);
      } else {
        await this.killedSnapshot(round, byCore);
      }
    }
  }

  async killedSwitch(round, byCore) {
    const from = this.branch();
    const to = branchName((any(round + 50, BRANCHES - 1) + Number(from.at(-1)) + 1) % BRANCHES);
    await this.kill('switch', round, byCore, { branch: to }, ['switch', to]);
    const now = this.branch();
    if (now !== from && now !== to) {
      throw new Error(`killed between ${from} and ${to}, and now on ${now}`);
    }
    if (now !== to) {
      await this.run('switch', { branch: to });
    }
  }

  async killedSnapshot(round, byCore) {
    const branch = this.branch();
    const paths = this.project.edit(200 + round);
    this.project.remember(branch, branch, paths);
    const argv = ['snapshot', ...paths, '-m', `Killed ${round}`];
    await this.kill('snapshot', round, byCore, { message: `Killed ${round}`, paths }, argv);
    // Either it is there, or it can be taken again; the files are the user's all the time.
    await this.run('snapshot', { message: `Again ${round}`, paths, allowEmpty: true });
  }

  async kill(verb, round, byCore, args, argv) {
    const delay = 5 + ((round * 37) % 151);
    if (byCore) {
      const answered = this.run(verb, args).then(
        () => 'after its end',
        () => 'in the middle'
      );
      await new Promise(later => setTimeout(later, delay));
      await this.core.stop('SIGKILL');
      this.kills.push(`core, ${verb}, ${delay} ms: ${await answered}`);
    } else {
      this.kills.push(`command line, ${verb}: ${await this.killCommand(argv, 150 + delay)}`);
      await this.core.stop('SIGKILL');
    }
    await this.start();
    this.answers.push(await timed(() => this.run('status')));
    await this.expectSound(`after kill ${round}`);
  }

  killCommand(argv, delay) {
    return new Promise(ended => {
      const child = spawn(process.execPath, [program, ...argv], {
        cwd: this.root,
        env: environment(),
        stdio: 'ignore'
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), delay);
      child.once('exit', (_, signal) => {
        clearTimeout(timer);
        ended(`${delay} ms, ${signal ? 'in the middle' : 'after its end'}`);
      });
    });
  }

  async expectSound(when, readData = false) {
    const { findings } = await this.run('check', { readData });
    const serious = findings.filter(finding => finding.severity === 'error');
    if (serious.length > 0) {
      throw new Error(`${when}, check found: ${serious.map(finding => finding.message).join(' ')}`);
    }
    if (readFileSync(join(this.root, 'notes.md'), 'utf8') !== DRAFT) {
      throw new Error(`${when}, an edit that was in no snapshot is lost`);
    }
    this.warnings = findings.length;
  }

  /** Hash every file on every branch. */
  async lookEverywhere() {
    this.wrong = [];
    this.looked = 0;
    for (const [branch, files] of this.project.branches) {
      await this.run('switch', { branch });
      this.looked += files.size;
      this.wrong.push(...this.project.differences(branch).map(path => `${branch}: ${path}`));
    }
    await this.expectSound('at the end', true);
    this.before = this.diskUse();
    await this.run('gc', { grace: '0d' });
    await this.expectSound('after gc', true);
  }

  diskUse() {
    const home = join(this.root, '.git', 'branchbook');
    const aside = bytesBelow(join(home, 'materialized'));
    return {
      tree: bytesBelow(this.root, path => path === join(this.root, '.git')),
      stored: bytesBelow(join(this.root, '.git')) - aside,
      aside
    };
  }

  rows() {
    const { tree, stored, aside } = this.diskUse();
    const row = (what, value, unit, must = null, note = '') => ({ what, value, unit, must, note });
    const kinds = this.kills.filter(kill => kill.endsWith('in the middle')).length;
    return [
      row(`first snapshot of ${say(tree, 'bytes')}`, this.first, 'ms'),
      row(`switch among ${BRANCHES} branches`, median(this.switches), 'ms', null, 'core and command line in turns'),
      row('first answer after kill -9', median(this.answers), 'ms', null, `${KILLS} kills, ${kinds} in the middle`),
      row('files that are not as they were written', this.wrong.length, 'files', atMost(0), this.verdict()),
      row(
        'stored beside the work tree',
        stored,
        'bytes',
        null,
        `and ${say(aside, 'bytes')} kept ready in materialized/`
      ),
      row('before that, until `gc`', this.before.stored, 'bytes', null, `and ${say(this.before.aside, 'bytes')}`)
    ];
  }

  verdict() {
    const all = `${this.looked} files on ${this.project.branches.size} branches hashed; check found ${this.warnings} things`;
    return this.wrong.length === 0 ? all : `${all}; ${this.wrong.slice(0, 5).join(', ')}`;
  }
}

export async function measure({ scale }) {
  return inTemporaryFolder(async folder => {
    const story = new Story(folder);
    try {
      await step('Making a project of 10 GiB', () => story.begin(scale));
      await step('Snapshot', () => story.snapshotAll());
      await step(`${BRANCHES} branches`, () => story.makeBranches());
      await step(`${SWITCHES} switches, with edits between`, () => story.goAround());
      await step(`kill -9, ${KILLS} times`, () => story.pullThePlug());
      await step('Looking at every file on every branch', () => story.lookEverywhere());
      console.log(story.kills.map(kill => `  ${kill}`).join('\n'));
      return { rows: story.rows(), text: table(story.rows()) };
    } finally {
      await story.core?.stop();
    }
  });
}
