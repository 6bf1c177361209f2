import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';
import type { NamespaceView } from '../../src/core/model/namespace';
import {
  endOf,
  firstChoice,
  isMembership,
  missing,
  objectOf,
  type ShareChoice,
  shareChange
} from '../../src/lab/namespace/share-choice';

const trans = nullTranslator.load('branchbook');
const now = Date.UTC(2026, 10, 21, 12);
const scene = { project: 'iris', namespace: 'vision' };
const chosen = (part: Partial<ShareChoice>): ShareChoice => ({ ...firstChoice, name: 'dora', ...part });
const view = (names: readonly string[]) =>
  ({
    members: names.map(name => ({
      principal: { kind: 'user', name },
      role: 'viewer',
      cleared: false,
      added: 0,
      by: ''
    }))
  }) as unknown as NamespaceView & { place: string };
const sent = (choice: ShareChoice, members: readonly string[] = []) =>
  shareChange(choice, scene, null, now, trans)(view(members)).call;

describe('what is shared', () => {
  it('is the project at first, for viewing, until it is revoked', () => {
    expect(sent(chosen({}))).toEqual({
      verb: 'share',
      args: {
        action: 'grant',
        principal: { kind: 'user', name: 'dora' },
        right: 'view',
        object: { kind: 'project', project: 'iris' }
      }
    });
  });

  it('is named where it has to be', () => {
    expect(objectOf(chosen({ what: 'asset', detail: ' data/raw/ ' }), scene)).toEqual({
      ...{ kind: 'asset', project: 'iris', path: 'data/raw' }
    });
    expect(objectOf(chosen({ what: 'branch', detail: 'release/*' }), scene)).toMatchObject({ pattern: 'release/*' });
    expect(objectOf(chosen({ what: 'asset' }), scene)).toBeNull();
    expect(objectOf(chosen({}), { ...scene, project: null })).toBeNull();
  });

  it('makes people members when it is the whole namespace without an end', () => {
    const all = chosen({ what: 'namespace', role: 'editor' });
    expect(sent(all)).toMatchObject({ verb: 'member', args: { action: 'add', role: 'editor' } });
    expect(sent(all, ['dora'])).toMatchObject({ verb: 'member', args: { action: 'role', role: 'editor' } });
    expect(sent({ ...all, span: '7d' })).toMatchObject({ verb: 'share', args: { object: { kind: 'namespace' } } });
    expect(isMembership({ ...all, who: 'everyone' })).toBe(false);
  });

  it('opens what the sender has open, when it is a link', () => {
    const workspace = { project: 'iris', branch: 'main', documents: ['a.ipynb'], layout: null };
    const { call } = shareChange(chosen({ who: 'link', once: true }), scene, workspace, now, trans)(view([]));
    expect(call.args).toMatchObject({ action: 'link', gives: 'grant', uses: 'single', workspace });
    expect(sent(chosen({ who: 'link', what: 'namespace' })).args).toMatchObject({ gives: 'membership' });
  });
});

describe('until when', () => {
  it('links end after a week when nothing was chosen', () => {
    expect(endOf(chosen({}), now)).toBeNull();
    expect(endOf(chosen({ who: 'link' }), now)).toBe(now + 7 * 86_400_000);
    expect(endOf(chosen({ span: '30d' }), now)).toBe(now + 30 * 86_400_000);
  });

  it('a day ends when it is over', () => {
    const end = endOf(chosen({ span: 'day', day: '2026-12-03' }), now)!;
    expect(new Date(end)).toEqual(new Date(2026, 11, 3, 23, 59, 59, 999));
  });
});

describe('it cannot be sent', () => {
  const lack = (part: Partial<ShareChoice>) => missing(chosen(part), scene, now, trans);

  it('without a name, a thing, or a day to come', () => {
    expect(lack({ name: ' ' })).toBe('Name a person.');
    expect(lack({ name: '', who: 'group' })).toBe('Name a group.');
    expect(lack({ what: 'pipeline' })).toBe('Say what to share.');
    expect(lack({ span: 'day' })).toBe('Choose a day.');
    expect(lack({ span: 'day', day: '2026-11-01' })).toBe('Choose a day to come.');
    expect(lack({ name: '', who: 'everyone' })).toBeNull();
    expect(lack({})).toBeNull();
  });
});
