/** What travels between the core and its clients (Lab, Python, hub). Types only. */
import type { SerializedError } from '../core/error';
import type { Verb, Verbs } from '../core/model/result';

/** Raised when a change of the wire format would break an older client. */
export const protocolVersion = 1;

/** `GET /v1/health`. */
export type Health = {
  readonly version: string;
  readonly protocol: number;
  readonly pid: number;
};

/** `POST /v1/shutdown`. Answered 202, or LOCKED when asked to stop only when idle and operations run. */
export type ShutdownRequest = {
  readonly whenIdle?: boolean;
};

/** `GET /v1/project?path=<absolute path>`: the project that holds a path, from then on watched for events. */
export type ProjectInfo = {
  /** Absolute path of the project root. */
  readonly root: string;
};

/** `POST /v1/operation/<verb>`. Answered as newline-delimited JSON: StreamLine … StreamLine. */
export type OperationRequest<V extends Verb = Verb> = {
  /** Absolute path of any folder or file inside the project. */
  readonly project: string;
  readonly args: Verbs[V]['args'];
};

/** Structurally the same as Progress in core/port. */
export type ProgressLine = {
  readonly type: 'progress';
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'files' | 'commits' | 'columns';
  readonly path?: string;
};

/** The last line is always `result` or `error`. Failures before the first line also set the HTTP status. */
export type StreamLine<V extends Verb = Verb> =
  | ProgressLine
  | { readonly type: 'result'; readonly result: Verbs[V]['result'] }
  | { readonly type: 'error'; readonly error: SerializedError };

/**
 * `POST /v1/command`: the command line, run inside the core (for `%bb`). Answered as operations are; the result is a
 * CommandResponse, also of a command that failed.
 */
export type CommandRequest = {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly argv: readonly string[];
};
export type CommandResponse = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The verb's result, or its error, when it got that far. */
  readonly result: unknown;
  readonly error: SerializedError | null;
};

/**
 * `GET /v1/events?project=<absolute path>&…`: newline-delimited JSON, one line an event; an empty line at the start and
 * every 30 s keeps the connection alive. Every project that the core was asked about is watched; those named in the
 * query as well, and an event tells first how they are.
 */
export type ProjectEvent = {
  readonly type: 'project';
  /** Absolute path of the project root. */
  readonly root: string;
  /** `head`: another branch or commit; `refs`: branches or tags; `work-tree`: index or files touched by a verb. */
  readonly what: 'head' | 'refs' | 'work-tree';
  readonly branch: string | null;
  readonly commit: string | null;
};

// ------------------------------------------------------------------------------------------ Jupyter side

/**
 * Routes of the Jupyter Server extension, all below `<base_url>branchbook/api/`:
 *   GET  health                 → Health, starts the core when needed
 *   GET  project?path=P         → LocatedProject, or 404 NOT_A_PROJECT
 *   GET  file?path=P&address=A  → the bytes of a version, for the eyes only: never as something a browser opens
 *   POST operation/<verb>       → as the core's; body LabOperationRequest
 *   (events arrive as Jupyter Events with schema `eventSchema`)
 */
export type LabOperationRequest<V extends Verb = Verb> = {
  /**
   * Jupyter contents path of any folder or file inside the project, or of any folder for a verb that needs none; '' is
   * the server's root.
   */
  readonly path: string;
  /** `folder` of `clone` and `join` is a contents path here. */
  readonly args: Verbs[V]['args'];
};

/** Translates between Jupyter contents paths and project paths. */
export type LocatedProject = {
  /** Absolute path of the project root. */
  readonly root: string;
  /** Contents path of the project root; null when the Jupyter root lies inside the project. */
  readonly contentsPath: string | null;
  /** Project path of the Jupyter root when it lies inside the project, else ''. */
  readonly projectPrefix: string;
};

/** Jupyter Events schema id that carries ProjectEvent (`root`, `what`, `branch`, `commit`). */
export const eventSchema = 'https://branchbook.dev/events/project/v1';
