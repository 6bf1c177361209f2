// npm test: set up, then run every test: core and command line, Python and real notebooks, real browser.
// The last line is "N passed, N failed".
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, fail, isDone, once, run, step, StepFailed } from './run.mjs';
import { bin, setup } from './setup.mjs';

const reports = at('node_modules', '.branchbook', 'reports');

const versitygw = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/** Memory as a folder, and the bytes that must be free there for tests. */
const MEMORY = '/dev/shm';
const ENOUGH_MEMORY = 8 * 1024 ** 3;

/**
 * Where tests work: in memory where they can, since they flush thousands of files to the device. Deleted in the end. What
 * must be on a disk is measured by `npm run bench`.
 */
function useTemporaryFolder() {
  const { bavail, bsize } = existsSync(MEMORY) ? statfsSync(MEMORY) : { bavail: 0, bsize: 0 };
  const folder = mkdtempSync(join(bavail * bsize >= ENOUGH_MEMORY ? MEMORY : tmpdir(), 'branchbook-tests-'));
  // Other users of the machine take part in some tests.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => process.exit(1));
  }
}

/** Programs that tests drive for real. Installed where this user may, else the command to do so is told. */
async function installTools() {
  const missing = [];
  for (const tool of ['chromium', 'git-lfs']) {
    await run(tool, ['--version']).catch(() => missing.push(tool));
  }
  // Debian keeps the server's programs off the search path.
  if (!existsSync('/usr/lib/postgresql')) {
    await run('postgres', ['--version']).catch(() => missing.push('postgresql'));
  }
  if (missing.length === 0) {
    return;
  }
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new StepFailed(`Tests need ${missing.join(' and ')}. Install with: ${command}`);
  }
  await step(`Installing ${missing.join(' and ')}`, async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing, 'fonts-dejavu-core'], { env });
  });
}

/** The S3 server of the tests, built by Go. Begun first, since it takes a minute; gives what waits for it. */
function buildS3Server() {
  const folder = at('node_modules', '.branchbook', 'bin');
  if (isDone('versitygw', versitygw) && existsSync(join(folder, 'versitygw'))) {
    return async () => undefined;
  }
  const env = { GOBIN: folder, CGO_ENABLED: '0' };
  const go = ['go', '/usr/local/go/bin/go'].reduce(
    (before, program) => before.catch(() => run(program, ['version']).then(() => program)),
    Promise.reject(new Error('not looked for yet'))
  );
  const built = go.then(
    program => run(program, ['install', '-trimpath', '-ldflags=-s -w', versitygw], { env }),
    () => {
      const command = `GOBIN=${folder} go install ${versitygw}`;
      throw new StepFailed(`Tests need an S3 server, which Go builds (https://go.dev/dl). Then: ${command}`);
    }
  );
  // It may fail before anybody waits.
  built.catch(() => undefined);
  return () => once('versitygw', versitygw, 'Building an S3 server (versitygw)', () => built);
}

async function vitest(name, config) {
  const file = join(reports, `${name}.json`);
  const argv = ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const failure = await run(process.execPath, [at('node_modules/vitest/vitest.mjs'), ...argv], { show: true }).then(
    () => null,
    error => error
  );
  if (!existsSync(file)) {
    throw failure ?? new StepFailed(`${name} wrote no report`);
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that could not even be loaded counts as one failure.
  const broken = report.testResults.filter(suite => suite.status === 'failed' && suite.assertionResults.length === 0);
  return count(report.numPassedTests, report.numFailedTests + broken.length, failure);
}

/** Says nothing before its end, since others write meanwhile. */
async function pytest() {
  const file = join(reports, 'pytest.xml');
  const argv = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${file}`];
  const failure = await run(bin('python'), argv).then(
    output => console.log(`\n── python ──\n${output}`),
    error => error
  );
  if (failure) {
    console.log(`\n── python ──\n${failure.message}`);
  }
  if (!existsSync(file)) {
    throw failure ?? new StepFailed('pytest wrote no report');
  }
  const attributes = /<testsuite [^>]*>/.exec(readFileSync(file, 'utf8'))[0];
  const value = name => Number(new RegExp(` ${name}="(\\d+)"`).exec(attributes)[1]);
  const failed = value('failures') + value('errors') + value('skipped');
  return count(value('tests') - failed, failed, failure);
}

/** A run that ended badly without a failing test (a crash after the last one) is a failure too. */
function count(passed, failed, failure) {
  return { passed, failed: failure && failed === 0 ? 1 : failed };
}

try {
  const only = process.argv[2];
  const s3Server = buildS3Server();
  await setup('example,test');
  await installTools();
  await s3Server();
  useTemporaryFolder();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const suites = {
    core: () => vitest('core', 'vitest.config.mts'),
    python: pytest,
    browser: () => vitest('browser', 'vitest.browser.config.mts')
  };
  const total = { passed: 0, failed: 0 };
  // Those of a line run at the same time: they wait for other programs more than for the processor.
  for (const together of [['core', 'python'], ['browser']]) {
    const chosen = together.filter(name => !only || only === name);
    const results = await Promise.all(chosen.map(name => suites[name]()));
    for (const { passed, failed } of results) {
      total.passed += passed;
      total.failed += failed;
    }
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
} catch (error) {
  fail(error);
}
