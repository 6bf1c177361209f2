import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mergeOperation } from '../../src/core/operation/merge';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { createSandbox, expectHealthy, openSandbox } from './fixture';
import type { Sandbox } from './fixture';

beforeEach(() => {
  // Whoever runs the tests may have a name, in files or in the environment.
  vi.stubEnv('HOME', '/nonexistent');
  vi.stubEnv('XDG_CONFIG_HOME', '/nonexistent');
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  for (const role of ['AUTHOR', 'COMMITTER']) {
    vi.stubEnv(`GIT_${role}_NAME`, undefined);
    vi.stubEnv(`GIT_${role}_EMAIL`, undefined);
  }
  vi.stubEnv('EMAIL', undefined);
  vi.stubEnv('JUPYTERHUB_USER', undefined);
  vi.stubEnv('JUPYTERHUB_PUBLIC_HUB_URL', undefined);
});
afterEach(() => void vi.unstubAllEnvs());

/** `main` and `other` went apart, HEAD is on `main`, and then the name was forgotten. */
async function nameless(key: string): Promise<Sandbox> {
  const named = await createSandbox();
  named.write({ base: 'b' });
  await named.run(snapshotOperation, {});
  named.git('branch', 'other');
  await named.run(switchOperation, { branch: 'other' });
  named.write({ theirs: 't' });
  await named.run(snapshotOperation, {});
  await named.run(switchOperation, { branch: 'main' });
  named.write({ ours: 'o' });
  await named.run(snapshotOperation, {});
  named.git('config', '--unset', key);
  return openSandbox(named.root);
}

describe.each(['user.name', 'user.email'])('without %s', key => {
  it('nothing is snapshotted, and the first one that can be is', async () => {
    const sandbox = await nameless(key);
    const head = sandbox.git('rev-parse', 'HEAD');
    sandbox.write({ new: 'n' });
    await expect(sandbox.run(snapshotOperation, {})).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
    expect(sandbox.git('rev-parse', 'HEAD')).toBe(head);
    expect(sandbox.git('status', '--porcelain')).toBe('?? new\n');
    sandbox.git('config', key, 'ada@example.org');
    await (await openSandbox(sandbox.root)).run(snapshotOperation, {});
    await expectHealthy(sandbox);
  });

  it('branches can be switched, and fast-forwarded, but not merged', async () => {
    const sandbox = await nameless(key);
    const before = { head: sandbox.git('rev-parse', 'HEAD'), files: sandbox.read() };
    await expect(sandbox.run(mergeOperation, { branch: 'other' })).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
    expect({ head: sandbox.git('rev-parse', 'HEAD'), files: sandbox.read() }).toEqual(before);
    sandbox.git('branch', 'behind', 'other~1');
    await sandbox.run(switchOperation, { branch: 'behind' });
    await sandbox.run(mergeOperation, { branch: 'other' });
    expect(sandbox.git('rev-parse', 'behind')).toBe(sandbox.git('rev-parse', 'other'));
    await expectHealthy(sandbox);
  });
});

describe('under JupyterHub', () => {
  const author = (sandbox: Sandbox): string => sandbox.git('log', '-1', '--format=%an <%ae>').trim();

  it.each([
    ['ada', 'https://jupyter.example.org/hub/', 'ada <ada@jupyter.example.org>'],
    ['ada@example.org', 'https://jupyter.example.org/hub/', 'ada@example.org <ada@example.org>'],
    ['Ada L.', undefined, 'Ada L. <Ada-L.@localhost>']
  ])('%s snapshots by the name that it has there', async (user, url, expected) => {
    const named = await createSandbox();
    named.git('config', '--remove-section', 'user');
    const before = named.git('config', '--local', '--list');
    vi.stubEnv('JUPYTERHUB_USER', user);
    vi.stubEnv('JUPYTERHUB_PUBLIC_HUB_URL', url);
    const sandbox = await openSandbox(named.root);
    sandbox.write({ base: 'b' });
    await sandbox.run(snapshotOperation, {});
    expect(author(sandbox)).toBe(expected);
    expect(sandbox.git('config', '--local', '--list')).toBe(before);
    await expectHealthy(sandbox);
  });

  it('what git was told comes first', async () => {
    vi.stubEnv('JUPYTERHUB_USER', 'someone-else');
    const sandbox = await createSandbox();
    sandbox.write({ base: 'b' });
    await sandbox.run(snapshotOperation, {});
    expect(author(sandbox)).not.toContain('someone-else');
    sandbox.git('config', '--unset', 'user.email');
    sandbox.write({ base: 'c' });
    const half = await openSandbox(sandbox.root);
    await half.run(snapshotOperation, {});
    expect(author(half)).toMatch(/^(?!someone-else).* <someone-else@localhost>$/);
  });
});
