import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, VARIABLES } from '../src/config.ts';

/** What README says of the configuration and what the program reads are the same. */
const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
const names = VARIABLES.map(({ name }) => name);

/** Names in the first cell of a table's rows. */
const told = (text: string): string[] =>
  [...text.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(CONGTHU_[A-Z0-9_]+|DATABASE_URL)`/g)].map(([, name]) => name!),
  );

test('README’s table has every variable once, and no other', () => {
  const found = told(read('README.md'));
  expect(found.toSorted()).toEqual(names.toSorted());
});

test('every variable of the list is read, and none beside it', () => {
  const asked = new Set<string>();
  const env = new Proxy<Record<string, string>>(
    { CONGTHU_PROVISIONER: 'ldap', CONGTHU_SIGNING_P12: path.join(ROOT, 'README.md') },
    {
      get(target, name) {
        asked.add(String(name));
        return Reflect.get(target, name) as string | undefined;
      },
    },
  );
  // The directory of `ldap` is missing here; all faults are collected before it throws.
  expect(() => readConfig(env)).toThrow('CONGTHU_LDAP_URL');
  const known = new Set(names.flatMap((name) => [name, `${name}_FILE`]));
  expect(names.filter((name) => !asked.has(name))).toEqual([]);
  expect([...asked].filter((name) => !known.has(name))).toEqual([]);
});

test('the examples of operation set only variables there are', () => {
  const files = [
    'Dockerfile',
    '.compose.yaml',
    ...fs.readdirSync(path.join(ROOT, 'templates/ops')).map((name) => `templates/ops/${name}`),
  ];
  const known = new Set(names.flatMap((name) => [name, `${name}_FILE`]));
  const set = files.flatMap((file) =>
    [...read(file).matchAll(/\bCONGTHU_[A-Z0-9_]+/g)].map(([name]) => name),
  );
  expect(set.length).toBeGreaterThan(20);
  expect(set.filter((name) => !known.has(name))).toEqual([]);
});
