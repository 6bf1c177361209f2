/** The small process of git-starter.ts. It ends with the large one. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { CHANNELS } from './git-starter';
import type { News, Order } from './git-starter';

const [path = ''] = process.argv.slice(2);
const tell = (news: News): boolean => process.connected && process.send!(news);

/** A socket to the large process, of which nothing is read here: it is for who is started. */
function openChannel(id: number, name: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.pause();
    socket.once('error', reject);
    socket.write(`${id} ${name}\n`, () => resolve(socket));
  });
}

async function startGit({ id, program, argv, cwd, env }: Order): Promise<void> {
  const [input, output, complaints, hook] = await Promise.all(CHANNELS.map(name => openChannel(id, name)));
  // What the shell of a hook reads has to wait for it, which sockets of ours do not.
  const child = spawn(program, argv, {
    cwd,
    env,
    detached: true,
    stdio: [input!, output!, complaints!, 'pipe', 'pipe']
  });
  child.once('error', () => tell({ id, code: null }));
  child.once('exit', code => tell({ id, code }));
  [input, output, complaints].forEach(socket => socket!.destroy());
  const [questions, answers] = [child.stdio[3] as Socket, child.stdio[4] as Socket];
  [hook!, questions, answers].forEach(stream => stream.on('error', () => undefined));
  questions.pipe(hook!);
  hook!.pipe(answers);
  child.once('exit', () => hook!.destroySoon());
  if (child.pid !== undefined) {
    tell({ id, pid: child.pid });
  }
}

process.on('message', order => {
  const { id } = order as Order;
  startGit(order as Order).catch(() => tell({ id, code: null }));
});
process.once('disconnect', () => process.exit());
