import { describe, expect, it } from 'vitest';
import type { SharedWorkspace } from '../../src/core/model/namespace';
import { arrange, isProjectPath } from '../../src/lab/share/arrange';

const workspace = (documents: readonly string[], dock: unknown = null): SharedWorkspace => ({
  project: 'iris',
  branch: 'main',
  documents,
  layout: dock && { data: { 'layout-restorer:data': { main: { dock } } }, metadata: { id: 'x' } }
});
const tabs = (...widgets: readonly string[]): object => ({ type: 'tab-area', widgets, currentIndex: 0 });
const split = (orientation: string, ...children: readonly object[]): object => ({
  type: 'split-area',
  orientation,
  children,
  sizes: children.map(() => 1)
});

describe('the documents of a link', () => {
  it('are opened as tabs when there is no arrangement', () => {
    expect(arrange(workspace(['a.ipynb', 'data/b.csv']))).toEqual({
      openings: [
        { path: 'a.ipynb', mode: 'tab-after', beside: null },
        { path: 'data/b.csv', mode: 'tab-after', beside: null }
      ],
      front: 'a.ipynb'
    });
  });

  it('stand beside and below each other as they did', () => {
    const dock = split(
      'horizontal',
      tabs('notebook:a.ipynb', 'editor:n.md'),
      split('vertical', tabs('csv:b.csv'), tabs('image:c.png'))
    );
    expect(arrange(workspace(['a.ipynb', 'n.md', 'b.csv', 'c.png'], dock)).openings).toEqual([
      { path: 'a.ipynb', mode: 'tab-after', beside: null },
      { path: 'n.md', mode: 'tab-after', beside: 'a.ipynb' },
      { path: 'b.csv', mode: 'split-right', beside: 'a.ipynb' },
      { path: 'c.png', mode: 'split-bottom', beside: 'b.csv' }
    ]);
  });

  it('are only those that the link names: a layout opens nothing by itself', () => {
    const dock = tabs('terminal:1', 'notebook:other.ipynb', 'notebook:a.ipynb', 'editor:a.ipynb');
    expect(arrange(workspace(['a.ipynb'], dock)).openings).toEqual([
      { path: 'a.ipynb', mode: 'tab-after', beside: null }
    ]);
  });

  it('never lie outside the project', () => {
    const { openings } = arrange(workspace(['../x', '/etc/passwd', 'a/../../b', 'C:\\x', 'RTC:x', '', 'ok.md']));
    expect(openings.map(({ path }) => path)).toEqual(['ok.md']);
    expect(isProjectPath('data/..x/y.csv')).toBe(true);
  });

  it.each([[{ widgets: 'x' }], [{ children: [null, 7, 'x'] }], [[]], ['x'], [nested(200)]])(
    'are opened whatever the arrangement is: %#',
    dock => {
      expect(arrange(workspace(['a.ipynb'], dock)).openings.map(({ path }) => path)).toEqual(['a.ipynb']);
    }
  );
});

function nested(depth: number): object {
  return depth === 0 ? tabs('notebook:a.ipynb') : split('horizontal', nested(depth - 1));
}
