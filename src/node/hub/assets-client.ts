import { createHash } from 'node:crypto';
import { BranchbookError } from '../../core/error';
import type { Sha256, XetHash } from '../../core/model/asset';
import type { ProjectRecord } from '../../core/model/namespace';
import type { Activity, IRemoteAssets } from '../../core/port';
import { again, pauseOrFail } from '../http/again';
import type { HubHttp, HubQuestion } from './http';
import { projectPath } from './namespaces';

/** Everything asked of contents may be asked again: what is written has the hash of its bytes as its name. */
export class HubAssets implements IRemoteAssets {
  private readonly _path: string;

  constructor(
    private readonly _http: HubHttp,
    { namespace, name }: Pick<ProjectRecord, 'namespace' | 'name'>
  ) {
    this._path = projectPath(namespace, name);
  }

  has(contents: readonly Sha256[], activity: Activity = {}): Promise<ReadonlySet<Sha256>> {
    return this._there('assets/has', contents, {}, activity);
  }

  keep(
    contents: readonly Sha256[],
    { elsewhere = false, ...activity }: Activity & { readonly elsewhere?: boolean } = {}
  ): Promise<ReadonlySet<Sha256>> {
    return this._there('assets/keep', contents, { elsewhere }, activity);
  }

  /** A push is refused by the hub when it names what is not there. */
  async isLeaving(): Promise<boolean> {
    return false;
  }

  manifest(contents: readonly Sha256[], activity: Activity = {}): Promise<Uint8Array> {
    const question = this._post('assets/manifest', { json: { contents }, activity, longest: LONGEST_MANIFEST });
    return again(activity, () => this._http.bytes(question));
  }

  locate(chunks: Uint8Array, activity: Activity = {}): Promise<Uint8Array> {
    const question = this._post('assets/locate', { bytes: chunks, activity });
    return again(activity, () => this._http.bytes(question));
  }

  async readXorb(xorb: XetHash, start: number, into: Uint8Array, activity: Activity = {}): Promise<number> {
    const path = `${this._path}/assets/xorbs/${xorb}`;
    let filled = 0;
    for (let attempt = 0; filled < into.length; attempt++) {
      const headers = rangeHeader(start + filled, start + into.length);
      const onBytes = (count: number): void => {
        filled += count;
        attempt = 0;
      };
      try {
        await this._http.fill({ method: 'GET', path, headers, activity }, into.subarray(filled), onBytes);
        break;
      } catch (error) {
        await pauseOrFail(error, attempt, activity);
      }
    }
    return filled;
  }

  async writeXorb(
    xorb: XetHash,
    size: number,
    open: () => AsyncIterable<Uint8Array>,
    activity: Activity = {}
  ): Promise<void> {
    const asked = this._post('assets/xorbs', { json: { xorbs: [xorb] }, activity });
    const { xorbs } = await again(activity, () => this._http.json<{ readonly xorbs: readonly XetHash[] }>(asked));
    const path = `${this._path}/assets/xorbs/${xorb}`;
    if (!xorbs.includes(xorb)) {
      await again(activity, () => this._http.bytes({ method: 'PUT', path, pieces: { size, from: open() }, activity }));
    }
  }

  async writeManifest(shard: Uint8Array, activity: Activity = {}): Promise<void> {
    const path = `${this._path}/assets/manifests`;
    // The hub reads every new content once before it answers.
    await again(activity, () =>
      this._http.bytes({ method: 'PUT', path, bytes: shard, activity, timeout: MANIFEST_TIMEOUT })
    );
  }

  async *read(sha256: Sha256, start = 0, end = Infinity, activity: Activity = {}): AsyncGenerator<Uint8Array> {
    const isWhole = start <= 0 && end === Infinity;
    const digest = createHash('sha256');
    for await (const bytes of this._range(sha256, Math.max(0, start), end, activity)) {
      digest.update(bytes);
      yield bytes;
    }
    if (isWhole && digest.digest('hex') !== sha256) {
      throw new BranchbookError('OBJECT_CORRUPT', `What came is not the content ${sha256}.`, { sha256 }, 'Try again.');
    }
  }

  /** Bytes `[start, end)` of a content. What came before a connection broke is not asked for again. */
  private async *_range(sha256: Sha256, start: number, end: number, activity: Activity): AsyncGenerator<Uint8Array> {
    const path = `${this._path}/contents/${sha256}`;
    let at = start;
    for (let attempt = 0; at < end; attempt++) {
      try {
        const headers = rangeHeader(at, end);
        const { body } = await this._http.stream({ method: 'GET', path, headers, activity });
        for await (const bytes of body) {
          at += bytes.length;
          attempt = 0;
          yield bytes;
        }
        return;
      } catch (error) {
        await pauseOrFail(error, attempt, activity);
      }
    }
  }

  private async _there(
    what: string,
    contents: readonly Sha256[],
    more: { readonly elsewhere?: boolean },
    activity: Activity
  ): Promise<ReadonlySet<Sha256>> {
    const there = new Set<Sha256>();
    // Also about none: whether one may ask is told.
    for (let at = 0; at === 0 || at < contents.length; at += ASKED_AT_ONCE) {
      const asked = contents.slice(at, at + ASKED_AT_ONCE);
      const question = this._post(what, { json: { contents: asked, ...more }, activity });
      const answer = await again(activity, () => this._http.json<{ readonly contents: readonly Sha256[] }>(question));
      answer.contents.forEach(sha256 => there.add(sha256));
    }
    return there;
  }

  private _post(what: string, question: Omit<HubQuestion, 'method' | 'path'>): HubQuestion {
    return { method: 'POST', path: `${this._path}/${what}`, ...question };
  }
}

/** Contents in one question: a hub takes 10,000 of them, and 1 MiB. */
const ASKED_AT_ONCE = 5_000;
/** Bytes: of one content of 256 GiB. Of several, a hub describes as many as are small together. */
const LONGEST_MANIFEST = 256 * 1024 * 1024;
/** Milliseconds. */
const MANIFEST_TIMEOUT = 30 * 60_000;

function rangeHeader(start: number, end: number): Record<string, string> {
  return start === 0 && end === Infinity ? {} : { range: `bytes=${start}-${end === Infinity ? '' : end - 1}` };
}
