// The thread of a wire (see hub.mjs): its own, since measurements wait for programs in theirs.
import { createConnection, createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const counted = new BigInt64Array(workerData);
let port = 0;
parentPort.on('message', to => (port = to));

const server = createServer(near => {
  const far = createConnection(port, '127.0.0.1');
  for (const [from, to] of [
    [near, far],
    [far, near]
  ]) {
    from.on('data', piece => Atomics.add(counted, 0, BigInt(piece.length)));
    from.once('error', () => to.destroy());
    from.pipe(to);
  }
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
