/** Compute in words. */
import type { ComputeResult } from '../../core/model/sharing';
import { formatPrincipal } from '../../core/model/access';
import { count, formatMilliseconds, formatTime, joinLines, table } from './words';
import type { Style } from './words';

export function renderCompute(result: ComputeResult, style: Style): string {
  const { endpoints, ran, done, link, exchanged } = result;
  if (ran) {
    return renderRan(ran, style);
  }
  if (exchanged) {
    return renderExchanged(exchanged, done, style);
  }
  if (done !== undefined) {
    return joinLines(done, link && style.bold(link));
  }
  return result.shares ? renderShares(result, style) : renderEndpoints(endpoints ?? []);
}

function renderRan({ cells, failed, output, milliseconds }: NonNullable<ComputeResult['ran']>, style: Style): string {
  const what = `${count(cells, 'cell')} in ${formatMilliseconds(milliseconds)}`;
  return failed ? style.red(`Stopped at an error after ${what}: see ${output}.`) : `Ran ${what}: see ${output}.`;
}

function renderExchanged(
  { added, left }: NonNullable<ComputeResult['exchanged']>,
  done: string | undefined,
  style: Style
): string {
  return joinLines(
    done,
    table([
      ...added.map(({ who, role }) => ['+', who, role]),
      ...left.map(({ who, reason }) => ['', who, style.dim(reason)])
    ])
  );
}

function renderShares({ shares = [], codes = [] }: ComputeResult, style: Style): string {
  if (shares.length + codes.length === 0) {
    return 'This server is shared with nobody.';
  }
  return joinLines(
    shares.length > 0 && 'May use this server, and run code as you:',
    table(shares.map(({ principal, created }) => [formatPrincipal(principal), style.dim(formatTime(created))])),
    codes.length > 0 && 'Links to it:',
    table(codes.map(({ id, expires }) => [id, expires === null ? 'for ever' : `until ${formatTime(expires)}`]))
  );
}

function renderEndpoints(endpoints: NonNullable<ComputeResult['endpoints']>): string {
  const rows = endpoints.map(({ name, right, kind, title, url }) => [name, right, kind, title, url ?? '']);
  return rows.length === 0 ? 'There are no endpoints that you may see.' : table(rows);
}
