import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { SaveHandler } from '@jupyterlab/docmanager/lib/savehandler';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { setReadOnly } from '../../src/lab/share/read-only';

const HOUR = 3_600_000;

/** A document with changes, as far as JupyterLab's own autosave looks at it. */
class Document {
  readonly fileChanged = new Signal<this, void>(this);
  readonly disposed = new Signal<this, void>(this);
  readonly model = { dirty: true };
  readonly save = vi.fn(async () => undefined);

  get canSave(): boolean {
    return true;
  }

  get contentsModel(): { readonly path: string; readonly writable: boolean } {
    return { path: 'a.ipynb', writable: true };
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('keeps JupyterLab’s autosave from a document that may only be looked at, for as long as that is so', async () => {
  const document = new Document();
  const context = document as unknown as DocumentRegistry.Context;
  setReadOnly(context, true);
  const autosave = new SaveHandler({ context, saveInterval: 120 });
  autosave.start();
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(document.save).not.toHaveBeenCalled();
  expect(context.contentsModel).toEqual({ path: 'a.ipynb', writable: false });
  setReadOnly(context, false);
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(document.save).toHaveBeenCalled();
  expect(context.contentsModel?.writable).toBe(true);
  autosave.dispose();
});
