// A plain server of one file, as careful people make one, in a process of its own: what it is sent is flushed beside its
// place, renamed there and the folder flushed before it answers. `node plain-server.mjs FILE`; prints its port.
import { createReadStream, createWriteStream, realpathSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Bytes that are read or written at once. */
export const AT_ONCE = 1024 * 1024;

/** The file is complete and durable, or as it was before. */
export async function store(path, pieces) {
  await pipeline(pieces, createWriteStream(`${path}.new`, { flush: true, highWaterMark: AT_ONCE }));
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path));
  await folder.sync();
  await folder.close();
}

const [, program, path] = process.argv;
if (program && realpathSync(program) === import.meta.filename) {
  const server = createServer((asked, answer) => {
    const moved =
      asked.method === 'PUT'
        ? store(path, asked).then(() => answer.end())
        : pipeline(createReadStream(path, { highWaterMark: AT_ONCE }), answer);
    moved.catch(() => answer.destroy());
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}
