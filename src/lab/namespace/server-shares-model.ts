import { type ISignal, Signal } from '@lumino/signaling';
import type { ComputeArgs, ComputeResult, ServerShare } from '../../core/model/sharing';
import type { Runs } from './namespace-model';
import { failureInWords } from './words';

type Code = NonNullable<ComputeResult['codes']>[number];

/** With whom the running server is shared, through JupyterHub. */
export class ServerSharesModel {
  constructor(private readonly _runs: Runs) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** null until first loaded. */
  get shares(): readonly ServerShare[] | null {
    return this._shares;
  }

  get codes(): readonly Code[] {
    return this._codes;
  }

  /** Why the last thing did not work, in words. */
  get problem(): string | null {
    return this._problem;
  }

  /** A link that was just made: it is told this once. */
  get link(): string | null {
    return this._link;
  }

  get busy(): boolean {
    return this._busy;
  }

  load(): Promise<void> {
    return this._try(() => this._read());
  }

  /** Do something about the shares, and look again. */
  async change(args: ComputeArgs): Promise<void> {
    await this._try(async () => {
      const { link } = await this._runs.run('compute', args);
      this._link = link ?? null;
      await this._read();
    });
  }

  private async _read(): Promise<void> {
    const { shares = [], codes = [] } = await this._runs.run('compute', { action: 'server-shares' });
    this._shares = shares;
    this._codes = codes;
  }

  private async _try(action: () => Promise<void>): Promise<void> {
    this._busy = true;
    this._problem = null;
    this._changed.emit();
    try {
      await action();
    } catch (error) {
      this._problem = failureInWords(error);
    } finally {
      this._busy = false;
      this._changed.emit();
    }
  }

  private _shares: readonly ServerShare[] | null = null;
  private _codes: readonly Code[] = [];
  private _problem: string | null = null;
  private _link: string | null = null;
  private _busy = false;
  private readonly _changed = new Signal<this, void>(this);
}
