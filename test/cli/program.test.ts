import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, git, newProject } from '../support/program';
import type { Program } from '../support/program';
import { temporaryDirectory } from '../support/temporary-directory';

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});

describe('the command line', () => {
  it('knows its version and explains itself', () => {
    const folder = temporaryDirectory();
    expect(program.run(folder, '--version')).toBe('1.2.3-test\n');
    const help = program.run(folder, '--help');
    for (const verb of 'init status track snapshot branch switch merge compare diff versions show restore get undo check serve assets'.split(
      ' '
    )) {
      expect(help).toContain(`  ${verb}`);
    }
    expect(program.run(folder, 'merge', '--help')).toContain('branchbook merge experiment-1 --into prod');
  });

  it('tells failures by exit codes, a message and a hint', () => {
    const folder = temporaryDirectory();
    const failed = program.try(folder, 'status');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^error: .* is not in a Branchbook project\.\nhint: .*branchbook init/);
    expect(program.try(folder, 'switch').code).toBe(2);
    expect(program.try(folder, 'nonsense').code).toBe(2);
    expect(program.try(folder, 'status', '--nonsense').code).toBe(2);
    expect(program.fail(folder, 'status')).toMatchObject({ exit: 1, code: 'NOT_A_PROJECT' });
  });

  it('init is safe to repeat and leaves what the user wrote in charge', () => {
    const folder = temporaryDirectory();
    git(folder, 'init', '-q', '-b', 'main');
    writeFileSync(join(folder, '.gitattributes'), '*.csv text\n');
    writeFileSync(join(folder, '.gitignore'), '*.log');
    expect(program.json(folder, 'init')).toMatchObject({ created: true, branch: 'main' });
    const attributes = readFileSync(join(folder, '.gitattributes'), 'utf8');
    expect(attributes).toMatch(/\*\.csv text\n$/);
    expect(
      git(folder, 'check-attr', 'filter', 'x.csv', 'x.parquet', 'data/raw', 'data/a/README.md', 'metrics/m.csv')
    ).toBe(
      [
        'x.csv: filter: unspecified',
        'x.parquet: filter: lfs',
        'data/raw: filter: lfs',
        'data/a/README.md: filter: unspecified',
        'metrics/m.csv: filter: unspecified',
        ''
      ].join('\n')
    );
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*.log\n.ipynb_checkpoints/\n__pycache__/\n');
    expect(program.json(folder, 'init')).toMatchObject({ created: false });
    expect(readFileSync(join(folder, '.gitattributes'), 'utf8')).toBe(attributes);
  });

  it('init refuses what it cannot manage, and links in place of its files', () => {
    const bare = temporaryDirectory();
    git(bare, 'init', '-q', '--bare');
    expect(program.fail(bare, 'init')).toMatchObject({ code: 'REPOSITORY_UNSUPPORTED' });
    const folder = temporaryDirectory();
    git(folder, 'init', '-q');
    symlinkSync('/etc/hostname', join(folder, '.gitattributes'));
    expect(program.fail(folder, 'init')).toMatchObject({ code: 'PATH_UNSAFE', exit: 2 });
    expect(program.fail(temporaryDirectory(), 'init', '--name', 'a<b', '--email', 'x')).toMatchObject({
      code: 'USAGE',
      exit: 2
    });
  });

  it('takes paths relative to the current folder, and -C', () => {
    const project = newProject(program);
    mkdirSync(join(project, 'data'));
    writeFileSync(join(project, 'data/a.csv'), 'x\n1\n');
    writeFileSync(join(project, 'b.txt'), 'b\n');
    program.run(join(project, 'data'), 'snapshot', 'a.csv', '-m', 'one file');
    expect(git(project, 'ls-tree', '-r', '--name-only', 'HEAD')).toContain('data/a.csv');
    expect(git(project, 'ls-tree', '-r', '--name-only', 'HEAD')).not.toContain('b.txt');
    expect(program.run(project, '-C', 'data', 'versions', 'a.csv')).toContain('one file');
    expect(readFileSync(program.run(join(project, 'data'), 'get', 'a.csv@main').trim(), 'utf8')).toBe('x\n1\n');
    program.run(join(project, 'data'), 'get', 'a.csv@main', '-o', 'copy.csv');
    expect(readFileSync(join(project, 'data/copy.csv'), 'utf8')).toBe('x\n1\n');
    expect(program.fail(project, 'versions', '../outside')).toMatchObject({ code: 'PATH_UNSAFE', exit: 2 });
    expect(program.fail(project, 'versions', '.git/config')).toMatchObject({ code: 'PATH_UNSAFE' });
    expect(program.fail(project, 'show', 'nothing@main')).toMatchObject({ code: 'PATH_UNKNOWN' });
    expect(program.fail(project, 'show', '@nobody')).toMatchObject({ code: 'REVISION_UNKNOWN' });
  });

  it('records provenance and facts', () => {
    const project = newProject(program);
    writeFileSync(join(project, 'a.parquet'), 'not really');
    program.run(
      project,
      ...['snapshot', '-m', 'with facts', '--notebook', 'train.ipynb', '--cell', 'c1', '--kernel', 'python3'],
      ...['--library', 'pandas=2.2.3', '--facts', '[{"path":"a.parquet","rows":3,"columns":2}]']
    );
    expect(program.run(project, 'versions', 'a.parquet')).toContain('3 rows × 2');
    expect(program.run(project, 'show', 'a.parquet')).toContain('made by train.ipynb, cell c1');
    expect(program.fail(project, 'snapshot', '--facts', 'x')).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(program.fail(project, 'snapshot', '-m', 'again')).toMatchObject({ code: 'NOTHING_TO_SNAPSHOT' });
  });

  it('a merge that needs a decision ends with 3; track takes patterns', () => {
    const project = newProject(program);
    writeFileSync(join(project, 'a.txt'), 'base\n');
    program.run(project, 'snapshot', '-m', 'base');
    program.run(project, 'switch', '-c', 'other');
    writeFileSync(join(project, 'a.txt'), 'theirs\n');
    program.run(project, 'snapshot', '-m', 'theirs');
    program.run(project, 'switch', 'main');
    writeFileSync(join(project, 'a.txt'), 'ours\n');
    program.run(project, 'snapshot', '-m', 'ours');
    expect(program.fail(project, 'merge', 'other')).toMatchObject({ exit: 3, code: 'MERGE_CONFLICT' });
    program.run(project, 'merge', 'other', '--theirs', 'a.txt');
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).toBe('theirs\n');
    expect(program.json(project, 'track', '*.weights', 'raw/')).toMatchObject({ added: ['*.weights', 'raw/**'] });
    expect(program.json(project, 'track', '*.weights')).toMatchObject({ added: [] });
    expect(program.fail(project, 'track', '!x')).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  it('refuses to work without an author, or in the middle of a merge of git', () => {
    const project = temporaryDirectory();
    program.run(project, 'init');
    expect(program.fail(project, 'snapshot')).toMatchObject({ code: 'IDENTITY_MISSING' });
    program.run(project, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    program.run(project, 'snapshot', '-m', 'first');
    program.run(project, 'branch', 'other');
    writeFileSync(join(project, '.git/MERGE_HEAD'), git(project, 'rev-parse', 'HEAD'));
    expect(program.fail(project, 'switch', 'other')).toMatchObject({ code: 'OPERATION_IN_PROGRESS' });
    expect(program.fail(project, 'merge', 'other')).toMatchObject({ code: 'OPERATION_IN_PROGRESS' });
  });

  it('does not let names in a repository steer the terminal', () => {
    const project = newProject(program);
    writeFileSync(join(project, 'a\u001b[31m.txt'), 'x\n');
    program.run(project, 'snapshot', '-m', 'evil \u001b]0;title\u0007 message');
    expect(program.run(project, 'show')).not.toContain('\u001b');
    expect(program.run(project, 'branch')).not.toContain('\u0007');
  });
});
