import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'congthu-mend-'));
  const library = join(folder, 'node_modules', 'soup');
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, 'package.json'), '{"type": "module", "exports": "./index.js"}');
  writeFileSync(join(library, 'index.js'), `export const taste = 'bland' + '';\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a process of its own says: a library is loaded once in one. */
function tasted(was: string, before = ''): string {
  const file = join(folder, 'cook.mjs');
  const mends = JSON.stringify([{ file: 'index.js', was, becomes: `'salted' + '$&'` }]);
  writeFileSync(
    file,
    `import { mendLibrary } from '${join(import.meta.dirname, '../src/mend-library.ts')}';
    try {
      ${before}
      const loadedMended = mendLibrary('soup', 'cook.mjs', ${mends});
      const { taste } = await import('soup');
      loadedMended();
      console.log(taste);
    } catch ({ message }) {
      console.log(message);
    }`,
  );
  return execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim();
}

test('a library is mended while it is loaded, by the very words', () => {
  expect(tasted(`'bland' + ''`)).toBe('salted$&');
});

test('another release is not loaded', () => {
  const message = 'not the release that is mended (soup, mended by cook.mjs): index.js has no “sour”';
  expect(tasted('sour')).toBe(message);
});

test('words that stand there twice do not say which is meant', () => {
  expect(tasted(`'`)).toMatch(/^not the release/);
});

test('a library that was loaded before is noticed', () => {
  expect(tasted(`'bland' + ''`, `await import('soup');`)).toBe('soup was loaded past cook.mjs: index.js');
});
