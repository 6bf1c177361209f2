import type { Sha256, XetHash } from '../../core/model/asset';
import { parentOf } from '../../core/durable';

/** Where things lie below the store's home. See src/core/format/README.md. */
export class Layout {
  constructor(readonly home: string) {}

  get xorbs(): string {
    return `${this.home}/xorbs`;
  }

  get shards(): string {
    return `${this.home}/shards`;
  }

  get temporary(): string {
    return `${this.home}/tmp`;
  }

  /** A file for each process that stores at this moment. */
  get sessions(): string {
    return `${this.home}/sessions`;
  }

  /** There while a collector deletes: nobody stores meanwhile. */
  get collecting(): string {
    return `${this.home}/collecting`;
  }

  xorb(hash: XetHash): string {
    return `${this.xorbs}/${hash.slice(0, 2)}/${hash}`;
  }

  /** An empty file that says: bytes of this xorb were found damaged. */
  damaged(hash: XetHash): string {
    return `${this.xorb(hash)}.damaged`;
  }

  shard(name: string): string {
    return `${this.shards}/${name}`;
  }

  /** Where a switch keeps the real file of an asset that the work tree does not show now. */
  materialized(sha256: Sha256): string {
    return `${this.home}/materialized/${sha256}`;
  }

  /** The cache of git-lfs in the same git directory. */
  lfsObject(sha256: Sha256): string {
    return `${parentOf(this.home)}/lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
  }
}
