import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpack } from '../../src/evidence/unpack.ts';
import { createParserPool } from '../../src/parser-process/pool.ts';
import { createClamd } from '../../src/virus/clamd.ts';
import { scanLetter } from '../../src/virus/letter-scan.ts';
import { EICAR, startClamd, withoutClamd, type RunningClamd } from '../harness/clamd.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import { storedZip } from '../harness/zip-writer.ts';

let dir: string;
let pki: Pki;
let leaf: Leaf;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-unpack-'));
  pki = buildPki(dir);
  leaf = pki.leaf('snv', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
});
afterAll(() => {
  fs.rmSync(dir, { recursive: true });
});

const VIRUS = Buffer.from(EICAR);
const part = (name: string, bytes: Buffer, type = 'application/octet-stream'): string =>
  `--r\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n')}\r\n`;
const entity = (...parts: string[]): string =>
  `Content-Type: multipart/mixed; boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nKinh gui\r\n${parts.join('')}--r--\r\n`;
const letter = (...parts: string[]): Buffer =>
  Buffer.from(`From: snv@quangbinh.gov.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n${entity(...parts)}`);
const head = { From: 'snv@quangbinh.gov.vn', Subject: 'x', 'MIME-Version': '1.0' };
const opaque = (body: string): Buffer => signedLetter(body, leaf, pki, head, true);
/** A .p7m file as a signing tool writes it: DER, content inside. */
function p7m(bytes: Buffer): Buffer {
  const file = path.join(dir, 'content');
  fs.writeFileSync(file, bytes);
  return openssl([
    'cms',
    '-sign',
    '-nodetach',
    '-binary',
    '-in',
    file,
    '-signer',
    leaf.cert,
    '-inkey',
    leaf.key,
    '-outform',
    'DER',
  ]);
}
const zip = (members: Record<string, Buffer>): Buffer => storedZip(members);
/** As a thing our own slicer takes apart, and clamd does not: the content is base64 inside the CMS. */
const HIDING: readonly (readonly [string, (virus: Buffer) => Buffer])[] = [
  ['an attachment of an opaque letter', (virus) => opaque(entity(part('a.bin', virus)))],
  ['a zip in an opaque letter', (virus) => opaque(entity(part('a.zip', zip({ 'thu muc/a.txt': virus }))))],
  ['a .p7m file', (virus) => letter(part('a.txt.p7m', p7m(virus)))],
  [
    'a .p7m file as base64 text',
    (virus) => letter(part('a.txt.p7m', Buffer.from(p7m(virus).toString('base64')))),
  ],
  [
    'an opaque letter in an attached letter',
    (virus) => letter(part('thu.eml', opaque(entity(part('a.bin', virus))), 'message/rfc822')),
  ],
  [
    'a zip in a zip in a .p7m in a zip',
    (virus) => letter(part('a.zip', zip({ 'b.p7m': p7m(zip({ 'c.zip': zip({ 'd.txt': virus }) })) }))),
  ],
  [
    'a part of an Office file',
    (virus) =>
      letter(
        part('a.xlsx', zip({ '[Content_Types].xml': Buffer.from('<x/>'), 'xl/media/image1.png': virus })),
      ),
  ],
  [
    'a letter that is nothing but an attachment',
    (virus) =>
      Buffer.from(
        `From: a@b.vn\r\nMIME-Version: 1.0\r\n${part('a.p7m', p7m(virus)).slice('--r\r\n'.length)}`,
      ),
  ],
];

test.each(HIDING)('%s: its bytes come out', (_, hide) => {
  const { pieces, limit } = unpack(hide(VIRUS));
  expect(limit).toBeNull();
  expect(pieces.some(({ bytes }) => VIRUS.equals(bytes))).toBe(true);
});

