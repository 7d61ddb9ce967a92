import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from '../../src/commands/verify.ts';
import { writePng } from '../scans/picture-writer.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';

const entity = 'Content-Type: text/plain; charset=utf-8\n\nĐề nghị cấp mới hộp thư.\n';
const headers = { From: 'snv@quangbinh.gov.vn', To: 'stttt@quangbinh.gov.vn', Subject: 'V/v cap moi' };
let dir: string;
let pki: Pki;
let leaf: Leaf;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-verify-'));
  pki = buildPki(dir);
  leaf = pki.leaf('snv', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

async function run(...args: string[]) {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const folders = ['--anchors', pki.anchors, '--intermediates', pki.intermediates, '--crls', pki.crls];
  const io = { env: {}, out: sink, err: sink, signal: new AbortController().signal };
  const status = await verify.run([...args, ...folders, '--at', '2026-01-05T01:15:00Z', '--offline'], io);
  return { status, text };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function write(name: string, bytes: Buffer | string): string {
  const file = path.join(dir, name);
  fs.writeFileSync(file, bytes);
  return file;
}

test('a sound letter passes, as it came and as a file with bare line feeds', async () => {
  const raw = signedLetter(entity, leaf, pki, headers);
  const letter = write('good.eml', raw);
  const bare = write('bare.eml', Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'));
  const { status, text } = await run(letter, bare, '--json');
  expect(lines(text)).toMatchObject([
    {
      file: letter,
      format: 'smime',
      verdict: 'TOTAL-PASSED',
      signatures: [
        {
          intact: true,
          coversAll: true,
          chain: 'trusted',
          signer: { commonName: 'So Noi vu', email: 'snv@quangbinh.gov.vn' },
        },
      ],
    },
    { file: bare, verdict: 'TOTAL-PASSED' },
  ]);
  expect(status).toBe(0);
});

test('one altered byte, a missing file and an unsigned letter each get their line', async () => {
  const raw = signedLetter(entity, leaf, pki, headers);
  const altered = write(
    'altered.eml',
    Buffer.from(raw.toString('latin1').replace('text/plain;', 'Text/plain;'), 'latin1'),
  );
  const unsigned = write('unsigned.eml', `From: a@b.vn\r\nSubject: x\r\n\r\nhello\r\n`);
  const { status, text } = await run(altered, path.join(dir, 'missing.eml'), unsigned, '--json');
  expect(lines(text)).toMatchObject([
    { verdict: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' },
    {
      verdict: 'INDETERMINATE',
      reason: expect.stringContaining('ENOENT') as string,
      explanation: 'không có tệp này',
    },
    { format: 'none', verdict: 'NONE', signatures: [] },
  ]);
  expect(status).toBe(1);
});

test('a detached signature is checked over exactly the file, in either order', async () => {
  const file = write('danh-sach.csv', 'STT,Họ và tên\n1,Nguyễn Văn An\n');
  const signature = path.join(dir, 'danh-sach.csv.p7s');
  openssl(
    [
      'cms',
      '-sign',
      '-binary',
      '-in',
      file,
      '-signer',
      leaf.cert,
      '-inkey',
      leaf.key,
      '-md',
      'sha256',
    ].concat(['-outform', 'DER', '-out', signature]),
  );
  for (const [one, other] of [
    [file, signature],
    [signature, file],
  ] as const) {
    const { status, text } = await run(one, '--detached', other, '--json');
    expect(lines(text)).toMatchObject([{ format: 'cms', verdict: 'TOTAL-PASSED' }]);
    expect(status).toBe(0);
  }
  fs.appendFileSync(file, '2,Thêm\n');
  expect((await run(file, '--detached', signature, '--json')).status).toBe(1);
  expect(lines((await run(signature, '--json')).text)).toMatchObject([
    { verdict: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' },
  ]);
});

test('a clerk reads Vietnamese', async () => {
  const { text } = await run(write('clerk.eml', signedLetter(entity, leaf, pki, headers)));
  expect(text).toContain('HỢP LỆ (chữ ký số hợp lệ)');
});

test('a picture is a scan without digital signature, whatever its name says', async () => {
  const png = write('quet.pdf', writePng({ width: 2, height: 1, data: new Uint8Array(6) }, 'plain'));
  const { status, text } = await run(png, '--json');
  expect(lines(text)).toMatchObject([{ format: 'scan', verdict: 'NONE', signatures: [] }]);
  expect(status).toBe(2);
});
