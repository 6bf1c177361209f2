import { afterAll, beforeAll } from 'vitest';
import type { IOutput, IProjects } from '../../src/cli/context';
import { runCommand } from '../../src/cli/run-command';
import { perform } from '../../src/core/operation/perform';
import type { Creation, Activity, IAccount, IFileSystem, IOpenProject } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { clock, random } from '../../src/node/process/time';
import { createPlaces } from '../../src/service/open-places';
import { findRoot, openProject } from '../../src/service/open-project';
import { buildProgram, environment } from './program';
import type { Outcome, Program } from './program';
import { temporaryDirectory } from './temporary-directory';

export type CommandLine = {
  /** The same command line as a program of its own. */
  program(): Program;
  /** Whatever the exit code. */
  try(cwd: string, ...args: readonly string[]): Promise<Outcome>;
  /** Must succeed; gives what it wrote. */
  run(cwd: string, ...args: readonly string[]): Promise<string>;
  /** Must succeed; gives the result of `--json`. */
  json<T>(cwd: string, ...args: readonly string[]): Promise<T>;
  /** Must fail; gives exit code and the typed error of `--json`. */
  fail(cwd: string, ...args: readonly string[]): Promise<Failure>;
};

export type Failure = {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly data: { readonly [key: string]: unknown };
};

/** An empty folder made a project, with an author. */
export async function createProject(program: CommandLine): Promise<string> {
  const folder = temporaryDirectory();
  await program.run(folder, 'init', '--name', 'Ada', '--email', 'ada@example.org');
  return folder;
}

type Options = { readonly files?: IFileSystem; readonly activity?: Activity };

/** Before anything that follows `--`. */
const withJson = ([verb, ...rest]: readonly string[]): readonly string[] => [verb!, '--json', ...rest];

/**
 * The command line over real projects, without a process for each command. Projects are opened anew each time. The
 * program is built all the same: plain git runs it for its filters.
 */
export function commandLine({ files, activity }: Options = {}): CommandLine {
  let built: Program;
  beforeAll(async () => {
    built = await buildProgram();
  });
  const saved = { ...process.env };
  Object.assign(process.env, environment);
  afterAll(() => Object.assign(process.env, saved));
  const projects: IProjects = {
    findRoot: path => findRoot(path),
    run: async (verb, path, args, given) => {
      const opened: IOpenProject[] = [];
      const places = createPlaces();
      const open = async (root: string, create: Creation): Promise<IOpenProject> => {
        const options = {
          create,
          places,
          workerFile: null,
          program: [process.execPath, built.file],
          ...(files && { files })
        };
        const project = await openProject(root, options);
        opened.push(project);
        return project;
      };
      const account = (): IAccount => ({
        cwd: path,
        files: files ?? disk,
        clock,
        random,
        places,
        project: async () => ((await findRoot(path)) === null ? null : open(path, false)),
        open: (root, how) => open(root, how?.create ?? false)
      });
      try {
        const site = { project: () => open(path, verb === 'init'), account };
        return await perform(verb, args, { ...given, ...activity }, site);
      } finally {
        await Promise.all(opened.map(project => project.close()));
        await places.close();
      }
    }
  };
  const attempt = async (cwd: string, args: readonly string[]): Promise<Outcome> => {
    const written = { stdout: '', stderr: '' };
    const output = (name: keyof typeof written): IOutput => ({
      write: text => void (written[name] += text),
      terminal: false
    });
    const context = { version: '1.2.3-test', cwd, projects, color: false };
    const { exitCode } = await runCommand(args, { ...context, stdout: output('stdout'), stderr: output('stderr') });
    return { code: exitCode, ...written };
  };
  const succeed = async (cwd: string, args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await attempt(cwd, args);
    if (code !== 0) {
      throw new Error(`branchbook ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    }
    return stdout;
  };
  return {
    program: () => built,
    try: (cwd, ...args) => attempt(cwd, args),
    run: (cwd, ...args) => succeed(cwd, args),
    json: async <T>(cwd: string, ...args: readonly string[]) => JSON.parse(await succeed(cwd, withJson(args))) as T,
    fail: async (cwd, ...args) => {
      const { code, stdout, stderr } = await attempt(cwd, withJson(args));
      if (code === 0) {
        throw new Error(`branchbook ${args.join(' ')} succeeded:\n${stdout}`);
      }
      return { exit: code, ...(JSON.parse(stderr) as { error: Omit<Failure, 'exit'> }).error };
    }
  };
}
