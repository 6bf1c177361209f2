import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine, createProject } from '../support/in-process';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const program = commandLine();

describe('a damaged chunk', () => {
  it('is never returned; the error names it and says how to repair it', async () => {
    const project = await createProject(program);
    mkdirSync(join(project, 'data'));
    writeFileSync(join(project, 'data/a.bin'), randomBytes(300_000));
    await program.run(project, 'snapshot', '-m', 'first');
    const first = readFileSync(join(project, 'data/a.bin'));
    writeFileSync(join(project, 'data/a.bin'), 'second');
    await program.run(project, 'snapshot', '-m', 'second');
    const pack = largestFileBelow(join(project, '.git/branchbook/xorbs'));
    const content = readFileSync(pack);
    content[content.length >> 1]! ^= 1;
    chmodSync(pack, 0o644);
    writeFileSync(pack, content);
    rmSync(join(project, '.git/branchbook/materialized'), { recursive: true, force: true });
    const output = join(temporaryDirectory(), 'copy.bin');
    for (const args of [
      ['get', 'data/a.bin@~1', '-o', output],
      ['restore', 'data/a.bin@~1'],
      ['switch', '--detach', 'main~1']
    ]) {
      const error = await program.fail(project, ...args);
      expect(error, args.join(' ')).toMatchObject({ code: 'OBJECT_CORRUPT' });
      expect(JSON.stringify(error.data), args.join(' ')).toMatch(/[0-9a-f]{64}/);
      expect(error.hint, args.join(' ')).not.toBe('');
    }
    expect(existsSync(output)).toBe(false);
    expect(readFileSync(join(project, 'data/a.bin'), 'utf8')).toBe('second');
    expect(await program.try(project, 'check', '--read-data')).toMatchObject({ code: 1 });
    // The same content anywhere heals it: that is what the hint promises.
    writeFileSync(join(project, 'data/again.bin'), first);
    await program.run(project, 'snapshot', '-m', 'again');
    expect(await program.run(project, 'check', '--read-data')).toContain('All is well');
    await program.run(project, 'get', 'data/a.bin@~2', '-o', output);
    expect(readFileSync(output)).toEqual(first);
  });
});

function largestFileBelow(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter(entry => entry.isFile());
  const paths = files.map(entry => join(entry.parentPath, entry.name));
  return paths.sort((a, b) => lstatSync(b).size - lstatSync(a).size)[0]!;
}
