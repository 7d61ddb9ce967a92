import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostileFolder } from '../harness/hostile-files.ts';
import { buildPki, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';

/** The program itself, as an operator starts it over a folder of what was found in a mailbox. */
const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts');
const entity = 'Content-Type: text/plain; charset=utf-8\n\nĐề nghị cấp mới hộp thư.\n';
const headers = { From: 'snv@quangbinh.gov.vn', To: 'stttt@quangbinh.gov.vn', Subject: 'V/v cap moi' };
let dir: string;
let pki: Pki;
let leaf: Leaf;
let good: string;
let hostile: ReadonlyMap<string, string>;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-hostile-'));
  pki = buildPki(path.join(dir, 'pki'));
  leaf = pki.leaf('snv', { email: headers.From, commonName: 'So Noi vu' });
  good = path.join(dir, 'good.eml');
  fs.writeFileSync(good, signedLetter(entity, leaf, pki, headers));
  const folder = path.join(dir, 'hostile');
  fs.mkdirSync(folder);
  hostile = hostileFolder(folder);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function congthu(...args: readonly string[]): Promise<Ran> {
  const folders = ['--anchors', pki.anchors, '--intermediates', pki.intermediates, '--crls', pki.crls];
  const child = spawn(
    process.execPath,
    [MAIN, 'verify', ...folders, '--at', '2026-01-05T01:15:00Z', '--offline', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => {
    child.on('close', (status) => {
      resolve({ status, out, err });
    });
  });
}

interface Line {
  readonly file: string;
  readonly verdict: string;
  readonly format: string;
  readonly reason: string;
  readonly explanation: string;
}
const lines = ({ out }: Ran): Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('a folder of hostile and odd files in one call', () => {
  let ran: Ran;
  let found: ReadonlyMap<string, Line>;
  beforeAll(async () => {
    // A sound letter first, between and last: what the others do must not reach it.
    const files = [...hostile.values()];
    const half = Math.floor(files.length / 2);
    ran = await congthu('--json', '--', good, ...files.slice(0, half), good, ...files.slice(half), good);
    found = new Map(lines(ran).map((line) => [path.basename(line.file), line]));
  }, 120_000);

  test('each has its line, in the order asked; nothing else is printed', () => {
    expect(ran.err).toBe('');
    expect(lines(ran)).toHaveLength(hostile.size + 3);
    expect(new Set(lines(ran).map(({ file }) => file))).toEqual(new Set([good, ...hostile.values()]));
  });

  test('the sound letter passes every time, and nothing else does', () => {
    const passed = lines(ran).filter(({ verdict }) => verdict === 'TOTAL-PASSED');
    expect(passed.map(({ file }) => file)).toEqual([good, good, good]);
  });

  test.each([
    ['folder.eml', 'a folder, not a file'],
    ['missing.eml', 'ENOENT'],
    ['loop.eml', 'ELOOP'],
    ['dangling.eml', 'ENOENT'],
    ['endless.eml', 'not an ordinary file'],
    ['pipe.eml', 'not an ordinary file'],
    ['larger-than-memory.pdf', 'are examined'],
    ['larger-than-letters.eml', 'are examined'],
  ])('%s is not read, and says why: %s', (name, why) => {
    expect(found.get(name)).toMatchObject({ format: 'none', verdict: 'INDETERMINATE' });
    expect(found.get(name)!.reason).toContain(why);
  });

  test('what can be read is examined to an end: no file killed its parser', () => {
    const killed = [...found].filter(([, { reason }]) => reason.includes('ParserCrash'));
    expect(killed).toEqual([]);
    expect(
      [...found.values()].filter(({ reason, explanation }) => reason === '' || explanation === ''),
    ).toEqual([]);
  });

  test.each(['pdf-bomb.pdf', 'deep.p7s', 'said-to-be-long.p7s', 'noise.p7m'])(
    '%s claims a signature nobody can read: not told as unsigned',
    (name) => {
      expect(found.get(name)!.verdict).not.toBe('NONE');
    },
  );
});

test('for a person every file begins one line, whatever its name', async () => {
  const odd = [...hostile].filter(([name]) => /lines|gpj|dấu|quoted/u.test(name)).map(([, file]) => file);
  const { out } = await congthu('--lang', 'en', '--', ...odd, good);
  const beginnings = out
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith(' '));
  expect(beginnings).toHaveLength(odd.length + 1);
  expect(out).toContain('two\\u{a}lines.eml: NOT SIGNED');
  expect(out).toContain('a\\u{1b}[2J\\u{202e}gpj.eml: NOT SIGNED');
  expect(out).toContain('tên có dấu.eml: NOT SIGNED');
});

describe('the exit status', () => {
  const altered = (): string => {
    const file = path.join(dir, 'altered.eml');
    const raw = fs
      .readFileSync(good, 'latin1')
      .replace(/^Content-Type: text\/plain/m, 'Content-Type: Text/plain');
    fs.writeFileSync(file, Buffer.from(raw, 'latin1'));
    return file;
  };
  test.each<[number, string, () => readonly string[]]>([
    [0, 'all passed', () => [good, good]],
    [1, 'one failed, whatever else', () => [good, altered(), hostile.get('missing.eml')!]],
    [2, 'one unsigned', () => [good, hostile.get('tên có dấu.eml')!]],
    [2, 'one that cannot be read', () => [good, hostile.get('folder.eml')!]],
  ])('%i: %s', async (status, _why, files) => {
    expect((await congthu('--json', '--', ...files())).status).toBe(status);
  });

  test.each<[string, readonly string[], string]>([
    ['no file', [], 'Which files?'],
    ['a moment that is none', ['--at', 'gestern', 'x'], '--at gestern'],
    ['an unknown option', ['--anchor', '/tmp', 'x'], '--anchor'],
    ['a folder that is not there', ['--crls', '/nicht/da', 'x'], '/nicht/da is no folder'],
  ])('2 with the reason and no verdict: %s', async (_name, args, said) => {
    const { status, out, err } = await congthu(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(said);
  });
});
