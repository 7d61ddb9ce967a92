import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/harness/global.ts'],
    pool: 'forks',
    // A browser, a database and a parser beside each other on two busy cores; nothing is asserted by these.
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
