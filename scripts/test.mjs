// npm test: set up, then run every test: core and command line, Python and real notebooks, real browser.
// The last line is "N passed, N failed".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { at, fail, run, step, StepFailed } from './run.mjs';
import { bin, setup } from './setup.mjs';

const reports = at('node_modules', '.branchbook', 'reports');

/** Programs that tests drive for real. Installed where this user may, else the command to do so is told. */
async function installTools() {
  const tools = { chromium: 'chromium', 'git-lfs': 'git-lfs' };
  const missing = [];
  for (const [program, debianPackage] of Object.entries(tools)) {
    await run(program, ['--version']).catch(() => missing.push(debianPackage));
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
  await setup('example,test');
  await installTools();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const suites = {
    core: () => vitest('core', 'vitest.config.mts'),
    python: pytest,
    browser: () => vitest('browser', 'vitest.browser.config.mts')
  };
  const total = { passed: 0, failed: 0 };
  // Those of a line run at the same time: browsers and kernels wait for each other more than for the processor.
  for (const together of [['core'], ['python', 'browser']]) {
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
