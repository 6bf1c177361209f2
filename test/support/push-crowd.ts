/** People who bring contents and push commits that name them, at the same time, to a hub that may go away under them. */
import { encodePointer } from '../../src/core/format/pointer';
import { sha256 } from './asset-person';
import { pushCommit, tipOf } from './light-push';
import { randomBytes } from './random-bytes';

type Work = { readonly message: string; readonly content: Buffer };

const SIZE = 20_000;
/** The hub says that it stops. */
const STOPPING = 503;

/** The hub is gone, or going. */
class Gone extends Error {}

export class PushCrowd {
  /** Acknowledged commits of each branch, and contents. */
  readonly commits = new Map<string, string[]>();
  readonly contents = new Set<string>();
  /** Every status that was answered. */
  readonly statuses = new Set<number>();
  /** What each was at when the hub went: it comes again. */
  private readonly _begun: Work[];
  private _taken = 0;
  private _made = 0;

  constructor(
    private readonly _token: string,
    private readonly _people: number,
    branches: number
  ) {
    Array.from({ length: branches }, (_, each) => this.commits.set(`branch-${each}`, []));
    this._begun = Array.from({ length: _people }, () => this._work());
  }

  /** Everybody pushes until the hub is gone, or it went well for them `times` times; `event` happens after `after` pushes. */
  async push(
    project: string,
    { times, after, event }: { times?: number; after?: number; event?: () => Promise<unknown> }
  ): Promise<void> {
    const until = this._taken + (after ?? Infinity);
    let happens: Promise<unknown> = Promise.resolve();
    const onTaken = (): void => {
      this._taken += 1;
      if (this._taken === until) {
        happens = event!();
      }
    };
    const people = Array.from({ length: this._people }, (_, each) => this._person(project, each, times, onTaken));
    await Promise.all(people);
    await happens;
  }

  private async _person(project: string, each: number, times = Infinity, onTaken: () => void): Promise<void> {
    const branch = `branch-${each % this.commits.size}`;
    try {
      for (let time = 0; time < times; time++) {
        await this._bring(project, this._begun[each]!);
        await this._commit(project, branch, this._begun[each]!);
        this._begun[each] = this._work();
        onTaken();
      }
    } catch (error) {
      if (!(error instanceof Gone)) {
        throw error;
      }
    }
  }

  private _work(): Work {
    return { message: `push ${this._made++}`, content: randomBytes(SIZE) };
  }

  private async _bring(project: string, { content }: Work): Promise<void> {
    const oid = sha256(content);
    const headers = { authorization: `Bearer ${this._token}`, 'content-type': 'application/octet-stream' };
    const address = `${project}.git/info/lfs/objects/${oid}`;
    const { status } = await orGone(fetch(address, { method: 'PUT', headers, body: new Uint8Array(content) }));
    this._heard(status);
    this.contents.add(oid);
  }

  /** Made anew on what others have pushed. */
  private async _commit(project: string, branch: string, { message, content }: Work): Promise<void> {
    const client = { url: `${project}.git`, token: this._token };
    const pointer = Buffer.from(encodePointer({ sha256: sha256(content), size: content.length }));
    for (;;) {
      const { status, tip } = await orGone(tipOf(client, branch));
      this._heard(status);
      const pushed = await orGone(pushCommit(client, branch, tip, message, pointer));
      this._heard(pushed.status);
      if (pushed.ok) {
        this.commits.get(branch)!.push(pushed.commit);
        return;
      }
    }
  }

  private _heard(status: number): void {
    this.statuses.add(status);
    if (status === STOPPING) {
      throw new Gone();
    }
  }
}

async function orGone<T>(answer: Promise<T>): Promise<T> {
  return answer.catch(() => {
    throw new Gone();
  });
}
