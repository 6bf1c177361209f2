import { formatBytes } from '../../core/format/bytes';
import type { CheckResult } from '../../core/model/maintenance';
import { count, joinLines } from './words';
import type { Style } from './words';

export function renderCheck(result: CheckResult, style: Style): string {
  const scope = `${count(result.commits, 'snapshot')}, ${count(result.assets, 'asset version')}, ${formatBytes(result.bytes)}`;
  const { absent } = result;
  const errors = result.findings.filter(finding => finding.severity === 'error').length;
  return joinLines(
    ...result.repaired.map(({ message, from }) => `${style.green('repaired')} ${message}${from && ` (from ${from})`}`),
    ...result.findings.map(({ severity, message, repair }) =>
      joinLines(
        severity === 'error' ? `${style.red('damaged')}  ${message}` : `${style.yellow('notice')}   ${message}`,
        repair && `         ${repair}`
      )
    ),
    errors > 0
      ? style.red(`${count(errors, 'problem')} ${result.repaired.length > 0 ? 'left ' : ''}in ${scope}.`)
      : `${style.green('All is well')}: ${scope}.`,
    absent.assets > 0 &&
      `${count(absent.assets, 'asset version')} (${formatBytes(absent.bytes)}) never came here from a remote, which is no damage.`
  );
}
