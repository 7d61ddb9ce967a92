import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ListError } from '../../src/lists/port.ts';
import { understandLists } from '../../src/rules/list-layout.ts';
import { readListFile } from '../harness/list-file.ts';
import { tell } from '../rules/list-cases.ts';

/**
 * fixtures/lists: whole files made by build.py with other tools, each beside what has to be understood of it. The same
 * test runs over a folder that git ignores: lists nobody may see.
 */
const FOLDERS = ['fixtures/lists', 'fixtures/private/lists'];

interface Told {
  readonly entries?: readonly string[];
  readonly problems?: readonly string[];
  readonly error?: string;
}

interface Expectation extends Told {
  readonly why: readonly string[];
  /** Where a format tells other than the rest. */
  readonly formats?: Readonly<Record<string, Told>>;
}

const files = FOLDERS.filter((folder) => fs.existsSync(folder)).flatMap((folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => /^\d{2,3}-/u.test(name) && !name.endsWith('.expect.json'))
    .map((name) => path.join(folder, name)),
);

function expectationOf(file: string): Told {
  const { dir, name, ext } = path.parse(file);
  const expectation = JSON.parse(
    fs.readFileSync(path.join(dir, `${name}.expect.json`), 'utf8'),
  ) as Expectation;
  const { entries, problems, error } = { ...expectation, ...expectation.formats?.[ext.slice(1)] };
  return error === undefined ? { entries: entries ?? [], problems: problems ?? [] } : { error };
}

async function read(file: string): Promise<Told> {
  const bytes = fs.readFileSync(file);
  const filename = path.basename(file);
  try {
    const list = understandLists(await readListFile(bytes, filename));
    return {
      // Line numbers differ between the formats of one case.
      entries: tell({ entries: list.entries, problems: [] }, false).map((line) => line.replace(/^\d+ /u, '')),
      problems: list.problems.map(({ code }) => code),
    };
  } catch (error) {
    if (error instanceof ListError) return { error: error.code };
    throw error;
  }
}

describe('list files', () => {
  test.each(files)('%s', async (file) => {
    expect(await read(file)).toEqual(expectationOf(file));
  });

  test('there are files of every format', () => {
    const formats = new Set(files.map((file) => path.extname(file)));
    for (const format of ['.xlsx', '.xls', '.ods', '.csv', '.docx', '.odt', '.pdf', '.html', '.txt'])
      expect(formats).toContain(format);
    expect(files.length).toBeGreaterThan(100);
  });
});
