import { afterEach, expect, test } from 'vitest';
import { blaming } from '../src/parser-process/blame.ts';
import { createParserPool, ParserCrash, type ParserPool } from '../src/parser-process/pool.ts';

const validation = { at: new Date('2026-01-05T00:00:00Z'), trustDirs: { anchors: '/nonexistent' } };
let pool: ParserPool;
afterEach(() => {
  pool.close();
});

const hostile = (timeoutMs = 3000) =>
  createParserPool({
    entry: new URL('./cases/parser-children/hostile.ts', import.meta.url),
    timeoutMs,
    memoryMb: 300,
    children: 2,
  });
const ask = (deed: string) => pool.examine({ ...validation, raw: Buffer.from(deed) });

test.each([
  ['hang', ['time']],
  // Which of the two limits strikes first is up to the kernel; that one does is the point.
  ['bomb', ['memory', 'died'], 20_000],
  ['die', ['died']],
  ['babble', ['died']],
])('a child that does "%s" fails its own job only', async (deed, kinds, timeoutMs?: number) => {
  pool = hostile(timeoutMs);
  const bad = ask(deed).then(
    () => null,
    (error: unknown) => error,
  );
  const good = await Promise.all(['một', 'hai', 'ba'].map(ask));
  expect(good.map(({ letter }) => letter)).toEqual(['một', 'hai', 'ba']);
  const error = await bad;
  expect(error).toBeInstanceOf(ParserCrash);
  expect(kinds).toContain((error as ParserCrash).kind);
  await expect(ask('sau đó')).resolves.toMatchObject({ letter: 'sau đó' });
});

test('a letter is blamed for a dead child only while another letter passes', async () => {
  pool = hostile();
  await expect(blaming(pool, () => ask('die'))).rejects.toBeInstanceOf(ParserCrash);
  pool.close();
  pool = createParserPool({ entry: new URL('./no-such-child.ts', import.meta.url) });
  const trouble = blaming(pool, () => ask('một'));
  await expect(trouble).rejects.toThrow('the parsing child does not work');
  await expect(trouble).rejects.not.toBeInstanceOf(ParserCrash);
});

test('jobs that wait when the pool is closed are told so and start no child', async () => {
  pool = createParserPool({
    entry: new URL('./cases/parser-children/hostile.ts', import.meta.url),
    timeoutMs: 1000,
    children: 1,
  });
  const jobs = ['hang', 'một', 'hai'].map((deed) => ask(deed).catch((error: unknown) => error));
  pool.close();
  const [, ...waiting] = await Promise.all(jobs);
  expect(waiting.map((error) => String(error))).toEqual(
    Array(2).fill('ParserCrash: the parser pool is closed'),
  );
});

test('the real child examines a letter, verifies a file and reads the list in it', async () => {
  pool = createParserPool({ children: 1, jobsPerChild: 2 });
  const raw = Buffer.from(
    [
      'From: snv@quangbinh.gov.vn',
      'Subject: =?utf-8?B?xJDhu4Egbmdo4buL?=',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Kính gửi quý cơ quan',
      '--b',
      'Content-Type: text/csv; charset=utf-8',
      'Content-Disposition: attachment; filename="../../danh-sach.csv"',
      '',
      'STT,Họ và tên\r\n1,Nguyễn Văn An',
      '--b--',
      '',
    ].join('\r\n'),
  );
  const { letter } = await pool.examine({ ...validation, raw });
  expect(letter).toMatchObject({ subject: 'Đề nghị', bodyText: 'Kính gửi quý cơ quan', limit: null });
  const [document] = letter.documents;
  expect(document).toMatchObject({
    filename: 'danh-sach.csv',
    mediaType: 'text/csv',
    coveredByLetter: false,
  });
  const { grids, problems } = await pool.readLists({ raw, documents: [document!] });
  expect(problems).toEqual([]);
  expect(grids[0]?.rows[1]?.cells.map((cell) => cell?.text)).toEqual(['1', 'Nguyễn Văn An']);
  const verified = await pool.verifyFile({ ...validation, name: 'a.eml', bytes: raw });
  expect(verified.evidence.verdict).toEqual({ verdict: 'NONE' });
  await expect(pool.readLists({ raw, documents: [{ index: 0, sha256: '00' }] })).rejects.toThrow(
    'not the one that was examined',
  );
});

test('of two renderings of a letter the one with the table is read, and only when it is asked for', async () => {
  pool = createParserPool({ children: 1 });
  const raw = Buffer.from(
    [
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'STT',
      'Họ và tên',
      '1',
      'Nguyễn Văn An',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<table><tr><td>STT<td>Họ và tên<tr><td>1<td>Nguyễn Văn An</table>',
      '--b--',
      '',
    ].join('\r\n'),
  );
  expect(await pool.readLists({ raw, documents: [] })).toEqual({ grids: [], body: [], problems: [] });
  const { body } = await pool.readLists({ raw, documents: [], includeBody: true });
  expect(body.map(({ rows }) => rows.map(({ cells }) => cells.map((cell) => cell?.text)))).toEqual([
    [
      ['STT', 'Họ và tên'],
      ['1', 'Nguyễn Văn An'],
    ],
  ]);
});
