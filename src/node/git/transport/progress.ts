/**
 * git's words while it transfers (`Receiving objects:  45% (9/20), 1.20 MiB | 2.00 MiB/s`) and git-lfs's (`Uploading LFS
 * objects:  50% (1/2), 1.2 MB | 2.0 MB/s`) as progress in bytes.
 */
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
  return byLine(line => {
    const [, direction, percent, amount, unit] = LINE.exec(line) ?? [];
    if (direction !== undefined) {
      const done = Math.round(Number(amount) * UNITS[unit!]!);
      const share = Number(percent) / 100;
      const phase = direction === 'Receiving' ? 'Bringing the history' : 'Sending the history';
      onProgress?.({ phase, done, total: share > 0.01 ? Math.round(done / share) : null, unit: 'bytes' });
    }
  });
}

const LFS_UNITS: { readonly [unit: string]: number } = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const LFS_LINE = /^(Downloading|Uploading) LFS objects:\s+\d+% \((\d+)\/(\d+)\), ([\d.]+) ([KMGT]?B)/;

/** Bytes in all, those done already, and those of the files that are told about. */
export type LfsShare = { readonly total: number; readonly before: number; readonly part: number };

/** The same for git-lfs. Of files that it copies without a network it tells only how many are done. */
export function lfsProgressParser({ onProgress }: Activity, { total, before, part }: LfsShare): (text: string) => void {
  return byLine(line => {
    const [, direction, files, of, amount, unit] = LFS_LINE.exec(line) ?? [];
    if (direction !== undefined) {
      const told = Math.round(Number(amount) * LFS_UNITS[unit!]!);
      const done = before + Math.min(part, Math.max(told, Math.floor((part * Number(files)) / Number(of))));
      onProgress?.({ phase: direction === 'Uploading' ? 'sending' : 'receiving', done, total, unit: 'bytes' });
    }
  });
}

function byLine(take: (line: string) => void): (text: string) => void {
  let rest = '';
  return text => {
    const lines = `${rest}${text}`.split(/[\r\n]/);
    rest = (lines.pop() ?? '').slice(-1000);
    lines.forEach(take);
  };
}
