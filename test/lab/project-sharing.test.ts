import { describe, expect, it, vi } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { ProjectSharing } from '../../src/lab/model/project-sharing';
import { check, remote } from './sharing-data';

type Project = ConstructorParameters<typeof ProjectSharing>[0];

const people = [{ user: 'ben', displayName: 'Ben', branch: 'main', document: null, seen: 0 }];

/** A project whose remotes answer as told. */
function project(remotes: readonly object[]) {
  const run = vi.fn((_verb: string, args: { action: string }) =>
    Promise.resolve(args.action === 'list' ? { remotes } : { remotes, check: check({ behind: 2, people }) })
  );
  return { run, status: { branch: 'main' } };
}

const sharing = (asked: object): ProjectSharing => new ProjectSharing(asked as Project);

describe('how a project stands to where it is shared', () => {
  it('is asked with the document in front, and announced', async () => {
    const asked = project([remote]);
    const state = sharing(asked);
    const changed = vi.fn();
    state.changed.connect(changed);
    await state.refresh('analysis.ipynb');
    expect(asked.run).toHaveBeenLastCalledWith('remote', { action: 'check', document: 'analysis.ipynb' });
    expect(state.check?.behind).toBe(2);
    expect(changed).toHaveBeenCalledOnce();
  });

  it('asks nobody when there is no remote', async () => {
    const asked = project([]);
    const state = sharing(asked);
    await state.refresh(null);
    expect(asked.run).toHaveBeenCalledOnce();
    expect([state.remotes, state.check]).toEqual([[], null]);
  });

  it('says nothing of another branch than the one that was asked about', async () => {
    const asked = project([remote]);
    const state = sharing(asked);
    await state.refresh(null);
    asked.status = { branch: 'experiment' };
    expect(state.check).toBeNull();
  });

  it('keeps the last answer beside the reason why there is no newer one', async () => {
    const asked = project([remote]);
    const state = sharing(asked);
    await state.refresh('a.ipynb');
    expect(state.check?.people).toHaveLength(1);
    asked.run.mockRejectedValue(new BranchbookError('PLACE_UNREACHABLE', 'It does not answer.'));
    await expect(state.refresh()).rejects.toThrow('It does not answer.');
    expect(state.check?.behind).toBe(2);
    // Who is there now, nobody knows.
    expect(state.check?.people).toEqual([]);
    expect(state.problem?.code).toBe('PLACE_UNREACHABLE');
  });
});
