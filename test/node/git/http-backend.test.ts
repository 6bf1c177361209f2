/** git behind the hub, by what the hub's own tests do not reach. */
import { expect, it } from 'vitest';
import type { HistoryRequest } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import { HttpBackend } from '../../../src/node/git/http-backend';
import { temporaryDirectory } from '../../support/temporary-directory';

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'latin1');
}

function pushOf(body: string): HistoryRequest {
  return {
    id: '0'.repeat(32),
    service: 'receive-pack',
    advertise: false,
    user: 'ada',
    contentType: 'application/x-git-receive-pack-request',
    contentEncoding: '',
    protocol: '',
    body: only(body),
    maxInput: null,
    force: false,
    judge: { before: async () => [], after: async () => undefined },
    signal: new AbortController().signal
  };
}

// git 2.39 turns for ever when it was told of more bytes than come: so ends a hub that is killed while it receives.
it('ends when the bytes of a push end early', async () => {
  const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0report-status`;
  const command = `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;
  const said: string[] = [];
  const backend = await HttpBackend.open(disk, temporaryDirectory(), text => said.push(text));
  const { status, body } = await backend.serve(pushOf(`${command}PACK\0\0\0\x02\0\0\0\x01`));
  let text = '';
  for await (const piece of body) {
    text += Buffer.from(piece).toString('latin1');
  }
  expect(status).toBe(200);
  expect(text).toContain('unpack ');
  expect(text).not.toContain('unpack ok');
});
