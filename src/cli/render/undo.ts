import type { UndoResult } from '../../core/model/result';
import { formatTime, movedFiles, table } from './words';
import type { Style } from './words';

const SHOWN = 20;

export function renderUndo(result: UndoResult, style: Style): string {
  const done = result.undone ?? result.redone;
  if (done) {
    const moved = movedFiles(result);
    return `${result.redone ? 'Done again' : 'Undone'}: ${style.bold(done.description)}${moved ? ` (files: ${moved})` : ''}.`;
  }
  if (result.operations.length === 0) {
    return 'Nothing was done in this project yet.';
  }
  return table(
    [...result.operations]
      .reverse()
      .slice(0, SHOWN)
      .map(({ time, description, undone }) => [formatTime(time), description, undone ? style.dim('undone') : ''])
  );
}
