import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

/** A tab whose file does not exist on the branch that is checked out now. */
export type RememberedTab = {
  /** Project path. */
  readonly path: string;
  readonly factory: string | null;
  readonly area: string;
  /** Id of the tab it stood after; null at the start of its area. */
  readonly after: string | null;
  readonly active: boolean;
};

type Memory = { [root: string]: { [branch: string]: readonly RememberedTab[] } };

const key = 'branchbook:tabs';

/** Which tabs to open again when a branch comes back. Kept in Lab's state, so that it survives a reload of the page. */
export class TabMemory {
  constructor(private readonly _state: IStateDB | null) {}

  async remember(root: string, branch: string, tabs: readonly RememberedTab[]): Promise<void> {
    const memory = await this._load();
    const older = memory[root]?.[branch] ?? [];
    const paths = new Set(tabs.map(tab => tab.path));
    memory[root] = { ...memory[root], [branch]: [...older.filter(tab => !paths.has(tab.path)), ...tabs] };
    await this._save(memory);
  }

  /** The tabs of a branch; they are forgotten, because they are about to be open. */
  async take(root: string, branch: string): Promise<readonly RememberedTab[]> {
    const memory = await this._load();
    const tabs = memory[root]?.[branch] ?? [];
    if (tabs.length > 0) {
      delete memory[root]![branch];
      await this._save(memory);
    }
    return tabs;
  }

  private async _load(): Promise<Memory> {
    this._memory ??= ((await this._state?.fetch(key)) ?? {}) as unknown as Memory;
    return this._memory;
  }

  private async _save(memory: Memory): Promise<void> {
    await this._state?.save(key, memory as unknown as ReadonlyPartialJSONValue);
  }

  private _memory: Memory | null = null;
}
