/** clone, push, pull and remote on the command line, with histories in git repositories and contents in a real bucket. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Activity } from '../../src/core/port';
import type { CloneResult, PushResult } from '../../src/core/model/sharing';
import { commandLine } from '../support/in-process';
import { git } from '../support/program';
import { splitmix64 } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

export type BucketServer = {
  /** What lets people in, as the cloud's own tools read it; `wrong`: credentials that do not. */
  readonly environment: Readonly<Record<string, string>>;
  readonly wrong: Readonly<Record<string, string>>;
  /** The address of an empty bucket. */
  bucket(): Promise<string>;
  stop(): Promise<void>;
};

const random = (seed: number): Uint8Array => splitmix64(seed, 200_000);

/** `briefly`: only what could differ between clouds. */
export function bucketSharing(name: string, start: () => Promise<BucketServer>, { briefly = false } = {}): void {
  let server: BucketServer;
  let interruption: Activity = {};
  const branchbook = commandLine({
    activity: {
      get signal() {
        return interruption.signal;
      },
      onProgress: step => interruption.onProgress?.(step)
    }
  });
  beforeAll(async () => {
    server = await start();
    Object.assign(process.env, server.environment);
  });
  afterAll(() => server?.stop());

  const as = async <T>(user: string, work: () => Promise<T>): Promise<T> => {
    process.env['JUPYTERHUB_USER'] = user;
    try {
      return await work();
    } finally {
      process.env['JUPYTERHUB_USER'] = 'ada';
    }
  };

  type Team = { readonly place: string; readonly ada: string; readonly repositories: string };

  /** Ada's project, published as `iris` of a namespace whose histories are bare repositories. */
  async function publish(): Promise<Team> {
    process.env['JUPYTERHUB_USER'] = 'ada';
    const place = await server.bucket();
    const repositories = temporaryDirectory();
    for (const project of ['iris', 'tulip']) {
      git(repositories, 'init', '-q', '--bare', '-b', 'main', `${project}.git`);
    }
    const ada = await project();
    writeFileSync(join(ada, 'data/a.bin'), random(1));
    await branchbook.run(ada, 'track', '*.bin');
    await branchbook.run(ada, 'snapshot', '-m', 'first');
    await branchbook.run(ada, 'namespace', 'create', `${place}/ml`, '--git', `${repositories}/{project}.git`);
    await branchbook.run(ada, 'push', '--to', `${place}/ml/iris`);
    return { place, ada, repositories };
  }

  async function project(): Promise<string> {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'data'));
    await branchbook.run(folder, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    return folder;
  }

  async function clone(address: string, ...options: readonly string[]): Promise<string> {
    const { root } = await branchbook.json<CloneResult>(temporaryDirectory(), 'clone', address, ...options);
    git(root, 'config', 'user.name', 'Ben');
    git(root, 'config', 'user.email', 'ben@example.org');
    return root;
  }

  const dataOf = (root: string, path = 'data/a.bin'): Buffer => readFileSync(join(root, path));

  describe(`sharing through ${name}`, { timeout: 180_000 }, () => {
    it('goes both ways; a branch that moved is told, with the command that merges and pushes', async () => {
      const { place, ada, repositories } = await publish();
      const ben = await clone(`${place}/ml/iris`);
      expect(dataOf(ben)).toEqual(dataOf(ada));
      expect(await branchbook.run(ben, 'remote')).toContain(`${place}/ml/iris`);
      // No asset is in git.
      expect(git(join(repositories, 'iris.git'), 'cat-file', '-s', 'main:data/a.bin').trim().length).toBeLessThan(4);

      writeFileSync(join(ben, 'data/a.bin'), Buffer.concat([random(1), Buffer.from('more')]));
      await branchbook.run(ben, 'snapshot', '-m', 'by ben');
      const { transfer } = await branchbook.json<PushResult>(ben, 'push');
      expect(transfer.bytes).toBe(200_004);
      expect(transfer.transferred).toBeLessThan(150_000);

      writeFileSync(join(ada, 'note.txt'), 'by ada');
      await branchbook.run(ada, 'snapshot', '-m', 'by ada');
      const refused = await branchbook.fail(ada, 'push');
      expect(refused).toMatchObject({ code: 'PUSH_REJECTED', data: { behind: 1 } });
      expect(refused.message).toContain('a snapshot by Ben');
      expect(refused.hint).toContain('`branchbook push --pull`');
      expect(await branchbook.run(ada, 'push', '--pull')).toContain('by ben');
      expect(dataOf(ada)).toEqual(dataOf(ben));
      expect(await branchbook.run(ben, 'pull')).toContain('by ada');
      expect(await branchbook.run(ben, 'remote', 'check')).toContain('In step.');
    });

    it('brings to a lazy clone what it asks for', async () => {
      const { place, ada } = await publish();
      const ben = await clone(`${place}/ml/iris`, '--lazy');
      expect(dataOf(ben).toString()).toContain('oid sha256');
      await branchbook.run(ben, 'get', 'data/a.bin');
      expect(dataOf(ben)).toEqual(dataOf(ada));
    });

    it('says that credentials are wrong, and where to look', async () => {
      const { place, ada } = await publish();
      Object.assign(process.env, server.wrong);
      try {
        for (const words of [['push'], ['pull'], ['clone', `${place}/ml/iris`, `${ada}/new`]]) {
          const refused = await branchbook.fail(ada, ...words);
          expect(refused).toMatchObject({ code: 'PERMISSION_DENIED' });
          expect(refused.hint).toContain('credentials');
        }
        await branchbook.run(ada, 'snapshot', '--allow-empty', '-m', 'work goes on');
      } finally {
        Object.assign(process.env, server.environment);
      }
    });
  });

  if (briefly) {
    return;
  }

  describe(`several people with ${name}`, { timeout: 180_000 }, () => {
    it('names conflicts, changes nothing, and goes on after the decision', async () => {
      const { place, ada } = await publish();
      const ben = await clone(`${place}/ml/iris`);
      for (const [root, seed] of [
        [ben, 2],
        [ada, 3]
      ] as const) {
        writeFileSync(join(root, 'data/a.bin'), random(seed));
        await branchbook.run(root, 'snapshot', '-m', `seed ${seed}`);
      }
      await branchbook.run(ben, 'push');
      const conflict = await branchbook.fail(ada, 'push', '--pull');
      expect(conflict).toMatchObject({ code: 'MERGE_CONFLICT', data: { conflicts: [{ path: 'data/a.bin' }] } });
      expect(conflict.hint).toContain('--theirs');
      expect(dataOf(ada)).toEqual(Buffer.from(random(3)));
      await branchbook.run(ada, 'merge', 'origin/main', '--theirs', 'data/a.bin');
      await branchbook.run(ada, 'push');
      expect(dataOf(ada)).toEqual(dataOf(ben));
    });

    it('holds several projects, each for those it is shared with, and places side by side', async () => {
      const { place, ada } = await publish();
      const tulip = await project();
      writeFileSync(join(tulip, 'a.txt'), 'tulips');
      await branchbook.run(tulip, 'snapshot', '-m', 'tulips');
      await branchbook.run(tulip, 'push', '--to', `${place}/ml/tulip`);
      await branchbook.run(ada, 'share', 'iris/data/', '--with', 'ben', '--right', 'view', '-n', `${place}/ml`);
      await branchbook.run(ada, 'share', 'iris', '--with', 'carol', '--right', 'view', '-n', `${place}/ml`);
      await as('carol', async () => {
        const carol = await clone(`${place}/ml/iris`);
        expect(dataOf(carol)).toEqual(dataOf(ada));
        writeFileSync(join(carol, 'data/a.bin'), random(4));
        await branchbook.run(carol, 'snapshot', '-m', 'by carol');
        expect(await branchbook.fail(carol, 'push')).toMatchObject({ code: 'FORBIDDEN' });
        const elsewhere = await branchbook.fail(carol, 'clone', `${place}/ml/tulip`, join(carol, 'tulip'));
        expect(elsewhere.code).toMatch(/PROJECT_UNKNOWN|FORBIDDEN/);
      });
      await as('dan', async () => {
        const stranger = await branchbook.fail(temporaryDirectory(), 'clone', `${place}/ml/iris`);
        expect(stranger.code).toBe('NAMESPACE_UNKNOWN');
      });
      const other = await branchbook.fail(ada, 'namespace', 'show', `${place}/below/ml`);
      expect(other.code).toMatch(/UNKNOWN/);
    });

    it('goes on where a push was interrupted: nothing travels again', async () => {
      const { place, ada } = await publish();
      writeFileSync(join(ada, 'data/b.bin'), random(5));
      await branchbook.run(ada, 'snapshot', '-m', 'second');
      const abort = new AbortController();
      interruption = {
        signal: abort.signal,
        onProgress: ({ phase }) => phase === 'Sending the history' && abort.abort()
      };
      try {
        expect(await branchbook.fail(ada, 'push')).toMatchObject({ code: 'CANCELLED' });
      } finally {
        interruption = {};
      }
      const before = await clone(`${place}/ml/iris`);
      expect(git(before, 'log', '-1', '--format=%s').trim()).toMatch(/first|second/);
      const { transfer } = await branchbook.json<PushResult>(ada, 'push');
      expect(transfer.transferred).toBe(0);
      expect(dataOf(await clone(`${place}/ml/iris`), 'data/b.bin')).toEqual(dataOf(ada, 'data/b.bin'));
    });
  });
}
