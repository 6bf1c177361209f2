import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { createSandbox, expectHealthy } from './fixture';

const COMMITS = 200;

/**
 * What a user's script does with plain git: add, commit, and again when the index is locked just then. One shell, so
 * that it does little else than run git.
 */
const SCRIPT = `
again() {
  until output=$("$@" 2>&1); do
    case "$output" in
      *.lock*|*"cannot lock ref"*) sleep 0.01 ;;
      *) echo "$*: $output" >&2; exit 1 ;;
    esac
  done
}
for i in $(seq ${COMMITS}); do
  echo "$i" > "git-$i.txt"
  again git add "git-$i.txt"
  again git commit -q --no-verify -m "git $i" -- "git-$i.txt"
done
`;

/** Gives what it complained about. */
function commitWithGit(root: string): Promise<string> {
  const child = spawn('sh', ['-c', SCRIPT], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  return new Promise(resolve => child.on('close', () => resolve(complaints)));
}

describe('two writers', () => {
  it(`lose none of ${COMMITS} plain git commits and ${COMMITS} snapshots made at the same time`, async () => {
    const sandbox = await createSandbox();
    await sandbox.run(snapshotOperation, { message: 'base' });
    const snapshots = async (): Promise<void> => {
      for (let index = 0; index < COMMITS; index += 1) {
        const path = `snapshot-${index}.${index % 2 ? 'txt' : 'bin'}`;
        sandbox.write({ [path]: `${index} `.repeat(500) });
        await sandbox.run(snapshotOperation, { paths: [path], message: `snapshot ${index}` });
      }
    };
    const [complaints] = await Promise.all([commitWithGit(sandbox.root), snapshots()]);
    expect(complaints).toBe('');
    const subjects = sandbox.git('log', '--format=%s').trim().split('\n');
    expect(subjects).toHaveLength(1 + 2 * COMMITS);
    expect(new Set(subjects).size).toBe(1 + 2 * COMMITS);
    const files = sandbox.git('ls-tree', '-r', '--name-only', 'HEAD').trim().split('\n');
    expect(files).toHaveLength(1 + 2 * COMMITS);
    expect(sandbox.git('status', '--porcelain')).toBe('');
    await expectHealthy(sandbox);
  }, 180_000);
});
