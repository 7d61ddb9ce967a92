import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/harness/global.ts'],
    pool: 'forks',
    // Much of a test's time is waiting for other programs: on two cores two files at once take half as long as one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A browser, a database and a parser beside each other on two busy cores; nothing is asserted by these.
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
