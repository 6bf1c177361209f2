/** Clients that send and take slowly, at a hub that runs one git at a time. */
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { makeTeam, openTestHub, person, useTestHub } from '../../support/hub';
import type { TestHub } from '../../support/hub';
import { makePush, pushCommit, tipOf } from '../../support/light-push';
import { randomBytes } from '../../support/random-bytes';

const holder = useTestHub([person('olga')], { gitSlots: 1 });
const GIT = 'application/x-git-receive-pack-request';
const LARGE = 600_000;

/** Bodies that wait in files. */
const heldBy = ({ data }: TestHub): readonly string[] =>
  existsSync(`${data}/held`) ? readdirSync(`${data}/held`) : [];

type Slow = { readonly sent: ClientRequest; readonly answer: Promise<{ status: number; text: string }> };

/** A request whose body has only begun. */
function begin(url: string, method: string, type: string, length: number, beginning: Buffer): Slow {
  const headers = { authorization: 'Bearer olga-token', 'content-type': type, 'content-length': length };
  const sent = request(url, { method, headers });
  const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.once('response', told => {
      let text = '';
      told.on('data', piece => (text += String(piece)));
      told.once('end', () => resolve({ status: told.statusCode ?? 0, text }));
      told.once('error', reject);
    });
    sent.once('error', reject);
  });
  answer.catch(() => undefined);
  sent.write(beginning);
  return { sent, answer };
}

describe('slow clients', () => {
  it('keep nobody waiting, however much they send, and come to their end', async () => {
    const { hub } = holder;
    await makeTeam(hub, 'slow');
    const client = { url: `${hub.url}/slow/iris.git`, token: 'olga-token' };
    const pushes = ['a', 'b', 'c', 'd'].map(name => makePush(name, null, name, randomBytes(LARGE)));
    const small = begin(`${client.url}/git-receive-pack`, 'POST', GIT, 1_000, Buffer.from('00'));
    const large = pushes.map(({ body }) =>
      begin(`${client.url}/git-receive-pack`, 'POST', GIT, body.length, body.subarray(0, LARGE - 1))
    );
    await vi.waitUntil(() => hub.calls.size === 5 && heldBy(hub).length === 4);
    expect(await tipOf(client, 'main')).toEqual({ status: 200, tip: null });
    const { commit, ok } = await pushCommit(client, 'main', null, 'meanwhile');
    expect(ok).toBe(true);
    expect((await tipOf(client, 'main')).tip).toBe(commit);
    small.sent.destroy();
    large[0]!.sent.destroy();
    for (const [position, name] of [...'bcd'].entries()) {
      const [{ body, commit: brought }, { sent, answer }] = [pushes[position + 1]!, large[position + 1]!];
      sent.end(body.subarray(LARGE - 1));
      expect(await answer).toMatchObject({ status: 200, text: expect.stringContaining(`ok refs/heads/${name}`) });
      expect((await tipOf(client, name)).tip).toBe(brought);
    }
    await vi.waitUntil(() => hub.calls.size === 0 && heldBy(hub).length === 0);
    expect((await tipOf(client, 'a')).tip).toBeNull();
  });

  it('take what git made for them when they like, and all of it', async () => {
    const { hub } = holder;
    await makeTeam(hub, 'takers');
    const client = { url: `${hub.url}/takers/iris.git`, token: 'olga-token' };
    // More than lies in the buffers of a connection.
    const { commit } = await pushCommit(client, 'main', null, 'large', randomBytes(16 * 1024 * 1024));
    const question = Buffer.from(`0032want ${commit}\n00000009done\n`);
    const headers = { authorization: 'Bearer olga-token', 'content-type': 'application/x-git-upload-pack-request' };
    const takers = await Promise.all(
      [0, 1].map(
        () =>
          new Promise<IncomingMessage>((resolve, reject) => {
            const sent = request(`${client.url}/git-upload-pack`, { method: 'POST', headers });
            sent.once('response', resolve).once('error', reject).end(question);
          })
      )
    );
    expect((await tipOf(client, 'main')).tip).toBe(commit);
    expect(heldBy(hub).length).toBe(2);
    takers[0]!.destroy();
    await vi.waitUntil(() => heldBy(hub).length === 1);
    const pieces: Buffer[] = [];
    for await (const piece of takers[1]!) {
      pieces.push(piece as Buffer);
    }
    const pack = Buffer.concat(pieces).subarray('0008NAK\n'.length);
    expect(pack.subarray(0, 4).toString()).toBe('PACK');
    expect(pack.subarray(-20)).toEqual(createHash('sha1').update(pack.subarray(0, -20)).digest());
    await vi.waitUntil(() => hub.calls.size === 0 && heldBy(hub).length === 0);
  });

  it('are refused when they are too slow, and nothing of theirs stays', async () => {
    const hub = await openTestHub([person('olga')], { pace: { patience: 300, slowest: 1_000_000 } });
    try {
      await makeTeam(hub, 'team');
      const project = `${hub.url}/api/v1/namespaces/team/projects/iris`;
      const pack = makePush('main', null, 'slow', randomBytes(LARGE)).body;
      const slow = [
        begin(`${hub.url}/team/iris.git/git-receive-pack`, 'POST', GIT, pack.length, pack.subarray(0, LARGE - 1)),
        begin(`${hub.url}/api/v1/namespaces`, 'POST', 'application/json', 100, Buffer.from('{"name":')),
        begin(`${project}/assets/xorbs/${'0'.repeat(64)}`, 'PUT', 'application/octet-stream', 9_000, Buffer.alloc(9)),
        begin(`${project}/assets/manifests`, 'PUT', 'application/octet-stream', 9_000, Buffer.alloc(9)),
        begin(`${hub.url}/team/iris.git/info/lfs/objects/${'0'.repeat(64)}`, 'PUT', 'x/y', 9_000, Buffer.alloc(9))
      ];
      // As long as one of them can be written to, it brings some more.
      const drip = setInterval(() => slow.forEach(({ sent }) => sent.writable && sent.write(' ')), 20);
      const closed = slow.map(({ sent }) => new Promise(resolve => sent.once('close', resolve)));
      const answers = await Promise.all(slow.map(({ answer }) => answer));
      expect(answers.map(({ status }) => status)).toEqual([408, 408, 408, 408, 408]);
      expect(answers[0]!.text).toMatch(/^The hub has waited too long/);
      expect(answers.slice(1).map(({ text }) => JSON.parse(text).error.code)).toEqual(Array(4).fill('TOO_SLOW'));
      await Promise.all(closed);
      clearInterval(drip);
      await vi.waitUntil(() => hub.calls.size === 0 && heldBy(hub).length === 0);
      expect((await hub.namespaces('olga').view('team')).usedBytes).toBe(0);
      expect(await tipOf({ url: `${hub.url}/team/iris.git`, token: 'olga-token' }, 'main')).toMatchObject({
        tip: null
      });
    } finally {
      await hub.close();
    }
  });
});
