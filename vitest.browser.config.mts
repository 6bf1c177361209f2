import { defineConfig } from 'vitest/config';

/** Tests in a real browser against a real JupyterLab. Two files at a time: each starts its own server, and a third would only make the others wait. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000, interval: 100 } },
    pool: 'forks',
    // A real browser on a busy machine: one more try before it counts.
    retry: 1,
    maxWorkers: 2
  }
});
