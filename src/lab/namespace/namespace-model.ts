import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { hasCode } from '../../core/error';
import type { AccessObject } from '../../core/model/access';
import type { AuditEvent, AuditQuery, WhoCan } from '../../core/model/namespace';
import type { Verbs } from '../../core/model/result';
import type { IBranchbook } from '../tokens';
import type { Build, Call, View } from './changes';
import { failureInWords } from './words';

export type NamespaceState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly view: View };

/** What the last change did, and how it is taken back. */
export type Done = { readonly words: string; readonly undo: Build | null };

/** What the core answers to a change. */
export type Answer = Verbs[Call['verb']]['result'];

export type Runs = Pick<IBranchbook, 'run'>;

/** Lines of a log that were asked for at a time. */
const page = 100;

/** A log as far as it was read. */
export type Log = {
  readonly events: readonly AuditEvent[];
  readonly loading: boolean;
  readonly more: boolean;
  readonly problem: string | null;
};

const unread: Log = { events: [], loading: false, more: true, problem: null };

/** One namespace as its page shows it: what is there, the last change with its undo, and the logs. */
export class NamespaceModel implements IDisposable {
  constructor(
    private readonly _runs: Runs,
    /** `<place>/<namespace>`. */
    readonly address: string,
    private readonly _trans: TranslationBundle
  ) {}

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /** A change was made. */
  get made(): ISignal<this, void> {
    return this._made;
  }

  get state(): NamespaceState {
    return this._state;
  }

  /** True while a change is on its way: offer no other. */
  get busy(): boolean {
    return this._busy;
  }

  get done(): Done | null {
    return this._done;
  }

  /** Why the last change was refused, in words; null when it was not. */
  get refusal(): string | null {
    return this._refusal;
  }

  /** Everything that was done, for those who manage. */
  get audit(): Log {
    return this._audit;
  }

  get filter(): AuditQuery {
    return this._filter;
  }

  /** What teammates did. */
  get activity(): Log {
    return this._activity;
  }

  /** Which part of the page is looked at. */
  get tab(): string {
    return this._tab;
  }

  set tab(tab: string) {
    this._set(() => (this._tab = tab));
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  async load(): Promise<void> {
    try {
      const view = await this._fetch();
      this._set(() => (this._state = { kind: 'loaded', view }));
    } catch (error) {
      this._set(() => (this._state = { kind: 'problem', message: failureInWords(error) }));
    }
  }

  /**
   * Change something. What is sent is made from the namespace as it is now, not as it was shown: somebody else may have
   * changed another cell of the table since. Resolves to what the core answered; null when it was refused.
   */
  async change(build: Build): Promise<Answer | null> {
    if (this._busy) {
      return null;
    }
    this._set(() => {
      this._busy = true;
      this._refusal = null;
    });
    try {
      const change = build(await this._fetch());
      const answer = await this._send(change.call);
      this._done = { words: change.words, undo: change.undo ?? null };
      await this._reload();
      this._made.emit();
      return answer;
    } catch (error) {
      this._done = null;
      this._refusal = hasCode(error, 'CANCELLED') ? null : failureInWords(error);
      return null;
    } finally {
      this._set(() => (this._busy = false));
    }
  }

  async undo(): Promise<void> {
    const undo = this._done?.undo;
    if (undo) {
      await this.change(undo);
    }
  }

  /** Who can do what with something, and why. Rejects with a BranchbookError. */
  async whoCan(object: AccessObject): Promise<readonly WhoCan[]> {
    const { who } = await this._runs.run('share', { action: 'explain', namespace: this.address, object });
    return who ?? [];
  }

  async loadActivity(): Promise<void> {
    this._set(() => (this._activity = { ...this._activity, loading: true }));
    const log = await this._read(async () => {
      const args = { action: 'activity', namespace: this.address, limit: page } as const;
      return (await this._runs.run('namespace', args)).events ?? [];
    });
    this._set(() => (this._activity = { ...log, more: false }));
  }

  /** Read the log from its newest line, of what `filter` asks for. */
  async loadAudit(filter: AuditQuery): Promise<void> {
    this._filter = filter;
    this._audit = unread;
    await this.continueAudit();
  }

  async continueAudit(): Promise<void> {
    const { events, loading, more } = this._audit;
    if (loading || !more) {
      return;
    }
    const filter = this._filter;
    const before = events[events.length - 1]?.id;
    this._set(() => (this._audit = { ...this._audit, loading: true }));
    const log = await this._read(async () => {
      const query = { ...filter, limit: page, ...(before !== undefined && { before }) };
      return (await this._runs.run('namespace', { action: 'audit', namespace: this.address, ...query })).events ?? [];
    });
    // A later filter may have been answered first.
    if (filter === this._filter) {
      this._set(() => (this._audit = { ...log, events: [...events, ...log.events] }));
    }
  }

  private async _read(fetch: () => Promise<readonly AuditEvent[]>): Promise<Log> {
    try {
      const events = await fetch();
      return { events, loading: false, more: events.length === page, problem: null };
    } catch (error) {
      return { events: [], loading: false, more: false, problem: failureInWords(error) };
    }
  }

  private _send(call: Call): Promise<Answer> {
    const named = { ...call.args, namespace: this.address };
    return this._runs.run(call.verb, named as Call['args']);
  }

  private async _fetch(): Promise<View> {
    const { view } = await this._runs.run('namespace', { action: 'show', namespace: this.address });
    if (!view) {
      throw new Error(this._trans.__('The core told nothing of the namespace.'));
    }
    return view;
  }

  /** A change that was made stays made when the look at it afterwards fails. */
  private async _reload(): Promise<void> {
    await this.load();
    if (this._activity.events.length > 0) {
      await this.loadActivity();
    }
  }

  private _set(change: () => void): void {
    if (!this._isDisposed) {
      change();
      this._stateChanged.emit();
    }
  }

  private _state: NamespaceState = { kind: 'loading' };
  private _tab = 'access';
  private _busy = false;
  private _done: Done | null = null;
  private _refusal: string | null = null;
  private _audit: Log = unread;
  private _filter: AuditQuery = {};
  private _activity: Log = unread;
  private _isDisposed = false;
  private readonly _made = new Signal<this, void>(this);
  private readonly _stateChanged = new Signal<this, void>(this);
}
