import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ProgressLine } from '../../service/protocol';
import { amountInWords } from '../panel/words';
import type { RunOptions } from '../tokens';

/** Milliseconds before progress is shown: most switches are over sooner, and a flash would only disturb. */
const patience = 500;
/** Milliseconds it stays once shown: JupyterLab draws it late, and what is taken away before that stays for ever. */
const shortest = 1000;

/** A notification with progress and a Cancel action for one operation; disposing takes it away. */
export class ProgressNotification implements IDisposable {
  constructor(
    private readonly _title: string,
    private readonly _cancel: () => void,
    private readonly _trans: TranslationBundle
  ) {
    this._timer = window.setTimeout(() => this._show(), patience);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  update(progress: ProgressLine): void {
    this._last = progress;
    if (this._id !== null) {
      Notification.update({ id: this._id, message: this._message(), progress: this._fraction(), ...this._options() });
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    if (this._id !== null) {
      const id = this._id;
      const rest = Math.max(this._shown + shortest - Date.now(), 0);
      window.setTimeout(() => Notification.dismiss(id), rest);
    }
  }

  private _show(): void {
    this._shown = Date.now();
    this._id = Notification.emit(this._message(), 'in-progress', { progress: this._fraction(), ...this._options() });
  }

  private _options(): Notification.IOptions<string> {
    return { autoClose: false, actions: [{ label: this._trans.__('Cancel'), callback: this._cancel }] };
  }

  private _fraction(): number {
    const { done, total } = this._last ?? { done: 0, total: null };
    return total ? Math.min(done / total, 1) : 0;
  }

  private _message(): string {
    if (!this._last) {
      return this._title;
    }
    const amount = this._last.unit === 'bytes' ? amountInWords(this._last) : '';
    return [this._title, this._last.phase, amount].filter(Boolean).join(' ');
  }

  private readonly _timer: number;
  private _id: string | null = null;
  private _shown = 0;
  private _last: ProgressLine | null = null;
  private _isDisposed = false;
}

/** Show the progress of `work`, which the user may cancel: it then rejects with CANCELLED. */
export async function withProgress<T>(
  title: string,
  trans: TranslationBundle,
  work: (options: RunOptions) => Promise<T>
): Promise<T> {
  const controller = new AbortController();
  const notification = new ProgressNotification(title, () => controller.abort(), trans);
  try {
    return await work({ signal: controller.signal, onProgress: progress => notification.update(progress) });
  } finally {
    notification.dispose();
  }
}
