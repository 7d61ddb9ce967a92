import { spawnSync } from 'node:child_process';

/**
 * True when a test that needs this program is to be skipped: it is not installed, and CONGTHU_TEST_ALL does not make
 * that a failure.
 */
export const componentMissing = (program: string): boolean =>
  process.env['CONGTHU_TEST_ALL'] !== '1' && spawnSync(program, ['--version']).error !== undefined;
