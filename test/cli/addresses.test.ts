/** Every verb that looks into the past understands every way to write a revision. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandLine, createProject } from '../support/in-process';
import { environment, git } from '../support/program';

const program = commandLine();
const DAY = 24 * 60 * 60;

/** Three versions of one file, made on three days by plain git, so that their dates are known; `v1` tags the first. */
async function threeDays(): Promise<{ readonly project: string; readonly ids: readonly string[] }> {
  const project = await createProject(program);
  mkdirSync(join(project, 'data'));
  const ids: string[] = [];
  for (const day of [1, 2, 3]) {
    writeFileSync(join(project, 'data/a.csv'), `day\n${day}\n`);
    writeFileSync(join(project, 'note.txt'), `day ${day}\n`);
    git(project, 'add', '-A');
    const date = `${Date.UTC(2026, 0, 1) / 1000 + day * DAY} +0000`;
    execFileSync('git', ['commit', '-q', '-m', `day ${day}`, '--date', date], {
      cwd: project,
      env: { ...environment, GIT_COMMITTER_DATE: date }
    });
    ids.push(git(project, 'rev-parse', 'HEAD').trim());
  }
  git(project, 'tag', 'v1', ids[0]!);
  git(project, 'tag', '-a', '-m', 'annotated', 'v2', ids[1]!);
  return { project, ids };
}

it('path@revision, @{date}, ~n, tags and ids', async () => {
  const { project, ids } = await threeDays();
  const spellings: readonly (readonly [string, number])[] = [
    ['main', 3],
    ['HEAD', 3],
    ['main~1', 2],
    ['~2', 1],
    ['^', 2],
    ['v1', 1],
    ['v2', 2],
    ['v2~1', 1],
    [ids[1]!, 2],
    [ids[1]!.slice(0, 8), 2],
    ['{2026-01-03 12:00}', 2],
    ['main@{2026-01-02 12:00}', 1]
  ];
  for (const [revision, day] of spellings) {
    const address = `data/a.csv@${revision}`;
    expect(readFileSync((await program.run(project, 'get', address)).trim(), 'utf8'), address).toBe(`day\n${day}\n`);
    expect(await program.json(project, 'show', address), address).toMatchObject({ version: { subject: `day ${day}` } });
    expect(await program.json(project, 'show', `@${revision}`), revision).toMatchObject({
      snapshot: { id: ids[day - 1] }
    });
    await program.run(project, 'restore', address, `note.txt@${revision}`);
    expect(readFileSync(join(project, 'note.txt'), 'utf8'), address).toBe(`day ${day}\n`);
    expect(readFileSync(join(project, 'data/a.csv'), 'utf8'), address).toBe(`day\n${day}\n`);
  }
});

it('revisions alone, wherever a verb takes one', async () => {
  const { project, ids } = await threeDays();
  for (const [revision, day] of [
    ['main~2', 1],
    ['v2', 2],
    ['@{2026-01-02 12:00}', 1],
    [ids[1]!.slice(0, 7), 2]
  ] as const) {
    const id = ids[day - 1]!;
    expect(await program.json(project, 'compare', revision, 'main'), revision).toMatchObject({
      revisions: [{ commit: id }, { commit: ids[2], ahead: 3 - day }]
    });
    expect(await program.json(project, 'versions', 'data/a.csv', '--revision', revision), revision).toMatchObject({
      versions: Array.from({ length: day }, (_, index) => ({ subject: `day ${day - index}` }))
    });
    expect(await program.json(project, 'assets', revision), revision).toMatchObject({
      assets: [{ path: 'data/a.csv', last: { id } }]
    });
    await program.run(project, 'restore', '.', '--revision', revision);
    expect(readFileSync(join(project, 'note.txt'), 'utf8'), revision).toBe(`day ${day}\n`);
    await program.run(project, 'undo');
    await program.run(project, 'branch', `from-${day}`, '--from', revision);
    expect(git(project, 'rev-parse', `from-${day}`).trim(), revision).toBe(id);
    await program.run(project, 'branch', `from-${day}`, '-d');
    await program.run(project, 'switch', '--detach', revision);
    expect(git(project, 'rev-parse', 'HEAD').trim(), revision).toBe(id);
    await program.run(project, 'switch', 'main');
    expect(await program.json(project, 'merge', revision), revision).toMatchObject({ kind: 'up-to-date' });
  }
});

it('says what is wrong with an address', async () => {
  const { project } = await threeDays();
  expect(await program.fail(project, 'get', 'data/a.csv@nobody')).toMatchObject({ code: 'REVISION_UNKNOWN', exit: 1 });
  expect(await program.fail(project, 'get', 'data/b.csv@main')).toMatchObject({ code: 'PATH_UNKNOWN', exit: 1 });
  expect(await program.fail(project, 'get', 'data/a.csv@main~9')).toMatchObject({ code: 'REVISION_UNKNOWN' });
  expect(await program.fail(project, 'get', 'data/a.csv@{someday}')).toMatchObject({ code: 'REVISION_UNKNOWN' });
  expect(await program.fail(project, 'get', 'data/a.csv@{2020-01-01}')).toMatchObject({ code: 'REVISION_UNKNOWN' });
  expect(await program.fail(project, 'get', '@a b')).toMatchObject({ code: 'ADDRESS_INVALID', exit: 2 });
  expect(await program.fail(project, 'get', '../a.csv@main')).toMatchObject({ code: 'PATH_UNSAFE', exit: 2 });
});
