/** jupyterlab-git's own server code commits an asset in a project of ours. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildProgram, environment, git, newProject } from '../support/program';
import type { Program } from '../support/program';
import { randomBytes } from '../support/random-bytes';

const python = resolve(__dirname, '..', '..', '.venv', 'bin', 'python');
const commit = `
import asyncio, sys
from jupyterlab_git_core.git import Git

async def main(path):
    git = Git()
    added = await git.add("data/a.parquet", path)
    assert added["code"] == 0, added
    done = await git.commit("by jupyterlab-git", False, path)
    assert done["code"] == 0, done
    status = await git.status(path)
    assert status["code"] == 0 and status["files"] == [], status
    switched = await git.checkout_branch("other", path)
    assert switched["code"] == 0, switched
    back = await git.checkout_branch("main", path)
    assert back["code"] == 0, back

asyncio.run(main(sys.argv[1]))
`;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});

it('jupyterlab-git stores assets through our filter, and we read what it made', () => {
  const project = newProject(program);
  program.run(project, 'snapshot', '-m', 'first');
  program.run(project, 'branch', 'other');
  const bytes = randomBytes(500_000);
  mkdirSync(join(project, 'data'));
  writeFileSync(join(project, 'data/a.parquet'), bytes);
  execFileSync(python, ['-c', commit, project], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  expect(git(project, 'show', 'HEAD:data/a.parquet')).toContain('size 500000\n');
  expect(program.json(project, 'status')).toMatchObject({ branch: 'main', clean: true });
  rmSync(join(project, 'data/a.parquet'));
  program.run(project, 'restore', 'data/a.parquet');
  expect(readFileSync(join(project, 'data/a.parquet'))).toEqual(bytes);
  expect(program.run(project, 'versions', 'data/a.parquet')).toContain('by jupyterlab-git');
});
