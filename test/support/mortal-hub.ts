/** `branchbook hub` as a process of its own, which tests stop, kill, and start again on the same data. */
import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { environment } from './program';

const PASSWORD = 'correct horse battery';

/** A hub that listens, and that may not have opened its database yet. */
export class BegunHub {
  readonly ended: Promise<number | null>;
  private _said = '';

  private constructor(readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    [child.stdout, child.stderr].forEach(stream =>
      stream.on('data', (piece: Buffer) => (this._said += piece.toString()))
    );
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  static async start(program: string, data: string, env: NodeJS.ProcessEnv = {}): Promise<BegunHub> {
    const argv = [program, 'hub', '--data', data, '--listen', '127.0.0.1:0'];
    const begun = new BegunHub(
      spawn(process.execPath, argv, { env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    );
    await begun.says(/listens for/);
    return begun;
  }

  get url(): string {
    return /listens for (\S+),/.exec(this._said)![1]!;
  }

  said(): string {
    return this._said;
  }

  /** It has written something like this. */
  says(words: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => void (words.test(this._said) && resolve());
      [this.child.stdout, this.child.stderr].forEach(stream => stream.on('data', look));
      void this.ended.then(() => reject(new Error(`The hub ended: ${this._said}`)));
      look();
    });
  }
}

export class MortalHub {
  private constructor(
    private readonly _child: ChildProcess,
    readonly url: string,
    /** Address at which the first account is made; null when there is one. */
    private readonly _invitation: string | null
  ) {}

  /** `program`: the bundled core. */
  static async start(program: string, data: string): Promise<MortalHub> {
    const begun = await BegunHub.start(program, data);
    // All of its first words come at once.
    await begun.says(/contents: /);
    const text = begun.said();
    const invitation = /^ {2}(http\S+\/account\/invitation\/\S+)$/m.exec(text)?.[1] ?? null;
    return new MortalHub(begun.child, /serves (\S+)/.exec(text)![1]!, invitation);
  }

  /** A token of the first person, ada, who does what people do in the browser. */
  async firstToken(): Promise<string> {
    const cookies = new Map<string, string>();
    const ask = async (address: string, fields?: Readonly<Record<string, string>>): Promise<string> => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(address, {
        method: fields ? 'POST' : 'GET',
        headers: { cookie },
        redirect: 'manual',
        ...(fields && { body: new URLSearchParams(fields) })
      });
      for (const each of answer.headers.getSetCookie()) {
        const [name, value] = each.split(';')[0]!.split('=');
        cookies.set(name!, value!);
      }
      return answer.text();
    };
    const formOf = (page: string): string => /name="form" value="([^"]+)"/.exec(page)![1]!;
    const invited = formOf(await ask(this._invitation!));
    await ask(this._invitation!, { form: invited, user: 'ada', display: 'Ada', password: PASSWORD });
    const form = formOf(await ask(`${this.url}/account`));
    const made = await ask(`${this.url}/account/tokens`, { form, name: 'test', days: '2', atMost: 'manage' });
    return /<pre>([^<]+)<\/pre>/.exec(made)![1]!;
  }

  /** As an administrator stops it: resolves when it has ended, with its exit code. */
  async stop(): Promise<number | null> {
    return this._end('SIGTERM');
  }

  /** Killed; what it had started ends by itself, and is waited for. */
  async kill(): Promise<void> {
    const { programs } = this._started();
    await this._end('SIGKILL');
    while (running().some(({ group }) => programs.includes(group))) {
      await setTimeout(10);
    }
  }

  /** All of it at once, as when the machine goes. */
  async crash(): Promise<void> {
    this._child.kill('SIGSTOP');
    const { starters, programs } = this._started();
    const ended = this._end('SIGKILL');
    starters.forEach(kill);
    programs.forEach(leader => kill(-leader));
    await ended;
  }

  private async _end(signal: NodeJS.Signals): Promise<number | null> {
    if (this._child.exitCode === null && this._child.signalCode === null) {
      const ended = once(this._child, 'exit');
      this._child.kill(signal);
      await ended;
    }
    return this._child.exitCode;
  }

  /** The process that starts programs of git for it, and those, each the leader of a group. */
  private _started(): { readonly starters: readonly number[]; readonly programs: readonly number[] } {
    const all = running();
    const starters = all.filter(({ parent }) => parent === this._child.pid).map(({ pid }) => pid);
    const programs = all.filter(({ pid, parent, group }) => starters.includes(parent) && pid === group);
    return { starters, programs: programs.map(({ pid }) => pid) };
  }
}

type Running = { readonly pid: number; readonly parent: number; readonly group: number };

/** What runs on this machine, without what has ended and was not taken note of. */
function running(): readonly Running[] {
  return readdirSync('/proc').flatMap(name => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
    } catch {
      // No process, or none any more.
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
