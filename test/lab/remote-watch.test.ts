import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RemoteWatch } from '../../src/lab/share/remote-watch';
import type { IBranchbook, IProjectModel } from '../../src/lab/tokens';

beforeEach(() => void vi.stubGlobal('window', new EventTarget()));
afterEach(() => void vi.unstubAllGlobals());

/** A project on a branch, whose place answers when it is told to. */
function project(branch: string) {
  let answer: () => void = () => undefined;
  const refresh = vi.fn(() => new Promise<void>(resolve => (answer = resolve)));
  const status = { branch, head: { commit: '1'.repeat(40) } };
  const model = { status, sharing: { refresh }, stateChanged: new Signal<object, void>({}) };
  return { model: model as unknown as IProjectModel, refresh, answer: () => answer() };
}

it('asks about the project that is current when it turned so while another one was asked about', async () => {
  const [first, second] = [project('main'), project('other')];
  const branchbook = { current: first.model, currentChanged: new Signal<object, void>({}) };
  const watch = new RemoteWatch({
    branchbook: branchbook as unknown as IBranchbook,
    frontDocument: () => null
  });
  await vi.waitUntil(() => first.refresh.mock.calls.length === 1);
  branchbook.current = second.model;
  branchbook.currentChanged.emit();
  first.answer();
  await vi.waitUntil(() => second.refresh.mock.calls.length === 1);
  second.answer();
  expect(first.refresh).toHaveBeenCalledTimes(1);
  watch.dispose();
});
