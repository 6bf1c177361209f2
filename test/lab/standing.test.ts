import { describe, expect, it } from 'vitest';
import type { Presence } from '../../src/core/model/namespace';
import type { RemoteCheck } from '../../src/core/model/sharing';
import { nameForFork, projectNameOf } from '../../src/lab/share/names';
import {
  incomingInWords,
  initials,
  isViewing,
  namespaceAddress,
  otherPeople,
  presenceInWords,
  pushBlock,
  sharedName,
  snapshotBlock
} from '../../src/lab/share/standing';
import type { IProjectModel } from '../../src/lab/tokens';
import { check, remote, snapshot } from './sharing-data';
import { trans } from './translation';

const project = (given: RemoteCheck | null, branches: readonly string[] = ['main']): IProjectModel =>
  ({
    sharing: { check: given, remotes: [remote] },
    status: { branch: 'main' },
    branches: branches.map(name => ({ name }))
  }) as unknown as IProjectModel;

describe('the name a project is shared by', () => {
  it('is the place’s, else the end of the address', () => {
    expect(sharedName({ check: check(), remotes: [remote] })).toBe('ml-team/iris');
    expect(sharedName({ check: null, remotes: [{ ...remote, address: 'https://hub/team/wine/' }] })).toBe('team/wine');
    expect(sharedName({ check: null, remotes: [] })).toBeNull();
    expect(sharedName({ check: null, remotes: null })).toBeNull();
  });

  it('leads to its namespace, unless the remote is a plain git host', () => {
    expect(namespaceAddress(check())).toBe('/srv/team/ml-team');
    expect(namespaceAddress(check({ namespace: null }))).toBeNull();
  });
});

describe('what somebody may do', () => {
  it.each([
    ['a viewer on a shared branch', { right: 'view' }, true],
    ['a runner on a shared branch', { right: 'run' }, true],
    ['a viewer on a branch of their own', { right: 'view', upstream: null }, false],
    ['an editor', { right: 'edit' }, false],
    ['somebody at a plain git host, which tells no rights', { right: null }, false]
  ] as const)('%s', (_, changes, viewing) => {
    expect(isViewing(check(changes))).toBe(viewing);
    expect(snapshotBlock(project(check(changes)), trans) !== null).toBe(viewing);
  });

  it('is not guessed before the place was asked', () => {
    expect([isViewing(null), pushBlock(project(null), trans), snapshotBlock(project(null), trans)]).toEqual([
      false,
      null,
      null
    ]);
  });

  it('tells why a protected branch takes no push', () => {
    const blocked = check({ canPush: false, reason: 'Only owners push to main.' });
    expect(pushBlock(project(blocked), trans)).toBe('Only owners push to main.');
    expect(snapshotBlock(project(blocked), trans)).toBeNull();
  });
});

describe('what is new there', () => {
  const words = (behind: number, ...authors: readonly string[]): string | null =>
    incomingInWords(check({ behind, incoming: authors.map(name => snapshot(name)) }), trans);

  it('is said with who made it', () => {
    expect(words(0)).toBeNull();
    expect(words(1, 'Anna')).toBe('1 snapshot by Anna on main');
    expect(words(3, 'Anna', 'Ben', 'Anna')).toBe('3 snapshots by Anna and Ben on main');
    expect(words(60, 'Anna', 'Ben', 'Cleo', 'Dan')).toBe('60 snapshots by Anna, Ben and 2 more on main');
  });
});

describe('people', () => {
  const anna: Presence = { user: 'anna', displayName: 'Anna Meyer', branch: 'main', document: 'a.ipynb', seen: 0 };

  it('are the others, with where they are', () => {
    const ada = { ...anna, user: 'ada' };
    expect(otherPeople(check({ people: [ada, anna] }))).toEqual([anna]);
    expect(presenceInWords(anna, trans)).toBe('Anna Meyer is on main, in a.ipynb');
    expect(presenceInWords({ ...anna, document: null, displayName: '' }, trans)).toBe('anna is on main');
  });

  it.each([
    ['Anna Meyer', 'AM'],
    ['ada', 'A'],
    ['ben.o-neil@example.org', 'BO'],
    ['Żółć 山田', 'Ż山'],
    ['', '']
  ])('%s are drawn as %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('names', () => {
  it('of a fork tell whose it is and never meet another branch', () => {
    expect(nameForFork(project(check()))).toBe('main-ada');
    expect(nameForFork(project(check(), ['main-ada', 'main-ada-2']))).toBe('main-ada-3');
  });

  it.each([
    ['/home/ada/Iris Study', 'iris-study'],
    ['C:\\work\\wine.git', 'wine'],
    ['/srv/..x..y', 'x.y'],
    ['/home/été', 't'],
    ['/', 'project']
  ])('of a published %s is %s', (root, name) => {
    expect(projectNameOf(root)).toBe(name);
  });
});
