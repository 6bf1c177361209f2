import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePointer } from '../../../src/core/format/pointer';
import { makeTeam, person, useTestHub } from '../../support/hub';
import { environment, git } from '../../support/program';
import { temporaryDirectory } from '../../support/temporary-directory';

const holder = useTestHub(['olga', 'edi', 'vera', 'max'].map(user => person(user)));

type Ran = { readonly code: number; readonly output: string };

/** git as a person runs it, beside the hub, which is in this process. */
function run(cwd: string, user: string, ...args: readonly string[]): Promise<Ran> {
  const header = `http.extraHeader=Authorization: Basic ${Buffer.from(`x:${user}-token`).toString('base64')}`;
  const child = spawn('git', ['-c', header, ...args], { cwd, env: environment });
  return new Promise(resolve => {
    let output = '';
    child.stdout.on('data', piece => (output += String(piece)));
    child.stderr.on('data', piece => (output += String(piece)));
    child.once('close', code => resolve({ code: code ?? -1, output }));
  });
}

async function succeed(cwd: string, user: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run(cwd, user, ...args);
  expect(code, output).toBe(0);
  return output;
}

function commit(root: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', 'work');
  return git(root, 'rev-parse', 'HEAD').trim();
}

function newRepository(): string {
  const root = temporaryDirectory();
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'config', 'user.email', 'ada@example.org');
  git(root, 'config', 'user.name', 'Ada');
  return root;
}

const urlOf = (namespace: string, project = 'iris'): string => `${holder.hub.url}/${namespace}/${project}.git`;

