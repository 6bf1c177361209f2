import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { disk } from '../../../src/node/fs/disk';
import { Ahead } from '../../../src/service/hub/ahead';
import { createTemporaryFile } from '../../../src/service/hub/temporary-file';
import { randomBytes } from '../../support/random-bytes';
import { temporaryDirectory } from '../../support/temporary-directory';

const PIECE = 64 * 1024;
const PIECES = 64;
const content = randomBytes(PIECE * PIECES);

type Making = { made: number };

async function* make(making: Making, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE) {
    making.made += 1;
    yield content.subarray(at, at + PIECE);
  }
  if (failure) {
    throw failure;
  }
}

function open(making: Making, hasRoom = true, failure?: Error) {
  const folder = `${temporaryDirectory()}/held`;
  const stop = new AbortController();
  const ahead = new Ahead(make(making, failure), {
    create: () => createTemporaryFile(disk, folder),
    hasRoom: async () => hasRoom,
    signal: stop.signal
  });
  return { ahead, stop, files: () => (existsSync(folder) ? readdirSync(folder).length : 0) };
}

const turn = (): Promise<void> => new Promise(setImmediate);

async function takeAll(ahead: Ahead, rest: () => Promise<void>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of ahead.take()) {
    pieces.push(piece);
    await rest();
  }
  return Buffer.concat(pieces);
}

it.each([true, false])(
  'gives what was made in its order, however slowly it is taken (with room: %s)',
  async hasRoom => {
    for (const turns of [0, 1, 5]) {
      const { ahead, files } = open({ made: 0 }, hasRoom);
      const rest = async (): Promise<void> => {
        for (let left = turns; left > 0; left -= 1) {
          await turn();
        }
      };
      expect((await takeAll(ahead, rest)).equals(content)).toBe(true);
      await ahead.dispose();
      expect(files()).toBe(0);
    }
  }
);

it('lets whoever makes it come to an end before anything is taken', async () => {
  const making = { made: 0 };
  const { ahead, files } = open(making);
  await ahead.made;
  expect([making.made, files()]).toEqual([PIECES, 1]);
  expect((await takeAll(ahead, turn)).equals(content)).toBe(true);
  await ahead.dispose();
  expect(files()).toBe(0);
});

it('makes no more than fits in memory where there is no other room', async () => {
  const making = { made: 0 };
  const { ahead, files } = open(making, false);
  for (let turns = 0; turns < 100; turns += 1) {
    await turn();
  }
  expect([making.made, files()]).toEqual([1024 / 64 + 1, 0]);
  expect((await takeAll(ahead, turn)).equals(content)).toBe(true);
});

it('tells of a failure after all that came before, and ends when nobody takes it any more', async () => {
  const failing = open({ made: 0 }, true, new Error('git broke'));
  let taken = 0;
  const take = async (): Promise<void> => {
    for await (const piece of failing.ahead.take()) {
      taken += piece.length;
    }
  };
  await expect(take()).rejects.toThrow('git broke');
  expect(taken).toBe(content.length);
  const left = open({ made: 0 }, false);
  const reason = new BranchbookError('CANCELLED', 'The client went away.');
  left.stop.abort(reason);
  await left.ahead.made;
  await expect(takeAll(left.ahead, turn)).rejects.toBe(reason);
  await left.ahead.dispose();
});
