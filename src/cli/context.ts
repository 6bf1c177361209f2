/** What the command line needs from whoever runs it: the program itself, or the service on behalf of `%bb`. */
import type { Verb, Verbs } from '../core/model/result';
import type { Activity } from '../core/port';

export interface IOutput {
  write(text: string): void;
  /** True when a person watches: colour and progress make sense. */
  readonly terminal: boolean;
}

/** How to get at projects. Paths are absolute. */
export interface IProjects {
  /** Root of the project that holds `path`; null when none does. */
  findRoot(path: string): Promise<string | null>;
  run<V extends Verb>(verb: V, path: string, args: Verbs[V]['args'], activity: Activity): Promise<Verbs[V]['result']>;
}

export type ServeArguments = {
  readonly socket?: string;
  readonly tcp?: boolean;
  readonly idleMinutes?: number;
  readonly runtimeDir?: string;
  readonly parentPid?: number;
};

/** How a hub runs; what is missing has its default, or comes from the environment. */
export type HubArguments = {
  /** Absolute path of the folder for repositories, and for the embedded database and store. */
  readonly data?: string;
  /** `postgres://…`; default: embedded. */
  readonly database?: string;
  /** `s3://…`, `az://…`, `gs://…` or `file://…`; default: in the data folder. */
  readonly store?: string;
  /** `host:port`. */
  readonly listen?: string;
  /** The address that people use, when it is not the one it listens on. */
  readonly url?: string;
  /** Absolute paths of PEM files. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** A proxy in front of it does TLS. */
  readonly behindProxy?: boolean;
};

/** What only the program itself can do, not a command inside the service. Paths are absolute. */
export interface IProgramAbilities {
  serve(args: ServeArguments): Promise<void>;
  hub(args: HubArguments): Promise<void>;
  filterProcess(cwd: string): Promise<void>;
  /** One file from standard input to standard output. */
  filter(direction: 'clean' | 'smudge', cwd: string, path: string): Promise<void>;
  /** The first line of standard input, which is not shown while it is typed. `question` is for whoever types it. */
  secret(question: string): Promise<string>;
}

export type CommandContext = {
  readonly version: string;
  readonly cwd: string;
  readonly stdout: IOutput;
  readonly stderr: IOutput;
  readonly projects: IProjects;
  readonly color: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly program?: IProgramAbilities;
  /** Overrides the progress line on stderr. */
  readonly onProgress?: Activity['onProgress'];
};
