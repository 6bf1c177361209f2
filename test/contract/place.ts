import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sendContents } from '../../src/core/sync/send-contents';
import type { IAssetStore, IPlace } from '../../src/core/port';
import { openStore } from '../../src/node/store/open-store';
import { disk } from '../../src/node/fs/disk';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

export type PlaceFixture = {
  /** The place, as this person sees it. */
  as(user: string): Promise<IPlace>;
  /** What a new namespace is told of git; null = the place keeps histories. */
  readonly git: string | null;
};

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

const team = (name: string, address: string | null = null) =>
  ({ name, kind: 'team', title: 'The team', label: 'unclassified', git: address }) as const;

const user = (name: string) => ({ kind: 'user', name }) as const;

async function keep(store: IAssetStore, bytes: Uint8Array): Promise<string> {
  const path = `${temporaryDirectory()}/file`;
  writeFileSync(path, bytes);
  const session = await store.begin();
  const { sha256 } = await session.add(path);
  await session.commit();
  return sha256;
}

async function read(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) {
    found.push(piece);
  }
  return Buffer.concat(found);
}

/** What every place does, be it a folder, a bucket or a hub. `open` gives an empty one. */
export function placeContract(name: string, open: () => Promise<PlaceFixture>): void {
  const made = async () => {
    const fixture = await open();
    const ada = await fixture.as('ada');
    await ada.namespaces.create(team('vision', fixture.git));
    await ada.namespaces.change('vision', { type: 'add-project', name: 'iris', description: 'Flowers' });
    return { ada, as: fixture.as, git: fixture.git };
  };

  describe(`${name}: place`, () => {
    it('makes namespaces, and its maker owns them', async () => {
      const fixture = await open();
      const ada = await fixture.as('ada');
      expect((await ada.namespaces.whoAmI()).user).toBe('ada');
      const view = await ada.namespaces.create(team('vision', fixture.git));
      expect(view).toMatchObject({ namespace: { name: 'vision', title: 'The team' }, right: 'manage', projects: [] });
      expect(view.members).toMatchObject([{ principal: user('ada'), role: 'owner' }]);
      expect(await ada.namespaces.list()).toMatchObject([{ name: 'vision', right: 'manage', members: 1 }]);
      await expect(ada.namespaces.create(team('vision', fixture.git))).rejects.toThrow(code('NAMESPACE_EXISTS'));
      for (const bad of ['../vision', 'Vision', 'a/b', '', '.branchbook', 'api']) {
        await expect(ada.namespaces.create(team(bad, fixture.git)), bad).rejects.toThrow(code('NAME_INVALID'));
        await expect(ada.namespaces.view(bad), bad).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
        await expect(ada.project(bad, 'iris'), bad).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
        await expect(ada.project('vision', bad), bad).rejects.toThrow(code('PROJECT_UNKNOWN'));
      }
    });

    it('shows members what their role gives, and others nothing; removal counts at once', async () => {
      const { ada, as } = await made();
      const ben = await as('ben');
      await expect(ben.namespaces.view('vision')).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
      await expect(ben.project('vision', 'iris')).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
      expect(await ben.namespaces.list()).toEqual([]);
      await ada.namespaces.change('vision', { type: 'add-member', member: user('ben'), role: 'viewer' });
      expect((await ben.namespaces.view('vision')).right).toBe('view');
      const viewed = await ben.project('vision', 'iris');
      expect(viewed.rights).toMatchObject({ right: 'view', classes: { code: 'view', data: 'view' } });
      expect(await viewed.mayPush('main')).toContain('iris');
      const raise = { type: 'set-member', member: user('ben'), role: 'editor' } as const;
      await expect(ben.namespaces.change('vision', raise)).rejects.toThrow(code('FORBIDDEN'));
      await ada.namespaces.change('vision', raise);
      expect(await (await ben.project('vision', 'iris')).mayPush('main')).toBeNull();
      // Also for what was open before.
      expect(await viewed.mayPush('main')).toBeNull();
      await ada.namespaces.change('vision', { type: 'remove-member', member: user('ben') });
      await expect(ben.namespaces.view('vision')).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
      const last = { type: 'remove-member', member: user('ada') } as const;
      await expect(ada.namespaces.change('vision', last)).rejects.toThrow(code('LAST_OWNER'));
    });

    it('keeps protected branches for those who may', async () => {
      const { ada, as } = await made();
      await ada.namespaces.change('vision', { type: 'add-member', member: user('ben'), role: 'editor' });
      const branchRules = [{ pattern: 'prod', push: 'manage' }] as const;
      await ada.namespaces.change('vision', { type: 'set-project', name: 'iris', branchRules });
      const project = await (await as('ben')).project('vision', 'iris');
      expect(await project.mayPush('main')).toBeNull();
      expect(await project.mayPush('prod')).toContain('prod');
      expect(await (await ada.project('vision', 'iris')).mayPush('prod')).toBeNull();
    });

    it('lets in who has a link, once', async () => {
      const { ada, as } = await made();
      const object = { kind: 'project', project: 'iris' } as const;
      const workspace = { project: 'iris', branch: 'main', documents: ['a.ipynb'], layout: null };
      const asked = { right: 'view', object, gives: 'grant', uses: 'single', workspace } as const;
      const { link, code: secret } = await ada.namespaces.createLink('vision', asked);
      const carol = await as('carol');
      await expect(carol.namespaces.join('0'.repeat(64))).rejects.toThrow(code('LINK_INVALID'));
      expect(await carol.namespaces.join(secret)).toMatchObject({ namespace: 'vision', right: 'view', workspace });
      expect((await carol.project('vision', 'iris')).rights.right).toBe('view');
      await expect((await as('dan')).namespaces.join(secret)).rejects.toThrow(code('LINK_INVALID'));
      const { links } = await ada.namespaces.view('vision');
      expect(links).toMatchObject([{ id: link.id, used: 1 }]);
      expect(JSON.stringify(links)).not.toContain(secret);
    });

    it('tells who else is there', async () => {
      const { ada, as } = await made();
      await ada.namespaces.change('vision', { type: 'add-member', member: user('ben'), role: 'viewer' });
      const hers = await ada.project('vision', 'iris');
      const his = await (await as('ben')).project('vision', 'iris');
      expect(await hers.presence({ branch: 'main', document: 'a.ipynb' })).toEqual([]);
      const seen = await his.presence({ branch: 'trial', document: null });
      expect(seen).toMatchObject([{ user: 'ada', branch: 'main', document: 'a.ipynb' }]);
      expect(await hers.presence({ branch: 'main', document: null })).toMatchObject([{ user: 'ben', branch: 'trial' }]);
      await his.presence(null);
      expect(await hers.presence({ branch: 'main', document: null })).toEqual([]);
      await his.presence({ branch: 'trial', document: null });
      await ada.namespaces.change('vision', { type: 'remove-member', member: user('ben') });
      expect(await hers.presence({ branch: 'main', document: null })).toEqual([]);
    });

    it('keeps contents, for those who may see them', async () => {
      const { ada, as } = await made();
      const store = await openStore(`${temporaryDirectory()}/branchbook`, disk, { workerFile: null });
      const bytes = randomBytes(300_000);
      const sha256 = await keep(store, bytes);
      const hers = await ada.project('vision', 'iris');
      expect([...(await hers.assets.has([sha256]))]).toEqual([]);
      await expect(read(hers.assets.read(sha256))).rejects.toThrow(code('ASSET_MISSING'));
      await sendContents(store, hers.assets, [sha256]);
      expect([...(await hers.assets.has([sha256]))]).toEqual([sha256]);
      await ada.namespaces.change('vision', { type: 'add-member', member: user('ben'), role: 'viewer' });
      const his = await (await as('ben')).project('vision', 'iris');
      expect((await read(his.assets.read(sha256))).equals(bytes)).toBe(true);
      expect((await read(his.assets.read(sha256, 1000, 1010))).equals(bytes.subarray(1000, 1010))).toBe(true);
      const other = await keep(store, Buffer.from('another'));
      await expect(sendContents(store, his.assets, [other])).rejects.toThrow(code('FORBIDDEN'));
      expect((await ada.namespaces.view('vision')).usedBytes).toBeGreaterThan(290_000);
      await store.close();
    });

    it('writes down what was done', async () => {
      const { ada, as } = await made();
      await ada.namespaces.change('vision', { type: 'add-member', member: user('ben'), role: 'viewer' });
      const ben = await as('ben');
      await expect(ben.namespaces.change('vision', { type: 'set', title: 'Mine' })).rejects.toThrow(code('FORBIDDEN'));
      await expect(ben.namespaces.audit('vision', {})).rejects.toThrow(code('FORBIDDEN'));
      const log = await ada.namespaces.audit('vision', { actions: 'member' });
      expect(log).toMatchObject([{ user: 'ada', action: 'member.add', outcome: 'ok', target: 'user:ben' }]);
      const refused = (await ada.namespaces.audit('vision', { user: 'ben' })).filter(one => one.outcome === 'refused');
      expect(refused.length).toBeGreaterThan(0);
      expect((await ben.namespaces.activity('vision', {})).map(({ action }) => action)).toContain('member.add');
    });

    it('deletes with care, and what comes later under the same name is empty', async () => {
      const { ada, git } = await made();
      await expect(ada.namespaces.delete('vision', { projects: false })).rejects.toThrow(code('NAMESPACE_NOT_EMPTY'));
      const before = await ada.project('vision', 'iris');
      await ada.namespaces.delete('vision', { projects: true });
      await expect(ada.namespaces.view('vision')).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
      expect(await ada.namespaces.list()).toEqual([]);
      await ada.namespaces.create(team('vision', git));
      await ada.namespaces.change('vision', { type: 'add-project', name: 'iris' });
      const after = await ada.project('vision', 'iris');
      expect(after.record.id).not.toBe(before.record.id);
    });
  });
}