describe('git at a hub', () => {
  it('pushes and clones with a token, and both are in the log', async () => {
    await makeTeam(holder.hub, 'plain', { vera: 'viewer', edi: 'editor' });
    const root = newRepository();
    const id = commit(root, { 'a.txt': 'one' });
    await succeed(root, 'edi', 'push', urlOf('plain'), 'main');
    const there = temporaryDirectory();
    await succeed(there, 'vera', 'clone', '-q', urlOf('plain'), 'copy');
    expect(git(join(there, 'copy'), 'rev-parse', 'HEAD').trim()).toBe(id);
    commit(root, { 'b.txt': 'x'.repeat(2_000_000) });
    await succeed(root, 'edi', 'push', urlOf('plain'), 'main');
    await succeed(join(there, 'copy'), 'vera', 'pull', '-q');
    expect(existsSync(join(there, 'copy', 'b.txt'))).toBe(true);
    const events = await holder.hub.namespaces('olga').audit('plain', {});
    const told = events.filter(({ action }) => ['push', 'clone', 'fetch'].includes(action));
    expect(told.map(({ user, action, target }) => [user, action, target]).reverse()).toEqual([
      ['edi', 'push', 'main'],
      ['vera', 'clone', null],
      ['edi', 'push', 'main'],
      ['vera', 'fetch', null]
    ]);
  });

  it('refuses who may only view to push, and tells who may not know nothing', async () => {
    await makeTeam(holder.hub, 'closed', { vera: 'viewer' });
    const root = newRepository();
    commit(root, { 'a.txt': 'one' });
    const viewer = await run(root, 'vera', 'push', urlOf('closed'), 'main');
    expect(viewer.code).not.toBe(0);
    expect(viewer.output).toContain('You may view closed/iris, but not push to it.');
    const stranger = await run(root, 'max', 'ls-remote', urlOf('closed'));
    const nowhere = await run(root, 'max', 'ls-remote', urlOf('nowhere'));
    expect([stranger.code, nowhere.code]).toEqual([128, 128]);
    expect(stranger.output.replaceAll('closed', 'NAME')).toBe(nowhere.output.replaceAll('nowhere', 'NAME'));
  });

  it('refuses a protected branch with the reason, and takes the others of the same push not either', async () => {
    await makeTeam(holder.hub, 'guarded', { edi: 'editor' });
    const branchRules = [{ pattern: 'prod', push: 'manage' }] as const;
    await holder.hub.namespaces('olga').change('guarded', { type: 'set-project', name: 'iris', branchRules });
    const root = newRepository();
    commit(root, { 'a.txt': 'one' });
    const { code, output } = await run(root, 'edi', 'push', urlOf('guarded'), 'main:prod', 'main:main');
    expect(code).not.toBe(0);
    expect(output).toMatch(/remote: Branchbook: .*prod/);
    expect(await succeed(root, 'edi', 'ls-remote', urlOf('guarded'))).toBe('');
    await succeed(root, 'edi', 'push', urlOf('guarded'), 'main');
    await succeed(root, 'olga', 'push', urlOf('guarded'), 'main:prod');
  });

  it('refuses refs that are no branches, and editors to force', async () => {
    await makeTeam(holder.hub, 'forced', { edi: 'editor' });
    const root = newRepository();
    commit(root, { 'a.txt': 'one' });
    await succeed(root, 'edi', 'push', urlOf('forced'), 'main');
    expect((await run(root, 'edi', 'push', urlOf('forced'), 'main:refs/config/x')).output).toContain(
      'refs/config/x is neither a branch nor a tag.'
    );
    git(root, 'commit', '-q', '--amend', '-m', 'other');
    expect((await run(root, 'edi', 'push', '--force', urlOf('forced'), 'main')).code).not.toBe(0);
    expect((await run(root, 'edi', 'push', urlOf('forced'), ':main')).code).not.toBe(0);
    await succeed(root, 'olga', 'push', '--force', urlOf('forced'), 'main');
  });

  it('refuses a pointer whose content is not there, in whatever form it comes', async () => {
    await makeTeam(holder.hub, 'empty', { edi: 'editor' });
    const sha256 = createHash('sha256').update('content').digest('hex');
    const pointer = Buffer.from(encodePointer({ sha256, size: 7 }));
    const root = newRepository();
    commit(root, { 'data/model.bin': pointer });
    const loose = await run(root, 'edi', 'push', urlOf('empty'), 'main');
    expect(loose.code).not.toBe(0);
    expect(loose.output).toContain(`not at the hub: ${sha256.slice(0, 12)}`);
    // More objects than git unpacks: the same in a pack.
    commit(root, Object.fromEntries(Array.from({ length: 120 }, (_, each) => [`many/${each}.txt`, `file ${each}`])));
    const packed = await run(root, 'edi', 'push', urlOf('empty'), 'main');
    expect(packed.output).toContain(`not at the hub: ${sha256.slice(0, 12)}`);
    expect(await succeed(root, 'edi', 'ls-remote', urlOf('empty'))).toBe('');
  });

  it('takes no pointers from who may not see all contents: they could put hidden ones where they may look', async () => {
    await makeTeam(holder.hub, 'hidden', { edi: 'editor' });
    const { namespace } = await holder.hub.namespaces('olga').view('hidden');
    const policy = { ...namespace.policy, team: { ...namespace.policy.team, models: 'none' } } as const;
    await holder.hub.namespaces('olga').change('hidden', { type: 'set', policy });
    const root = newRepository();
    commit(root, { 'a.py': 'print(1)' });
    await succeed(root, 'edi', 'push', urlOf('hidden'), 'main');
    const sha256 = createHash('sha256').update('a model').digest('hex');
    commit(root, { 'data/a.csv': Buffer.from(encodePointer({ sha256, size: 7 })) });
    const { code, output } = await run(root, 'edi', 'push', urlOf('hidden'), 'main');
    expect(code).not.toBe(0);
    expect(output).toContain('can push code, but no data or models');
  });

  it('asks for a token like git expects', async () => {
    const answer = await fetch(`${urlOf('plain')}/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    const dumb = await fetch(`${urlOf('plain')}/info/refs`, { headers: { authorization: 'Bearer olga-token' } });
    expect(dumb.status).toBe(400);
  });
});
