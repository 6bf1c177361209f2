import type { TrackResult } from '../../core/model/result';
import { joinLines, table } from './words';
import type { Style } from './words';

export function renderTrack(result: TrackResult, style: Style): string {
  if (result.added.length > 0) {
    return joinLines(
      `Files that match ${style.bold(result.added.join(', '))} are now assets.`,
      style.dim('The next snapshot stores those that changed.')
    );
  }
  return joinLines('Files that match these patterns are assets:', table(result.patterns.map(pattern => [pattern])));
}
