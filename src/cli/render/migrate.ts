import { formatBytes } from '../../core/format/bytes';
import type { MigrateResult } from '../../core/model/maintenance';
import { count, joinLines, shortId, table } from './words';
import type { Style } from './words';

const SHOWN = 20;
const NAMES = { lfs: 'Git LFS', dvc: 'DVC', git: 'plain git', branchbook: 'Branchbook' } as const;

export function renderMigrate(result: MigrateResult, style: Style): string {
  const { dryRun, files, versions, bytes, newBytes, dropped, missing } = result;
  const done = dryRun ? 'Would migrate' : 'Migrated';
  return joinLines(
    `${done} from ${NAMES[result.from]} to ${style.bold(NAMES[result.to])}: ${count(files, 'file')} in ${count(versions, 'version')}, ` +
      `${formatBytes(bytes)}${dryRun ? '' : ` (${formatBytes(newBytes)} written)`}.`,
    dropped > 0 && `${formatBytes(dropped)} of verified copies deleted.`,
    rewritten(result, style),
    missing.length > 0 && style.yellow(`${count(missing.length, 'version')} could not be taken over:`),
    missing.length > 0 &&
      table(missing.slice(0, SHOWN).map(({ path, object, reason }) => [path, shortId(object), reason])),
    missing.length > SHOWN && `  … and ${missing.length - SHOWN} more (--json lists all)`,
    ...result.notices,
    !dryRun && result.refs.length > 0 && style.dim('branchbook undo takes this back')
  );
}

function rewritten({ refs, commits, dryRun }: MigrateResult, style: Style): string | false {
  const names = refs.map(({ name }) => name.replace(/^refs\/(heads|tags)\//, ''));
  const list = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
  return (
    refs.length > 0 && style.dim(`${count(commits, 'commit')} ${dryRun ? 'would be' : 'were'} rewritten, on ${list}.`)
  );
}
