import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { provesLargeLetter } from './harness/large-letter.ts';
import { buildPki } from './harness/openssl-pki.ts';

/** Issue 3: a 50 MB opaque letter within 300 MB. */
const MOST_MB = 300;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-large-'));
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

test('the parsing child proves an opaque letter of 50 MB within 300 MB', { timeout: 120_000 }, async () => {
  const { examined, letterMb, peakMb } = await provesLargeLetter(buildPki(dir));
  expect(letterMb).toBeGreaterThanOrEqual(50);
  expect(examined.letter.letter.verdict, examined.letter.letter.reason).toEqual({ verdict: 'TOTAL-PASSED' });
  expect(examined.letter.documents[0]?.size).toBeGreaterThan(50 * 1024 * 1024 * 0.74);
  expect(peakMb).toBeLessThan(MOST_MB);
});
