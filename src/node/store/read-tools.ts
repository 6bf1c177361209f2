import type { Catalog } from './catalog';
import { SHELF_BYTES } from './xorb-reader';
import type { XorbTools } from './xorb-reader';

/** What reading files needs. */
export type ReadTools = XorbTools & { readonly catalog: Catalog; readonly buffers: Buffers };

/** Buffers of SHELF_BYTES, used again and again: fresh memory costs more than reading into it, and larger writes five times the time. */
export class Buffers {
  private readonly _free: Uint8Array[] = [];

  take(): Uint8Array {
    return this._free.pop() ?? new Uint8Array(SHELF_BYTES);
  }

  give(buffer: Uint8Array): void {
    if (this._free.length < 2) {
      this._free.push(buffer);
    }
  }
}
