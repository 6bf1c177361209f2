import { describe, expect, it } from 'vitest';
import { absoluteToContentsPath, toContentsPath, toProjectPath } from '../../src/lab/model/paths';

const below = { root: '/home/ada/work/titanic', contentsPath: 'work/titanic', projectPrefix: '' };
const same = { root: '/home/ada/work', contentsPath: '', projectPrefix: '' };
const inside = { root: '/home/ada/work', contentsPath: null, projectPrefix: 'notebooks/2026' };

describe('paths of the contents API and of the project', () => {
  it('leaves out the folders above a project below the Jupyter root', () => {
    expect(toProjectPath(below, 'work/titanic/data/a.csv')).toBe('data/a.csv');
    expect(toProjectPath(below, 'work/titanic')).toBe('');
    expect(toProjectPath(below, 'work/titanic-2/a.csv')).toBeNull();
    expect(toProjectPath(below, 'other.ipynb')).toBeNull();
    expect(toContentsPath(below, 'data/a.csv')).toBe('work/titanic/data/a.csv');
    expect(toContentsPath(below, '')).toBe('work/titanic');
  });

  it('is the identity when both roots are the same folder', () => {
    expect(toProjectPath(same, 'data/a.csv')).toBe('data/a.csv');
    expect(toContentsPath(same, 'data/a.csv')).toBe('data/a.csv');
  });

  it('adds the folders between the project and a Jupyter root inside it', () => {
    expect(toProjectPath(inside, 'a.ipynb')).toBe('notebooks/2026/a.ipynb');
    expect(toProjectPath(inside, '')).toBe('notebooks/2026');
    expect(toContentsPath(inside, 'notebooks/2026/a.ipynb')).toBe('a.ipynb');
    expect(toContentsPath(inside, 'data/a.csv')).toBeNull();
  });

  it('finds a worktree beside the project when Jupyter serves that folder', () => {
    expect(absoluteToContentsPath(below, '/home/ada/work/titanic-experiment')).toBe('work/titanic-experiment');
    expect(absoluteToContentsPath(same, '/home/ada/work-experiment')).toBeNull();
    expect(absoluteToContentsPath(inside, '/home/ada/work-experiment')).toBeNull();
    expect(absoluteToContentsPath(inside, '/home/ada/work/notebooks/2026/x')).toBe('x');
  });
});
