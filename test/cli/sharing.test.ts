/** namespace, member and share, in a folder. */
import { describe, expect, it } from 'vitest';
import type { MemberResult, NamespaceResult, ShareResult } from '../../src/core/model/sharing';
import { commandLine } from '../support/in-process';
import { temporaryDirectory } from '../support/temporary-directory';

const branchbook = commandLine();

async function namespace(): Promise<{ readonly cwd: string; readonly team: string }> {
  const cwd = temporaryDirectory();
  const team = `${temporaryDirectory()}/ml-team`;
  await branchbook.run(cwd, 'namespace', 'create', team, '--title', 'Machine learning');
  return { cwd, team };
}

describe('namespaces', () => {
  it('are made, shown, listed, set and deleted', async () => {
    const { cwd, team } = await namespace();
    const shown = await branchbook.run(cwd, 'namespace', 'show', team);
    expect(shown).toContain('Machine learning');
    expect(shown).toMatch(/everyone +none +none +none +none/);
    await branchbook.run(cwd, 'namespace', 'set', team, '--everyone', 'code=view,data=run', '--quota', '5GB');
    const { view } = await branchbook.json<NamespaceResult>(cwd, 'namespace', 'show', team);
    expect(view?.namespace.policy.everyone).toEqual({ code: 'view', data: 'run', models: 'none', compute: 'none' });
    expect(view?.namespace.policy.team.code).toBe('manage');
    expect(view?.namespace.quota).toEqual({ bytes: 5e9, projects: null });
    expect(await branchbook.run(cwd, 'namespace', 'list', team.replace('/ml-team', ''))).toContain('ml-team');
    expect(await branchbook.run(cwd, 'namespace', 'audit', team, '--action', 'policy')).toContain(
      'everyone × data: none → run'
    );
    await branchbook.run(cwd, 'namespace', 'delete', team);
    expect(await branchbook.fail(cwd, 'namespace', 'show', team)).toMatchObject({ code: 'NAMESPACE_UNKNOWN', exit: 1 });
  });

  it('have members', async () => {
    const { cwd, team } = await namespace();
    await branchbook.run(cwd, 'member', 'add', 'anna', 'viewer', '-n', team);
    await branchbook.run(cwd, 'member', 'add', 'group:vision', 'editor', '-n', team);
    await branchbook.run(cwd, 'member', 'role', 'anna', 'runner', '-n', team, '--cleared');
    expect(await branchbook.run(cwd, 'member', 'list', '-n', team)).toMatch(/user:anna +runner +cleared/);
    const { members } = await branchbook.json<MemberResult>(cwd, 'member', 'remove', 'anna', '-n', team);
    expect(members.map(({ principal }) => principal.name)).not.toContain('anna');
    const me = members.find(({ role }) => role === 'owner')!.principal.name;
    expect(await branchbook.fail(cwd, 'member', 'remove', me, '-n', team)).toMatchObject({ code: 'LAST_OWNER' });
  });

  it('are shared by name and by link, explained, and taken back', async () => {
    const { cwd, team } = await namespace();
    expect(await branchbook.run(cwd, 'share', 'namespace', '--with', 'anna', '--until', '7d', '-n', team)).toMatch(
      /^anna can read the code, data and models of ml-team until \d+ \w+ \d{4}, and cannot change anything\.$/m
    );
    const { link, links } = await branchbook.json<ShareResult>(
      cwd,
      'share',
      'link',
      'namespace',
      '-r',
      'edit',
      '-n',
      team
    );
    expect(link).toMatch(/\/join\/[0-9a-f]{64}$/);
    const why = await branchbook.run(cwd, 'share', 'explain', 'namespace', '-n', team);
    expect(why).toMatch(/user:anna +view .* gave anna “view” on the namespace until/);
    await branchbook.run(cwd, 'share', 'revoke', links[0]!.id, '-n', team);
    const { grants } = await branchbook.json<ShareResult>(cwd, 'share', 'list', '-n', team);
    await branchbook.run(cwd, 'share', 'revoke', grants[0]!.id, '-n', team);
    expect(await branchbook.run(cwd, 'share', 'list', '-n', team)).toContain('revoked');
    expect(await branchbook.run(cwd, 'share', 'explain', 'namespace', '--who', 'anna', '-n', team)).toBe('Nobody.\n');
  });
});

describe('what makes no sense', () => {
  it.each([
    [['share', 'iris', '-n', '/srv/a/b'], 'with whom'],
    [['share', 'iris/', '--with', 'a:b', '-n', '/srv/a/b'], 'names nobody'],
    [['share', 'answer', 'x', '--grant', '--refuse', '-n', '/srv/a/b'], 'Grant it or refuse it'],
    [['namespace', 'set', '/srv/a/b'], 'Set what?'],
    [['namespace', 'set', '/srv/a/b', '--team', 'everything=edit'], 'no cell of the table'],
    [['namespace', 'project', 'iris', '--protect', 'prod', '-n', '/srv/a/b'], 'no rule of branches']
  ])('%j', async (argv, words) => {
    const failure = await branchbook.fail(temporaryDirectory(), ...argv);
    expect(failure).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(failure.message).toContain(words);
  });

  it('says what to do where no namespace is known', async () => {
    const folder = temporaryDirectory();
    expect(await branchbook.fail(folder, 'member', 'list')).toMatchObject({ code: 'REMOTE_UNKNOWN' });
    const failure = await branchbook.fail(folder, 'member', 'list', '-n', 'ml-team');
    expect(failure).toMatchObject({ code: 'ADDRESS_INVALID' });
    expect(failure.hint).toContain('PLACE/NAMESPACE');
  });
});
