import { describe, expect, it } from 'vitest';
import { mapWorkspace, type Workspace } from '../../src/lab/namespace/shared-layout';

const tab = (path: string) => ({ data: { path, factory: 'Notebook' } });
const tabs = (widgets: readonly string[], currentIndex = 0) => ({ type: 'tab-area', currentIndex, widgets });

/** As JupyterLab 4 saves it. */
const workspace: Workspace = {
  metadata: { id: 'default' },
  data: {
    'notebook:iris/analysis.ipynb': tab('iris/analysis.ipynb'),
    'editor:iris/notes/a:b.md': tab('iris/notes/a:b.md'),
    'notebook:private/salaries.ipynb': tab('private/salaries.ipynb'),
    'terminal:1': { data: { name: '1' } },
    'file-browser-filebrowser:cwd': { path: 'private' },
    'layout-restorer:data': {
      main: {
        current: 'editor:iris/notes/a:b.md',
        dock: {
          type: 'split-area',
          orientation: 'horizontal',
          sizes: [0.2, 0.5, 0.3],
          children: [
            tabs(['terminal:1']),
            tabs(['notebook:private/salaries.ipynb', 'notebook:iris/analysis.ipynb'], 1),
            tabs(['editor:iris/notes/a:b.md'])
          ]
        }
      },
      left: { collapsed: false, widgets: ['filebrowser'] }
    }
  }
};
const inside = (path: string) => (path.startsWith('iris/') ? path.slice(5) : null);

describe('a workspace that is sent', () => {
  it('holds the documents of the project by paths from its root, arranged as they were', () => {
    expect(mapWorkspace(workspace, inside)).toEqual({
      metadata: { id: 'default' },
      data: {
        'notebook:analysis.ipynb': tab('analysis.ipynb'),
        'editor:notes/a:b.md': tab('notes/a:b.md'),
        'layout-restorer:data': {
          main: {
            current: 'editor:notes/a:b.md',
            dock: {
              type: 'split-area',
              orientation: 'horizontal',
              sizes: [0.5, 0.3],
              children: [tabs(['notebook:analysis.ipynb']), tabs(['editor:notes/a:b.md'])]
            }
          }
        }
      }
    });
  });

  it('tells nothing of what is elsewhere', () => {
    const text = JSON.stringify(mapWorkspace(workspace, inside));
    expect(text).not.toMatch(/private|salaries|terminal/);
  });

  it('comes back as it was', () => {
    const sent = mapWorkspace(workspace, inside);
    const there = mapWorkspace(sent, path => `work/${path}`);
    expect(there.data['notebook:work/analysis.ipynb']).toEqual(tab('work/analysis.ipynb'));
    expect(mapWorkspace(there, path => path.slice('work/'.length))).toEqual(sent);
  });

  it('is empty when no document of the project is open', () => {
    expect(mapWorkspace(workspace, () => null).data).toEqual({ 'layout-restorer:data': { main: { dock: null } } });
  });
});
