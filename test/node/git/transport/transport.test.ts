/** Talking to remotes: bare repositories over the file system, real git on both sides. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../src/core/error';
import type { GitRemote, IGit } from '../../../../src/core/port';
import { disk } from '../../../../src/node/fs/disk';
import { openGit } from '../../../../src/node/git/repository';
import { createRepository, git, write } from '../../../operation/fixture';
import { temporaryDirectory } from '../../../support/temporary-directory';

type Pair = { readonly root: string; readonly bare: string; readonly repository: IGit; readonly remote: GitRemote };

async function createPair(): Promise<Pair> {
  const bare = temporaryDirectory();
  git(bare, 'init', '-q', '--bare', '-b', 'main');
  const root = createRepository();
  commit(root, { 'a.txt': 'one' });
  return { root, bare, repository: await openGit(root, disk), remote: { url: bare, headers: {} } };
}

function commit(root: string, files: { readonly [path: string]: string }): string {
  write(root, files);
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'work');
  return git(root, 'rev-parse', 'HEAD').trim();
}

const expectCode = (promise: Promise<unknown>, code: ErrorCode): Promise<void> =>
  expect(promise).rejects.toMatchObject({ code });

/** Nothing of a conversation stays behind. */
function expectNoLeftovers({ root }: Pair): void {
  expect(readdirSync(join(root, '.git/branchbook/transport'))).toEqual([]);
}

