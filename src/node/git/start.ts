/** Starting a program of git that serves a request. */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { killGroup } from './runner';

export type ServingGit = {
  readonly program: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
};

/** It runs in a group of its own. */
export type StartedGit = {
  readonly input: Writable;
  readonly output: Readable;
  readonly complaints: Readable;
  /** Its descriptors 3 and 4: what its hook asks, and is told. */
  readonly questions: Readable;
  readonly answers: Writable;
  /** Exit code; null when a signal ended it, or it could not be started. */
  readonly ended: Promise<number | null>;
  /** With all that it started. */
  kill(): void;
};

export type StartGit = (git: ServingGit) => Promise<StartedGit>;

/** As a child of this process. */
export const startHere: StartGit = async ({ program, argv, cwd, env }) => {
  const child = spawn(program, argv, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>(resolve => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  return {
    input: child.stdin as Writable,
    output: child.stdout as Readable,
    complaints: child.stderr as Readable,
    questions: child.stdio[3] as Readable,
    answers: child.stdio[4] as Writable,
    ended,
    kill: () => killGroup(child.pid, true)
  };
};