test('labels lead to the place, and are labels, never paths', () => {
  const raw = letter(part('a.zip', zip({ 'x/y/b.p7m': p7m(VIRUS) })));
  expect(unpack(raw).pieces.map(({ label }) => label)).toEqual([
    'text/plain',
    'a.zip',
    'a.zip › b.p7m',
    'a.zip › b.p7m › noi-dung',
  ]);
});

describe('bounds', () => {
  test('layers', () => {
    let file: Buffer = VIRUS;
    for (let n = 0; n < 7; n += 1) file = zip({ 'a.zip': file });
    expect(unpack(letter(part('a.zip', file))).limit).toBeNull();
    for (let n = 0; n < 2; n += 1) file = zip({ 'a.zip': file });
    expect(unpack(letter(part('a.zip', file))).limit).toBe('more than 8 layers of packing');
  });

  test('bytes and parts over the whole letter, where no single zip reaches its own', () => {
    const file = zip({ a: Buffer.alloc(40 * 1024 * 1024, 'x') });
    expect(unpack(letter(part('a.zip', file))).limit).toBeNull();
    expect(unpack(letter(part('a.zip', file), part('b.zip', file))).limit).toMatch(/bytes when unpacked/);
    const many = zip(Object.fromEntries(Array.from({ length: 1300 }, (_, n) => [`${n}`, Buffer.from('x')])));
    expect(unpack(letter(part('a.zip', many))).limit).toBeNull();
    expect(unpack(letter(part('a.zip', many), part('b.zip', many))).limit).toBe('more than 2500 parts');
  });

  test('damaged and hostile files are no trouble', () => {
    const whole = zip({ 'a.txt': VIRUS });
    const bad = [
      whole.subarray(0, whole.length - 5),
      Buffer.from('PK'),
      p7m(VIRUS).subarray(0, 80),
      Buffer.from('0\x80'),
      Buffer.alloc(0),
    ];
    const { pieces, limit } = unpack(letter(...bad.map((bytes, n) => part(`${n}.bin`, bytes))));
    expect(limit).toBeNull();
    expect(pieces).toHaveLength(5);
  });
});

describe.skipIf(withoutClamd)('with a real clamd', () => {
  let clamd: RunningClamd;
  const pool = createParserPool({ children: 1 });
  beforeAll(async () => {
    clamd = await startClamd('60M');
  });
  afterAll(async () => {
    pool.close();
    await clamd.stop();
  });
  const scanner = () => createClamd({ address: { host: '127.0.0.1', port: clamd.port } });
  const scan = (raw: Buffer) =>
    scanLetter(
      raw,
      (bytes) => scanner().scan(bytes),
      (letterRaw) => pool.unpack({ raw: letterRaw }),
    );

  test.each(HIDING)('%s: found', async (_, hide) => {
    expect((await scan(hide(VIRUS))).found).toMatch(/Eicar-Test-Signature/);
    expect(await scan(hide(Buffer.from('danh sach')))).toEqual({ found: null, limit: null });
  });

  test('the control: clamd alone does not see into an opaque letter', async () => {
    expect(await scanner().scan(opaque(entity(part('a.zip', zip({ 'a.txt': VIRUS })))))).toBeNull();
  });

  test('a piece without a clear answer is never "clean"; a bound that was reached is told', async () => {
    const raw = letter(part('a.txt', Buffer.from('x')));
    const asked: number[] = [];
    const sulking = (bytes: Uint8Array): Promise<string | null> => {
      asked.push(bytes.length);
      return asked.length > 1
        ? Promise.reject(new Error('clamd: INSTREAM size limit exceeded. ERROR'))
        : Promise.resolve(null);
    };
    await expect(scanLetter(raw, sulking, () => pool.unpack({ raw }))).rejects.toThrow('size limit');
    const cut = { pieces: [], limit: 'more than 2500 parts' };
    expect(
      await scanLetter(
        raw,
        () => Promise.resolve(null),
        () => Promise.resolve(cut),
      ),
    ).toEqual({ found: null, limit: 'more than 2500 parts' });
  });
});