describe('transport', () => {
  it('pushes, lists and fetches', async () => {
    const pair = await createPair();
    const { root, repository, remote } = pair;
    const oid = git(root, 'rev-parse', 'HEAD').trim();
    expect((await repository.transport.list(remote, {})).refs.size).toBe(0);
    await repository.transport.push(remote, [{ name: 'refs/heads/main', from: null, to: oid }], {});
    expect(await repository.transport.list(remote, {})).toEqual({
      head: 'main',
      refs: new Map([['refs/heads/main', oid]]),
      refused: []
    });

    const other = createRepository();
    const theirs = await openGit(other, disk);
    const phases = new Set<string>();
    await theirs.transport.fetch(remote, [oid], { onProgress: ({ phase }) => phases.add(phase) });
    expect(await theirs.hasObject(oid)).toBe(true);
    expect(git(other, 'for-each-ref')).toBe('');
    expect(git(other, 'fsck', '--strict')).not.toContain('error');
    expectNoLeftovers(pair);
  });

  it('moves a ref only from the value it is said to have, and all refs or none', async () => {
    const pair = await createPair();
    const { root, bare, repository, remote } = pair;
    const first = git(root, 'rev-parse', 'HEAD').trim();
    await repository.transport.push(remote, [{ name: 'refs/heads/main', from: null, to: first }], {});
    const second = commit(root, { 'a.txt': 'two' });
    const stale = [
      { name: 'refs/heads/new', from: null, to: second },
      { name: 'refs/heads/main', from: second, to: second }
    ];
    await expectCode(repository.transport.push(remote, [{ ...stale[1]!, from: null }], {}), 'PUSH_REJECTED');
    const third = commit(root, { 'a.txt': 'three' });
    await expectCode(
      repository.transport.push(remote, [stale[0]!, { name: 'refs/heads/main', from: second, to: third }], {}),
      'PUSH_REJECTED'
    );
    expect(git(bare, 'for-each-ref', '--format=%(refname) %(objectname)')).toBe(`refs/heads/main ${first}\n`);
    expectNoLeftovers(pair);
  });

  it('says what a hook of a shared repository has to do with it: nothing', async () => {
    const { root, bare, repository, remote } = await createPair();
    const hook = join(bare, 'hooks/pre-receive');
    mkdirSync(join(bare, 'hooks'), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\ntouch ${bare}/ran\nexit 1\n`);
    chmodSync(hook, 0o755);
    git(bare, 'config', 'core.alternateRefsCommand', `touch ${bare}/ran`);
    git(bare, 'config', 'uploadpack.packObjectsHook', `touch ${bare}/ran`);
    const oid = git(root, 'rev-parse', 'HEAD').trim();
    await repository.transport.push(remote, [{ name: 'refs/heads/main', from: null, to: oid }], {});
    await (await openGit(createRepository(), disk)).transport.fetch(remote, [oid], {});
    expect(readdirSync(bare)).not.toContain('ran');
  });

  it('believes nothing that the project’s own configuration says of remotes', async () => {
    const pair = await createPair();
    const { root, bare, repository, remote } = pair;
    git(root, 'config', `url./nowhere.insteadOf`, bare);
    git(root, 'config', 'remote.place.uploadpack', `touch ${bare}/ran; git-upload-pack`);
    git(root, 'config', 'remote.place.url', '/nowhere');
    git(root, 'config', 'core.sshCommand', `touch ${bare}/ran`);
    git(root, 'config', 'credential.helper', `!touch ${bare}/ran`);
    expect((await repository.transport.list(remote, {})).refs.size).toBe(0);
    await expectCode(repository.transport.list({ url: 'ssh://127.0.0.1:1/x', headers: {} }, {}), 'PLACE_UNREACHABLE');
    expect(readdirSync(bare)).not.toContain('ran');
  });

  it.each([
    ['ext::sh -c touch% /tmp/x', 'ADDRESS_INVALID'],
    ['-oProxyCommand=x', 'ADDRESS_INVALID'],
    ['--upload-pack=x', 'ADDRESS_INVALID'],
    ['ssh://-oProxyCommand=x/y', 'ADDRESS_INVALID'],
    ['-x@host:path', 'ADDRESS_INVALID'],
    ['host:-path', 'ADDRESS_INVALID'],
    ['git://example.org/x', 'ADDRESS_INVALID'],
    ['http://example.org/x', 'ADDRESS_INVALID'],
    ['fd::17', 'ADDRESS_INVALID'],
    ['relative/path', 'ADDRESS_INVALID'],
    ['/nowhere/at all', 'PLACE_UNKNOWN'],
    ['http://127.0.0.1:1/x.git', 'PLACE_UNREACHABLE']
  ] as const)('%s: %s', async (url, code) => {
    const { repository } = await createPair();
    await expectCode(repository.transport.list({ url, headers: {} }, {}), code);
  });

  it('leaves names alone that no repository can hold', async () => {
    const { root, bare, repository, remote } = await createPair();
    const oid = git(root, 'rev-parse', 'HEAD').trim();
    await repository.transport.push(remote, [{ name: 'refs/heads/good', from: null, to: oid }], {});
    const packed = [
      'refs/heads/a',
      'refs/heads/a/b',
      'refs/heads/@{x',
      'refs/heads/c..d',
      'refs/other/x',
      'refs/tags/-v'
    ];
    writeFileSync(join(bare, 'packed-refs'), packed.map(name => `${oid} ${name}\n`).join(''));
    const { refs } = await repository.transport.list(remote, {});
    expect([...refs.keys()].sort()).toEqual(['refs/heads/a', 'refs/heads/good']);
  });

  it('never tells secrets', async () => {
    const { repository } = await createPair();
    const remote = { url: 'http://me:secret@127.0.0.1:1/x.git', headers: { Authorization: 'Bearer secret' } };
    const failure = await repository.transport.list(remote, {}).catch((error: unknown) => JSON.stringify(error));
    expect(failure).toContain('PLACE_UNREACHABLE');
    expect(failure).not.toContain('secret');
  });

  it('refuses objects that are damaged', async () => {
    const { root, repository, bare, remote } = await createPair();
    const oid = git(root, 'rev-parse', 'HEAD').trim();
    await repository.transport.push(remote, [{ name: 'refs/heads/main', from: null, to: oid }], {});
    const tree = git(root, 'rev-parse', 'HEAD^{tree}').trim();
    const path = join(bare, 'objects', tree.slice(0, 2), tree.slice(2));
    chmodSync(path, 0o644);
    writeFileSync(path, readFileSync(path).subarray(0, 10));
    const theirs = await openGit(createRepository(), disk);
    await expect(theirs.transport.fetch(remote, [oid], {})).rejects.toThrow();
    expect(await theirs.hasObject(tree)).toBe(false);
  });
});
