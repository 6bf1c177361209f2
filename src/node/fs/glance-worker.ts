/** Entry of the thread that looks at files beside the main one; `glance-thread.ts` is its other end. */
import { parentPort } from 'node:worker_threads';
import { lookAtBlocks } from './glance-blocks';
import type { GlanceRequest } from './glance-thread';

const port = parentPort!;

port.on('message', ({ id, paths, places }: GlanceRequest) => {
  lookAtBlocks(paths.split('\0'), places);
  port.postMessage(id);
});
