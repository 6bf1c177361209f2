/** A client of git's push that is no process: makes commits without files, and sends them. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { deflateSync } from 'node:zlib';

const NOTHING = '0'.repeat(40);
const FILE = 'data.bin';
const kinds = { commit: 1, tree: 2, blob: 3 } as const;

type Kind = keyof typeof kinds;

export type LightClient = { readonly url: string; readonly token: string };
export type Pushed = { readonly status: number; readonly ok: boolean; readonly commit: string; readonly text: string };

function ask(
  client: LightClient,
  method: string,
  path: string,
  body?: Buffer
): Promise<{ status: number; text: string }> {
  const headers = {
    authorization: `Bearer ${client.token}`,
    ...(body && { 'content-type': 'application/x-git-receive-pack-request', 'content-length': body.length })
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${client.url}${path}`, { method, headers }, answer => {
      const pieces: Buffer[] = [];
      answer.on('data', piece => pieces.push(piece as Buffer));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString('latin1') })
      );
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Where a branch stands; null when there is none. `client.url` ends with `.git`. */
export async function tipOf(client: LightClient, branch: string): Promise<{ status: number; tip: string | null }> {
  const { status, text } = await ask(client, 'GET', '/info/refs?service=git-receive-pack');
  return { status, tip: new RegExp(`([0-9a-f]{40}) refs/heads/${branch}(?=[\\0\\n])`).exec(text)?.[1] ?? null };
}

/** One commit on top of `from`; its tree is empty, or has one file. */
export async function pushCommit(
  client: LightClient,
  branch: string,
  from: string | null,
  message: string,
  file: Buffer | null = null
): Promise<Pushed> {
  const { commit, body } = makePush(branch, from, message, file);
  const { status, text } = await ask(client, 'POST', '/git-receive-pack', body);
  return { status, ok: text.includes(`ok refs/heads/${branch}`), commit, text };
}

/** What is sent for it. */
export function makePush(
  branch: string,
  from: string | null,
  message: string,
  file: Buffer | null
): { readonly commit: string; readonly body: Buffer } {
  const who = 'Ada <ada@example.org> 1700000000 +0000';
  const parent = from === null ? '' : `parent ${from}\n`;
  const files = file ? [objectOf('blob', file)] : [];
  const items = files.map(({ id }) => Buffer.concat([Buffer.from(`100644 ${FILE}\0`), Buffer.from(id, 'hex')]));
  const tree = objectOf('tree', Buffer.concat(items));
  const words = `tree ${tree.id}\n${parent}author ${who}\ncommitter ${who}\n\n${message}\n`;
  const made = objectOf('commit', Buffer.from(words));
  const line = `${from ?? NOTHING} ${made.id} refs/heads/${branch}\0report-status`;
  const command = Buffer.from(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`, 'latin1');
  return { commit: made.id, body: Buffer.concat([command, packOf([made, tree, ...files])]) };
}

type Made = { readonly kind: Kind; readonly content: Buffer; readonly id: string };

function objectOf(kind: Kind, content: Buffer): Made {
  return { kind, content, id: createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex') };
}

function packOf(objects: readonly Made[]): Buffer {
  const head = Buffer.from('5041434b0000000200000000', 'hex');
  head.writeUInt32BE(objects.length, 8);
  const entries = objects.map(({ kind, content }) => entry(kinds[kind], content));
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function entry(kind: number, content: Buffer): Buffer {
  const header: number[] = [];
  let rest = Math.floor(content.length / 16);
  let byte = (kind << 4) | (content.length % 16);
  for (; rest > 0; rest = Math.floor(rest / 128)) {
    header.push(byte | 0x80);
    byte = rest % 128;
  }
  return Buffer.concat([Buffer.from([...header, byte]), deflateSync(content)]);
}
