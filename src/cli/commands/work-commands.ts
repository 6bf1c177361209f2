/** init, status, track, snapshot, undo. */
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import type { AssetFacts } from '../../core/model/asset';
import type { SnapshotArgs, UndoArgs } from '../../core/model/result';
import { renderInit } from '../render/init';
import { renderSnapshot } from '../render/snapshot';
import { renderStatus } from '../render/status';
import { renderTrack } from '../render/track';
import { renderUndo } from '../render/undo';
import type { Paths, Session } from '../session';
import { addVerb } from './verb';

type InitOptions = { readonly name?: string; readonly email?: string };

type SnapshotOptions = {
  readonly message?: string;
  readonly notebook?: string;
  readonly cell?: string;
  readonly kernel?: string;
  readonly library?: readonly string[];
  readonly facts?: string;
  readonly allowEmpty?: boolean;
  readonly allowAnomalies?: boolean;
};

export function addWorkCommands(program: Command, session: Session): void {
  addVerb(program, 'init', ['branchbook init', 'branchbook init --name "Ada Lovelace" --email ada@example.org'])
    .option('--name <name>', 'author of your snapshots, stored in this repository')
    .option('--email <email>', 'e-mail address of the author')
    .action((options: InitOptions) => session.run('init', () => initArgs(options), renderInit));

  addVerb(program, 'status', ['branchbook status', 'branchbook status --json']).action(() =>
    session.run('status', () => ({}), renderStatus)
  );

  addVerb(program, 'track', ['branchbook track "*.dat"', 'branchbook track raw/'])
    .argument('[patterns...]', 'patterns as in .gitattributes; a folder means all that is in it')
    .action((patterns: readonly string[]) => session.run('track', () => ({ patterns }), renderTrack));

  addVerb(program, 'snapshot', [
    'branchbook snapshot -m "clean the ages"',
    'branchbook snapshot data/sales.parquet models/ -m "retrain"'
  ])
    .argument('[paths...]', 'files or folders; default: everything that changed')
    .option('-m, --message <message>', 'what changed, and why')
    .option('--notebook <path>', 'notebook that made the change')
    .option('--cell <id>', 'cell of that notebook')
    .option('--kernel <name>', 'kernel that ran it')
    .option('--library <name=version>', 'library it used; may be repeated', collect)
    .option('--facts <json>', 'facts about assets: [{"path": …, "rows": …, "columns": …}]')
    .option('--allow-empty', 'also when nothing changed')
    .option('--allow-anomalies', 'although a table breaks rules of its schema that are marked fail')
    .action((paths: readonly string[], options: SnapshotOptions) =>
      session.run('snapshot', project => snapshotArgs(paths, options, project), renderSnapshot)
    );

  addVerb(program, 'undo', ['branchbook undo', 'branchbook undo --redo', 'branchbook undo --list'])
    .option('--redo', 'put back the operation undone last')
    .option('--list', 'only list the last operations')
    .action(({ list = false, redo = false }: UndoArgs) => session.run('undo', () => ({ list, redo }), renderUndo));
}

function initArgs({ name, email }: InitOptions): {
  readonly identity?: { readonly name: string; readonly email: string };
} {
  if (name === undefined && email === undefined) {
    return {};
  }
  if (name === undefined || email === undefined) {
    throw usage('identity', 'An author needs both a name and an e-mail address.', 'Give both --name and --email.');
  }
  return { identity: { name, email } };
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function usage(argument: string, message: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', message, { argument, reason: message }, hint);
}

function snapshotArgs(paths: readonly string[], options: SnapshotOptions, project: Paths): SnapshotArgs {
  const { message, notebook, cell, kernel } = options;
  const libraries = (options.library ?? []).map(parseLibrary);
  return {
    paths: paths.map(project.path),
    ...(message !== undefined && { message }),
    provenance: {
      ...(notebook !== undefined && { notebook: project.path(notebook) }),
      ...(cell !== undefined && { cell }),
      ...(kernel !== undefined && { kernel }),
      ...(libraries.length > 0 && { libraries: Object.fromEntries(libraries) })
    },
    ...(options.facts !== undefined && { facts: parseFacts(options.facts) }),
    ...(options.allowEmpty && { allowEmpty: true }),
    ...(options.allowAnomalies && { allowAnomalies: true })
  };
}

function parseLibrary(text: string): readonly [string, string] {
  const match = /^([^=]+)=(.+)$/.exec(text);
  if (!match) {
    throw usage('library', `${JSON.stringify(text)} is not NAME=VERSION.`, 'For example --library pandas=2.2.3.');
  }
  return [match[1]!, match[2]!];
}

function parseFacts(text: string): readonly AssetFacts[] {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch {
    facts = null;
  }
  const list = Array.isArray(facts) ? facts : [facts];
  if (!list.every(fact => typeof (fact as AssetFacts | null)?.path === 'string')) {
    throw usage(
      'facts',
      'The facts are not JSON with a path each.',
      'For example \'[{"path":"data/x.parquet","rows":3}]\'.'
    );
  }
  return list as readonly AssetFacts[];
}
