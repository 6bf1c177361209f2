import type { SwitchResult } from '../../core/model/result';
import { count, formatMilliseconds, joinLines, movedFiles, shortId } from './words';
import type { Style } from './words';

export function renderSwitch(result: SwitchResult, style: Style): string {
  const moved = movedFiles(result);
  return joinLines(
    result.parked && `Parked your changes on ${result.from} as ${shortId(result.parked)}.`,
    result.from === result.to
      ? `Already on ${style.bold(result.to)}.`
      : `Switched from ${result.from} to ${style.bold(result.to)} in ${formatMilliseconds(result.milliseconds)}${moved ? ` (files: ${moved})` : ', no file differs'}.`,
    result.carried.length > 0 &&
      `${count(result.carried.length, 'unsnapshotted change')} came along: ${result.carried.slice(0, 5).join(', ')}${result.carried.length > 5 ? ', …' : ''}`,
    ...result.notices
  );
}
