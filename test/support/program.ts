import { build } from 'esbuild';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';
import { temporaryDirectory } from './temporary-directory';

const root = resolve(__dirname, '..', '..');

/** What programs of the user's keep for themselves is not to be touched. */
const home = mkdtempSync(join(tmpdir(), 'branchbook-home-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_CACHE_HOME: join(home, 'cache'),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC'
};

export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The bundled program, run as a user runs it. */
export type Program = {
  readonly file: string;
  /** Whatever the exit code. */
  try(cwd: string, ...args: readonly string[]): Outcome;
  /** Must succeed; gives what it wrote. */
  run(cwd: string, ...args: readonly string[]): string;
  /** Must succeed; gives the result of `--json`. */
  json<T>(cwd: string, ...args: readonly string[]): T;
  /** Must fail; gives exit code and the typed error of `--json`. */
  fail(
    cwd: string,
    ...args: readonly string[]
  ): { readonly exit: number; readonly code: string; readonly message: string };
};

const hubOnly = ['@electric-sql/pglite', 'kysely', 'kysely/*', 'openid-client', 'pg', 'prom-client'];

/** Bundle the program as the build does, with its worker beside it; deleted after the test file. */
export async function buildProgram(): Promise<Program> {
  // Below the project, so that optional packages are found.
  const folder = mkdtempSync(join(root, 'node_modules', '.branchbook-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: {
      branchbook: join(root, 'src/service/main.ts'),
      'store-worker': join(root, 'src/node/store/worker.ts'),
      'git-starter': join(root, 'src/node/git/git-starter-process.ts')
    },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Installed beside it: what few commands need must not make each start slower.
    external: ['@napi-rs/blake-hash', '@duckdb/node-api', '@aws-sdk/*', '@azure/*', 'google-auth-library', ...hubOnly],
    define: { 'process.env.BRANCHBOOK_VERSION': '"1.2.3-test"' },
    logLevel: 'error'
  });
  return programAt(join(folder, 'branchbook.cjs'));
}

function programAt(file: string): Program {
  const run = (cwd: string, args: readonly string[]): Outcome => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
      cwd,
      env: environment,
      encoding: 'utf8'
    });
    return { code: status ?? -1, stdout, stderr };
  };
  const succeed = (cwd: string, args: readonly string[]): string => {
    const { code, stdout, stderr } = run(cwd, args);
    if (code !== 0) {
      throw new Error(`branchbook ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    }
    return stdout;
  };
  return {
    file,
    try: (cwd, ...args) => run(cwd, args),
    run: (cwd, ...args) => succeed(cwd, args),
    json: <T>(cwd: string, ...args: readonly string[]) => JSON.parse(succeed(cwd, [...args, '--json'])) as T,
    fail: (cwd, ...args) => {
      const { code, stderr, stdout } = run(cwd, [...args, '--json']);
      if (code === 0) {
        throw new Error(`branchbook ${args.join(' ')} succeeded:\n${stdout}`);
      }
      return { exit: code, ...(JSON.parse(stderr) as { error: { code: string; message: string } }).error };
    }
  };
}

export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** An empty folder made a project, with an author. */
export function newProject(program: Program): string {
  const folder = temporaryDirectory();
  program.run(folder, 'init', '--name', 'Ada', '--email', 'ada@example.org');
  return folder;
}
