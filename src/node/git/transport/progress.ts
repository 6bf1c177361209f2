/** git's words while it transfers (`Receiving objects:  45% (9/20), 1.20 MiB | 2.00 MiB/s`) as progress in bytes. */
import type { Activity } from '../../../core/port';

const UNITS: { readonly [unit: string]: number } = {
  bytes: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4
};
const LINE = /^(Receiving|Writing) objects:\s+(\d+)% \(\d+\/\d+\), ([\d.]+) (bytes|[KMGT]iB)/;

/** Takes pieces of git's error output, which end anywhere. */
export function progressParser({ onProgress }: Activity): (text: string) => void {
  let rest = '';
  return text => {
    const lines = `${rest}${text}`.split(/[\r\n]/);
    rest = (lines.pop() ?? '').slice(-1000);
    for (const line of lines) {
      const [, direction, percent, amount, unit] = LINE.exec(line) ?? [];
      if (direction !== undefined) {
        const done = Math.round(Number(amount) * UNITS[unit!]!);
        const share = Number(percent) / 100;
        const phase = direction === 'Receiving' ? 'Bringing the history' : 'Sending the history';
        onProgress?.({ phase, done, total: share > 0.01 ? Math.round(done / share) : null, unit: 'bytes' });
      }
    }
  };
}
