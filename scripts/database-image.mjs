// The embedded database of the hub as initdb leaves it, in one compressed file. Making a database takes PGlite seconds and
// 850 MB of memory: here, and at no user's. Format: src/node/postgres/database-image.ts.
import { PGlite } from '@electric-sql/pglite';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a running database leaves, and the next start makes anew. */
const leftOut = ['postmaster.pid'];

export async function makeDatabaseImage(file) {
  const folder = mkdtempSync(join(tmpdir(), 'branchbook-database-'));
  try {
    const database = await PGlite.create({ dataDir: folder, initDbStartParams: ['--wal-segsize=1'] });
    await database.close();
    writeFileSync(file, gzipSync(imageOf(folder), { level: 9 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Three databases come of one template: most files are there three times, and stand in the image once. */
function imageOf(root) {
  const folders = [];
  const files = [];
  const contents = new Map();
  let size = 0;
  const walk = path => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        folders.push(name);
        walk(name);
      } else if (!leftOut.includes(name)) {
        const bytes = readFileSync(join(root, name));
        const hash = createHash('sha256').update(bytes).digest('hex');
        if (!contents.has(hash)) {
          contents.set(hash, { bytes, at: size });
          size += bytes.length;
        }
        files.push([name, contents.get(hash).at, bytes.length]);
      }
    }
  };
  walk('');
  return Buffer.concat([
    Buffer.from(`${JSON.stringify({ folders, files })}\n`),
    ...[...contents.values()].map(({ bytes }) => bytes)
  ]);
}
