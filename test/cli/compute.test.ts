/** Compute from the command line: a real hub, and a real Jupyter Server whose token nobody but the hub has. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { administeredPlace } from '../../src/core/access/context';
import { DocumentDirectory } from '../../src/core/access/document-directory';
import type { ComputeResult } from '../../src/core/model/sharing';
import { Endpoints } from '../../src/node/compute/endpoints';
import { createMemoryBucket } from '../../src/node/memory/memory-service';
import { clock, random } from '../../src/node/process/time';
import { computeRoutes } from '../../src/service/hub/compute/compute-routes';
import { openTestHub, person } from '../support/hub';
import type { TestHub } from '../support/hub';
import { commandLine, createProject } from '../support/in-process';
import { startServer } from '../support/servers/server';
import type { Server } from '../support/servers/server';

const TOKEN = 'hidden-token-of-the-endpoint';
const folder = mkdtempSync(join(tmpdir(), 'branchbook-compute-'));
const seal = {
  seal: (text: string) => Buffer.from(text).toString('base64url'),
  open: (text: string) => Buffer.from(text, 'base64url').toString('utf8')
};
const program = commandLine();
let jupyter: Server;
let hub: TestHub;
beforeAll(async () => {
  jupyter = await startServer('jupyter-server', port => ({
    argv: [
      ...['--allow-root', '--no-browser', `--ServerApp.port=${port}`, `--IdentityProvider.token=${TOKEN}`],
      ...[`--ServerApp.root_dir=${folder}`, '--ServerApp.port_retries=0']
    ],
    env: { HOME: folder, JUPYTER_RUNTIME_DIR: join(folder, 'runtime') },
    endsItself: true
  }));
  hub = await openTestHub([person('olga')], {
    access: {
      directory: new DocumentDirectory(createMemoryBucket()),
      sha256: text => createHash('sha256').update(text).digest('hex'),
      groupsOf: async () => [],
      rules: administeredPlace,
      ...{ clock, random, seal }
    },
    others: () => computeRoutes({ endpoints: new Endpoints({ allowLoopback: true }), seal })
  });
  // As a server of the JupyterHub that the hub belongs to, which has its token from there.
  Object.assign(process.env, { XDG_CONFIG_HOME: folder, BRANCHBOOK_HUB: hub.url, JUPYTERHUB_API_TOKEN: 'olga-token' });
}, 120_000);
afterAll(async () => {
  for (const name of ['BRANCHBOOK_COMPUTE_TOKEN', 'BRANCHBOOK_HUB', 'JUPYTERHUB_API_TOKEN', 'XDG_CONFIG_HOME']) {
    delete process.env[name];
  }
  await hub?.close();
  await jupyter?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('adds an endpoint, runs a notebook on it, and removes it', async () => {
  const project = await createProject(program);
  const cells = [
    { cell_type: 'code', id: 'a', metadata: {}, source: 'print(6 * 7)', outputs: [], execution_count: null }
  ];
  const notebook = JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
  writeFileSync(join(project, 'train.ipynb'), notebook);
  const team = ['--namespace', `${hub.url}/team`];
  await program.run(project, 'namespace', 'create', `${hub.url}/team`);

  const add = ['compute', 'add', 'gpu-1', jupyter.url, '--title', 'A100', ...team];
  expect(await program.fail(project, ...add)).toMatchObject({ code: 'USAGE', hint: expect.any(String) as string });
  process.env['BRANCHBOOK_COMPUTE_TOKEN'] = TOKEN;
  const added = await program.run(project, ...add);
  const listed = await program.run(project, 'compute', 'list', ...team);
  expect(listed).toMatch(/^ *gpu-1 +manage +jupyter-server +A100/m);

  const ran = await program.json<ComputeResult>(project, 'compute', 'run', 'gpu-1', 'train.ipynb', ...team);
  expect(ran.ran).toMatchObject({ output: 'train-on-gpu-1.ipynb', cells: 1, failed: false });
  const copy = readFileSync(join(project, 'train-on-gpu-1.ipynb'), 'utf8');
  expect(copy).toContain('42');
  expect(readFileSync(join(project, 'train.ipynb'), 'utf8')).toBe(notebook);
  expect([added, listed, copy, ...hub.log].join()).not.toContain(TOKEN);

  await program.run(project, 'compute', 'remove', 'gpu-1', ...team);
  expect(await program.run(project, 'compute', 'list', ...team)).toContain('no endpoints');
}, 120_000);

it('explains each action, with examples', async () => {
  expect(await program.run(folder, 'compute', '--help')).toContain('branchbook compute run gpu-1 train.ipynb');
  expect(await program.run(folder, 'compute', 'add', '--help')).toContain('BRANCHBOOK_COMPUTE_TOKEN');
  expect(await program.run(folder, 'compute', 'kubeflow-export', '--help')).toContain('admin, edit, view');
  expect(await program.fail(folder, 'compute', 'share-server', '--user', 'anna')).toMatchObject({
    code: 'COMPUTE_UNAVAILABLE'
  });
});
