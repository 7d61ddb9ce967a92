import fs from 'node:fs';
import path from 'node:path';
import mammoth from 'mammoth';
import { expect, test } from 'vitest';
import { readListFile } from '../harness/list-file.ts';

/**
 * mammoth reads the same Word files for comparison. It knows neither fonts nor what is hidden, so it reads no lists
 * here; but no word of a table that it sees may be missing from ours, and none may be added.
 */
const FOLDER = 'fixtures/lists';
/** Hidden text is left out by us and shown by mammoth; symbols of Wingdings it turns into other signs. */
const DIFFERENT = ['51-hidden-text.docx', '52-wingdings-symbol.docx', '79-password.docx'];

const files = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.docx') && !DIFFERENT.includes(name));

test.each(files)('%s: the words of the tables are those mammoth sees', async (name) => {
  const buffer = fs.readFileSync(path.join(FOLDER, name));
  const { value } = await mammoth.convertToHtml({ buffer });
  const theirs = await readListFile(Buffer.from(value), 'x.html');
  const ours = await readListFile(buffer, name);
  expect(words(ours)).toEqual(words(theirs));
});

const words = (grids: Awaited<ReturnType<typeof readListFile>>): string[] =>
  grids.flatMap(({ rows }) =>
    rows
      .filter(({ line }) => line > 0)
      .flatMap(({ cells }) => cells.flatMap((cell) => cell?.text.split(/\s+/u) ?? []))
      .filter((word) => word !== ''),
  );
