/** A process that commits `count` times and prints each subject once its commit is acknowledged. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../../src/core/error';
import type { IGit } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import { openGit } from '../../../src/node/git/repository';

const [mode, root, name, count] = process.argv.slice(2) as [string, string, string, string];
const main = 'refs/heads/main';

async function makeCommit(git: IGit, parent: string, path: string, subject: string): Promise<[string, string]> {
  const oid = await git.writeBlob(Buffer.from(subject));
  const base = (await git.readCommit(parent)).tree;
  const tree = await git.writeTree(base, new Map([[path, { mode: '100644' as const, oid }]]));
  const who = { name, email: 'w@example.org', time: Math.floor(Date.now() / 1000), offset: 0 };
  return [await git.writeCommit({ tree, parents: [parent], author: who, committer: who, message: subject }), oid];
}

async function moveBranch(git: IGit, subject: string): Promise<void> {
  const from = await git.resolve(main);
  const [to] = await makeCommit(git, from, `${name}.txt`, subject);
  await git.updateRefs([{ name: main, from, to }], `commit: ${subject}`);
}

/** As a snapshot does: the index lock first, then everything under it. */
async function snapshot(git: IGit, subject: string): Promise<void> {
  const transaction = await git.begin();
  try {
    const path = `${name}.txt`;
    writeFileSync(join(root, path), subject);
    const from = await git.resolve(main);
    const [to, oid] = await makeCommit(git, from, path, subject);
    transaction.set({ path, mode: '100644', oid }, await disk.lstat(join(root, path)));
    await transaction.commit({ refs: [{ name: main, from, to }], reflog: `commit: ${subject}` });
  } finally {
    await transaction.rollback();
  }
}

async function run(): Promise<void> {
  const git = await openGit(root, disk);
  for (let number = 0; number < Number(count);) {
    const subject = `${name}-${number}`;
    try {
      await (mode === 'refs' ? moveBranch(git, subject) : snapshot(git, subject));
      process.stdout.write(`${subject}\n`);
      number += 1;
    } catch (error) {
      if (!hasCode(error, 'REF_CONFLICT', 'LOCKED')) {
        throw error;
      }
    }
  }
}

void run();
