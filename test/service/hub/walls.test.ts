/** What stands between projects, people and names: whoever knows a hash, an id or a similar name gets nothing by it. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchContents } from '../../../src/core/sync/fetch-contents';
import { sendContents } from '../../../src/core/sync/send-contents';
import { HubAssets } from '../../../src/node/hub/assets-client';
import { clock } from '../../../src/node/process/time';
import { callerOf } from '../../../src/service/hub/credentials';
import { bytesOf, person as someone } from '../../support/asset-person';
import { makeTeam, openTestHub, person, useTestHub } from '../../support/hub';
import type { TestHub } from '../../support/hub';
import { randomBytes } from '../../support/random-bytes';

const holder = useTestHub(['olga', 'edi', 'eve'].map(user => person(user)));
const assetsOf = (user: string, namespace: string): HubAssets =>
  new HubAssets(holder.hub.as(user), { namespace, name: 'iris' });
const code = (expected: string) => expect.objectContaining({ code: expected });

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const own = { authorization: 'Bearer olga-token', 'content-type': 'application/json' };
  return fetch(`${holder.hub.url}${path}`, {
    method: 'POST',
    headers: { ...own, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body)
  });
}

describe('whoever knows the hash of a content', () => {
  it('of another namespace gets neither it nor a word about it, nor a claim to it', async () => {
    await makeTeam(holder.hub, 'vault');
    await makeTeam(holder.hub, 'vault-2', { eve: 'editor' });
    const olga = await someone();
    const [name] = await olga.put(randomBytes(300_000));
    await sendContents(olga.store, assetsOf('olga', 'vault'), [name!]);
    const manifest = await assetsOf('olga', 'vault').manifest([name!]);
    const eve = assetsOf('eve', 'vault-2');
    expect((await eve.has([name!])).size).toBe(0);
    await expect(bytesOf(eve.read(name!))).rejects.toThrow(code('ASSET_MISSING'));
    await expect(fetchContents((await someone()).store, eve, [name!])).rejects.toThrow(code('ASSET_MISSING'));
    // The true manifest, which names every chunk: the chunks are not of this project.
    await expect(eve.writeManifest(manifest)).rejects.toThrow(code('ASSET_MISSING'));
    expect((await eve.has([name!])).size).toBe(0);
    for (const operation of ['download', 'upload']) {
      const batch = JSON.stringify({ operation, objects: [{ oid: name, size: 300_000 }] });
      const headers = { authorization: 'Bearer eve-token', 'content-type': 'application/vnd.git-lfs+json' };
      const { objects } = (await (await post('/vault-2/iris.git/info/lfs/objects/batch', batch, headers)).json()) as {
        objects: [{ actions?: Record<string, unknown>; error?: unknown }];
      };
      expect(Object.keys(objects[0].actions ?? {}).includes('download'), operation).toBe(false);
    }
    // Nor by the address of the first.
    await expect(assetsOf('eve', 'vault').has([name!])).rejects.toThrow(code('NAMESPACE_UNKNOWN'));
  });
});

describe('ids of another namespace', () => {
  it('revoke, answer and remove nothing', async () => {
    await makeTeam(holder.hub, 'ours');
    await makeTeam(holder.hub, 'ours-2', { eve: 'owner' });
    const [olga, eve] = [holder.hub.namespaces('olga'), holder.hub.namespaces('eve')];
    const object = { kind: 'project', project: 'iris' } as const;
    const asked = { right: 'view', object, gives: 'grant', uses: 'single', workspace: null } as const;
    const { link, code: secret } = await olga.createLink('ours', asked);
    const principal = { kind: 'user', name: 'edi' } as const;
    const { grants } = await olga.change('ours', { type: 'add-grant', principal, right: 'view', object });
    const before = await olga.view('ours');
    const id = grants[0]!.id;
    await expect(eve.change('ours-2', { type: 'revoke-link', id: link.id })).rejects.toThrow(code('ENTRY_UNKNOWN'));
    await expect(eve.change('ours-2', { type: 'remove-grant', id })).rejects.toThrow(code('ENTRY_UNKNOWN'));
    await expect(eve.change('ours-2', { type: 'answer-request', id, answer: 'granted' })).rejects.toThrow(
      code('ENTRY_UNKNOWN')
    );
    expect(await olga.view('ours')).toEqual(before);
    // A link is opened once, by one of those who come at the same time.
    const joins = await Promise.allSettled(['edi', 'eve'].map(user => holder.hub.namespaces(user).join(secret)));
    expect(joins.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(eve.join(secret)).rejects.toThrow(code('LINK_INVALID'));
    await olga.change('ours', { type: 'revoke-link', id: link.id });
    const revoked = (await olga.audit('ours', { actions: 'link.revoke' }))[0]!.detail;
    expect(revoked).toContain('the link that gives “view” on iris was revoked');
  });
});

describe('names', () => {
  it('that look like others do not come to be', async () => {
    await makeTeam(holder.hub, 'vision');
    const olga = holder.hub.namespaces('olga');
    const alike = ['Vision', 'vіsion', 'vision\u200b', 'vısion', 'ｖision', 'vision.', 'vision ', 'v\u0308ision', '٣'];
    for (const name of alike) {
      const made = olga.create({ name, kind: 'team', title: '', label: 'unclassified', git: null });
      await expect(made, name).rejects.toThrow(code('NAME_INVALID'));
      const project = olga.change('vision', { type: 'add-project', name: name.replace('ision', 'iris') });
      await expect(project, name).rejects.toThrow(code('NAME_INVALID'));
      const response = await post(
        `/api/v1/namespaces/${encodeURIComponent(name)}/who-can`,
        '{"object":{"kind":"namespace"}}'
      );
      expect([404, 400], name).toContain(response.status);
    }
  });
});

describe('bodies', () => {
  it('as deep as they may be long are refused, or taken, and end nothing', async () => {
    await makeTeam(holder.hub, 'deep');
    const layout = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const workspace = `{"project":"iris","branch":"main","documents":[],"layout":${layout}}`;
    const link = `{"right":"view","object":{"kind":"project","project":"iris"},"gives":"grant","uses":"many","workspace":${workspace}}`;
    const answers = [
      await post('/api/v1/namespaces/deep/links', link),
      await post(
        '/api/v1/namespaces/deep/links',
        link.replace(layout, '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000))
      ),
      await post('/api/v1/namespaces/deep/changes', '{"type":'.repeat(5_000) + '1' + '}'.repeat(5_000)),
      await post('/api/v1/namespaces/deep/changes', '['.repeat(30_000) + ']'.repeat(30_000))
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect((await holder.hub.namespaces('olga').view('deep')).links).toEqual([]);
    // What stands in a text is no nesting.
    const title = JSON.stringify({ type: 'set', title: '[{"\\\\"[{'.repeat(150) });
    expect((await post('/api/v1/namespaces/deep/changes', title)).status).toBe(200);
  });

  it('are not unpacked but where git has them packed', async () => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
    const response = await post('/api/v1/namespaces', bomb, { 'content-encoding': 'gzip' });
    expect(response.status).toBe(400);
  });

  it('that hardly come, or never, keep nobody else waiting', async () => {
    const { port } = new URL(holder.hub.url);
    const sockets = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = connect(Number(port), '127.0.0.1');
        await new Promise(resolve => socket.once('connect', resolve));
        socket.on('error', () => undefined);
        socket.write(
          ['', 'GET /hea', 'POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{'][index % 3]!
        );
        return socket;
      })
    );
    expect((await holder.hub.namespaces('olga').whoAmI()).user).toBe('olga');
    sockets.forEach((socket: Socket) => socket.destroy());
    const { headersTimeout, timeout } = holder.hub.door.servers[0]!;
    expect([headersTimeout, timeout].every(patience => patience > 0 && patience <= 120_000)).toBe(true);
  });
});

describe('who is counted as one', () => {
  // Buckets fill with time: here it stands still.
  const still = { ...clock, now: () => 1_700_000_000_000 };
  let proxied: TestHub;
  beforeAll(async () => {
    proxied = await openTestHub([person('olga')], { behindProxy: true, clock: still });
  });
  afterAll(() => proxied.close());

  const guess = async (hub: TestHub, forwarded: string, token = 'wrong'): Promise<number> =>
    (
      await fetch(`${hub.url}/api/v1/me`, {
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': forwarded }
      })
    ).status;

  it('is, behind a proxy, whom the proxy names, and not whom the caller names', async () => {
    expect(await guess(proxied, '198.51.100.6', 'olga-token')).toBe(200);
    const statuses: number[] = [];
    for (let index = 0; index < 31; index += 1) {
      statuses.push(await guess(proxied, `10.9.${index}.1, 198.51.100.7`));
    }
    expect([...new Set(statuses.slice(0, 30)), statuses.at(-1)]).toEqual([401, 429]);
    // Somebody else comes in, and from there too who was right before the guessing began.
    expect(await guess(proxied, '198.51.100.8', 'olga-token')).toBe(200);
    expect(await guess(proxied, '198.51.100.7', 'olga-token')).toBe(200);
  });

  it('is, without a proxy, who connects', async () => {
    const plain = await openTestHub([person('olga')], { clock: still });
    const statuses: number[] = [];
    for (let index = 0; index < 31; index += 1) {
      statuses.push(await guess(plain, `198.51.100.${index}`));
    }
    expect(statuses.at(-1)).toBe(429);
    await plain.close();
  });

  it('is a whole network where addresses are given by networks', () => {
    expect(callerOf('198.51.100.7')).toBe('198.51.100.7');
    expect(callerOf('::ffff:198.51.100.7')).toBe('198.51.100.7');
    const same = ['2001:db8:0:7::1', '2001:DB8::7:1:2:3:4', '2001:0db8:0000:0007:ffff::', '2001:db8:0:7:1:2:3:4'];
    expect([...new Set(same.map(callerOf))]).toEqual(['2001:db8:0:7::/64']);
    expect(callerOf('2001:db8:0:8::1')).not.toBe(callerOf('2001:db8:0:7::1'));
    expect(callerOf('::1')).toBe('0:0:0:0::/64');
  });
});
