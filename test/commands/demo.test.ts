import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** The first thing a newcomer runs: its own expectations decide, and it ends with 1 when one of them fails. */
test('the demo shows the main job, every letter of it answered as the regulation says', async () => {
  const main = path.resolve(import.meta.dirname, '../../src/main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'demo', '--exit']);
  expect(stdout).toContain('Tất cả diễn ra đúng như quy định.');
  expect(stdout).toContain('không mục nào bị sửa, thêm, bớt');
});
