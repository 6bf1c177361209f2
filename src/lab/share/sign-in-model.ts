import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { Identity } from '../../core/model/access';
import type { IBranchbook } from '../tokens';

export type SignInState =
  | { readonly kind: 'idle' }
  /** `text` says what to do; `page` is where, when it is somewhere. */
  | { readonly kind: 'waiting'; readonly text: string; readonly page: string | null }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly identity: Identity };

/** Signing in to one place: by a page that the place names, or by a token. */
export class SignInModel {
  constructor(
    readonly place: string,
    private readonly _run: IBranchbook['run']
  ) {}

  get state(): SignInState {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Never rejects; `state` tells how it went. */
  async start(token?: string): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this._abort = abort;
    this._set({ kind: 'waiting', text: '', page: null });
    try {
      const { identity } = await this._run(
        'login',
        { place: this.place, ...(token ? { token } : {}) },
        { signal: abort.signal, onProgress: ({ phase }) => this._tell(abort, phase) }
      );
      this._finish(abort, { kind: 'done', identity });
    } catch (cause) {
      const { message, hint } = BranchbookError.from(cause);
      this._finish(abort, { kind: 'failed', message: [message, hint].filter(Boolean).join(' ') });
    }
  }

  cancel(): void {
    this._abort?.abort();
    this._abort = null;
  }

  private _tell(abort: AbortController, phase: string): void {
    this._finish(abort, { kind: 'waiting', text: phase, page: pageIn(phase, this.place) });
  }

  /** What a sign-in that was given up still says is of no interest. */
  private _finish(abort: AbortController, state: SignInState): void {
    if (this._abort === abort) {
      this._set(state);
    }
  }

  private _set(state: SignInState): void {
    this._state = state;
    this._changed.emit();
  }

  private _state: SignInState = { kind: 'idle' };
  private _abort: AbortController | null = null;
  private readonly _changed = new Signal<this, void>(this);
}

/** The web address in a sentence; nothing but http and https is ever made a link. */
export function pageIn(text: string, place: string): string | null {
  const found = /https?:\/\/[^\s"'<>]+/.exec(text)?.[0].replace(/[.,;:!?)]+$/, '');
  if (found === undefined) {
    return null;
  }
  try {
    // A place that was asked over TLS must not send its users to a page without.
    const page = new URL(found);
    return place.startsWith('https:') && page.protocol !== 'https:' ? null : page.href;
  } catch {
    return null;
  }
}
