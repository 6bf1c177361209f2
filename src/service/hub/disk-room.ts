/** What the hub's disks still take. They are never filled by those who push: the database has to go on writing. */
import { BranchbookError } from '../../core/error';

/** What comes to stay: commits and small files, or contents. They may lie on different disks, or in a cloud. */
export type Kept = 'histories' | 'contents';

/** Bytes that are left for the database, and for what says beforehand not how large it is. */
export const RESERVE = 128 * 1024 * 1024;

export class DiskRoom {
  /** Bytes that are on their way. */
  private readonly _promised: Record<Kept, number> = { histories: 0, contents: 0 };

  /** @param _free bytes; Infinity where there is no end to them */
  constructor(
    private readonly _free: (kept: Kept) => Promise<number>,
    private readonly _reserve = RESERVE
  ) {}

  /** Bytes that may come; none when it is negative. */
  async left(kept: Kept): Promise<number> {
    return (await this._free(kept)) - this._reserve - this._promised[kept];
  }

  /** Work that keeps at most `bytes`, if there is room for them. DISK_FULL. */
  async within<T>(kept: Kept, bytes: number, work: () => Promise<T>): Promise<T> {
    if ((await this.left(kept)) < bytes) {
      throw hubIsFull();
    }
    this._promised[kept] += bytes;
    try {
      return await work();
    } finally {
      this._promised[kept] -= bytes;
    }
  }
}

/** Without the path that the hub's own disk complains about. */
export function hubIsFull(): BranchbookError {
  return new BranchbookError(
    'DISK_FULL',
    'The hub’s disk is full.',
    {},
    'Nothing of this was taken. Tell who runs the hub, and try again when there is room.'
  );
}
