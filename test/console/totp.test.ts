import { expect, test } from 'vitest';
import {
  base32,
  codeOf,
  createSeal,
  newRecoveryCodes,
  recoveryHash,
  stepOfCode,
} from '../../src/console/totp.ts';

/** RFC 6238 appendix B, SHA-1 rows, the last six of the eight digits. */
const SECRET = Buffer.from('12345678901234567890');
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('RFC 6238 appendix B: T = %d s', (seconds, code) => {
  expect(codeOf(SECRET, Math.floor(seconds / 30))).toBe(code);
});

test('a code counts one step early or late, not two', () => {
  const at = (step: number): Date => new Date(step * 30_000);
  const code = codeOf(SECRET, 1000);
  expect([998, 999, 1000, 1001, 1002].map((step) => stepOfCode(SECRET, code, at(step)))).toEqual([
    null,
    1000,
    1000,
    1000,
    null,
  ]);
});

test('base32 as RFC 4648 §10 writes it', () => {
  expect(['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32(Buffer.from(text)))).toEqual([
    'MY',
    'MZXQ',
    'MZXW6',
    'MZXW6YQ',
    'MZXW6YTB',
    'MZXW6YTBOI',
  ]);
});

test('a sealed secret opens with its own key only and not when it was touched', () => {
  const seal = createSeal(Buffer.alloc(32, 1));
  const closed = seal.close(SECRET);
  expect(seal.open(closed)).toEqual(SECRET);
  expect(() => createSeal(Buffer.alloc(32, 2)).open(closed)).toThrow();
  const touched = `${closed.slice(0, -1)}${closed.endsWith('A') ? 'B' : 'A'}`;
  expect(() => seal.open(touched)).toThrow();
});

test('recovery codes are ten different ones, found again however they are typed', () => {
  const { codes, hashes } = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  expect(recoveryHash(codes[3]!.toUpperCase().replace('-', ' '))).toBe(hashes[3]);
});
