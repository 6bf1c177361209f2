import { describe, expect, it, vi } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { ProjectSharing } from '../../src/lab/model/project-sharing';
import { isViewing } from '../../src/lab/share/standing';
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
    expect(changed).toHaveBeenCalledTimes(2);
    await state.refresh();
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('is first told as the place said it last, and stays so when that does not answer', async () => {
    const asked = project([remote]);
    asked.run.mockImplementation(async (_verb, args: { action: string; offline?: true }) => {
      if (args.action === 'check' && !args.offline) {
        throw new BranchbookError('PLACE_UNREACHABLE', 'It does not answer.');
      }
      return args.action === 'list' ? { remotes: [remote] } : { remotes: [remote], check: check({ right: 'view' }) };
    });
    const state = sharing(asked);
    const viewing: boolean[] = [];
    state.changed.connect(() => viewing.push(isViewing(state.check)));
    await expect(state.refresh('a.ipynb')).rejects.toThrow('It does not answer.');
    await expect(state.refresh('a.ipynb')).rejects.toThrow('It does not answer.');
    expect(viewing).toEqual([true, true, true]);
    expect(state.problem?.code).toBe('PLACE_UNREACHABLE');
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
