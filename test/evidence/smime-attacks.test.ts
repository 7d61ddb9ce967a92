import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineLetter } from '../../src/evidence/examine.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';

const FROM = 'snv@quangbinh.gov.vn';
const headers = { From: FROM, To: 'stttt@quangbinh.gov.vn', Subject: 'ngoai' };
const plain = 'Content-Type: text/plain; charset=utf-8\n\nDe nghi cap moi = 5 hop thu.\n';
let dir: string;
let pki: Pki;
let leaf: Leaf;
let second: Leaf;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-attacks-'));
  pki = buildPki(dir);
  leaf = pki.leaf('snv', { email: FROM, commonName: 'So Noi vu' });
  second = pki.leaf('khac', { email: 'khac@quangbinh.gov.vn', commonName: 'Khac' });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (raw: Buffer | string) => {
  const trust = loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls });
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw;
  return examineLetter(bytes, { trust, at: new Date('2026-01-05T01:15:00Z') }, DOCUMENT_FORMATS).letter;
};
const signed = (entity = plain, opaque = false): string =>
  signedLetter(entity, leaf, pki, headers, opaque).toString('latin1');
const boundaryOf = (raw: string): string => /boundary="([^"]+)"/.exec(raw)![1]!;

/** A CMS structure in base64, as openssl makes it over `content`. */
function cms(content: string, ...options: string[]): string {
  const file = path.join(dir, 'content');
  fs.writeFileSync(file, content.replaceAll('\n', '\r\n'));
  const signer = ['-signer', leaf.cert, '-inkey', leaf.key, '-md', 'sha256', '-binary'];
  return openssl(['cms', '-sign', '-in', file, ...signer, '-outform', 'DER', ...options]).toString('base64');
}

/** multipart/signed round any first part and any signature. */
const multipart = (content: string, signature: string): string =>
  [
    `From: ${FROM}`,
    'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
    '',
    '--b',
    content.replaceAll('\n', '\r\n'),
    '--b',
    'Content-Type: application/pkcs7-signature; name=smime.p7s',
    'Content-Transfer-Encoding: base64',
    '',
    signature,
    '--b--',
    '',
  ].join('\r\n');

describe('a signature that does not speak for what is shown', () => {
  const evil = plain.replace('5 hop', '500 hop');
  test.each<[string, () => string, object]>([
    [
      'eContent of the honest letter beside another first part',
      () => multipart(evil, cms(plain, '-nodetach')),
      { verdict: 'TOTAL-FAILED' },
    ],
    [
      'a signature of two signers',
      () => multipart(plain, cms(plain, '-signer', second.cert, '-inkey', second.key)),
      {},
    ],
    ['a signature over other content', () => multipart(evil, cms(plain)), { subIndication: 'HASH_FAILURE' }],
    ['a signature without signed attributes', () => multipart(plain, cms(plain, '-noattr')), {}],
    [
      'the signed part encoded anew as quoted-printable',
      () =>
        signed()
          .replace('Content-Type: text/plain', 'Content-Transfer-Encoding: quoted-printable\r\n$&')
          .replace('moi = 5', 'moi =3D 5'),
      { subIndication: 'HASH_FAILURE' },
    ],
    [
      'one line break of the signed part without its CR',
      () => signed().replace('5 hop thu.\r\n', '5 hop thu.\n'),
      { subIndication: 'HASH_FAILURE' },
    ],
    [
      'a header field slipped into the signed part',
      () => signed().replace('Content-Type: text/plain', 'Subject: khac\r\n$&'),
      { subIndication: 'HASH_FAILURE' },
    ],
    [
      'two boundary parameters',
      () => signed().replace(/boundary="/, 'boundary="x"; boundary="'),
      { subIndication: 'FORMAT_FAILURE' },
    ],
    [
      'a signature over an opaque signature',
      () => signed(signed(plain, true).replace(/^[^]*?(?=MIME-Version)/, '')),
      { verdict: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' },
    ],
    [
      'another From inside the signature',
      () => signed(`From: khac@quangbinh.gov.vn\n${plain.replace('utf-8', 'utf-8; hp="clear"')}`),
      { verdict: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' },
    ],
    [
      'another From inside a wrapped message',
      () => signed(`Content-Type: message/rfc822\n\nFrom: khac@quangbinh.gov.vn\n${plain}`),
      { verdict: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' },
    ],
    [
      'two From fields outside a protected letter',
      () =>
        `From: khac@quangbinh.gov.vn\r\n${signed(`Content-Type: message/rfc822\n\nFrom: ${FROM}\n${plain}`)}`,
      { verdict: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' },
    ],
  ])('%s', (_name, letter, expected) => {
    const { verdict, reason } = examine(letter()).letter;
    expect(verdict.verdict, reason).not.toBe('TOTAL-PASSED');
    expect(verdict, reason).toMatchObject(expected);
  });

  test('the same construction with the honest parts passes, so the forgeries fail for their own reason', () => {
    expect(examine(multipart(plain, cms(plain))).letter.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  });
});

test('text before and after the parts is shown to nobody', () => {
  const raw = signed();
  const b = boundaryOf(raw);
  const garnished = `${raw.replace(`--${b}\r\n`, `chen truoc\r\n--${b}\r\n`)}\r\nchen sau\r\n`;
  const { letter, bodyText, documents } = examine(garnished);
  expect(letter.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  expect(bodyText).not.toMatch(/chen/);
  expect(documents).toEqual([]);
});

test('protected headers inside win over those outside', () => {
  const inside = `From: Sở <${FROM}>\nSubject: trong\n${plain.replace('utf-8', 'utf-8; hp="clear"')}`;
  expect(examine(signed(inside))).toMatchObject({
    letter: { verdict: { verdict: 'TOTAL-PASSED' } },
    subject: 'trong',
  });
  expect(examine(signed()).subject).toBe('ngoai');
});

test('a wrong micalg is told and decides nothing', () => {
  const { verdict, reason } = examine(signed().replace(/micalg="?sha-?256"?/, 'micalg="sha-512"')).letter;
  expect(verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  expect(reason).toContain('micalg says sha-512, the signature sha256');
});

test('an encrypted letter is not a signed one', () => {
  const file = path.join(dir, 'content');
  fs.writeFileSync(file, plain);
  const sealed = openssl(['cms', '-encrypt', '-aes256', '-in', file, '-outform', 'SMIME', leaf.cert]);
  const raw = `From: ${FROM}\r\n${sealed.toString('latin1').replaceAll(/\r?\n/g, '\r\n')}`;
  expect(examine(raw).letter).toMatchObject({ format: 'none', verdict: { verdict: 'NONE' } });
});

describe('files beside their signatures', () => {
  const list = 'STT,Ho ten\n1,Nguyen Van An\n';
  const letter = (body: string, name: string, signature: string): string =>
    [
      `From: ${FROM}`,
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...(body === '' ? [] : ['--m', 'Content-Disposition: attachment; filename="ds.csv"', '']),
      ...(body === '' ? [] : ['Content-Type: text/csv', '', body.replaceAll('\n', '\r\n')].slice(2)),
      '--m',
      'Content-Type: application/octet-stream',
      `Content-Disposition: attachment; filename="${name}"`,
      'Content-Transfer-Encoding: base64',
      '',
      signature,
      '--m--',
      '',
    ].join('\r\n');

  test.each(['ds.csv.p7s', 'ds.p7s'])('%s proves ds.csv, and nothing after a change', (name) => {
    const sound = examine(letter(list, name, cms(list)));
    expect(sound.documents).toMatchObject([
      {
        filename: 'ds.csv',
        coveredByLetter: false,
        evidence: { format: 'cms', verdict: { verdict: 'TOTAL-PASSED' } },
      },
    ]);
    const changed = examine(letter(list.replace('An', 'Em'), name, cms(list)));
    expect(changed.documents).toMatchObject([
      { evidence: { verdict: { verdict: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' } } },
    ]);
  });

  test('the file inside a .p7m takes its place, and proves nothing about the letter', () => {
    const { letter: own, documents } = examine(letter('', 'ds.csv.p7m', cms(list, '-nodetach')));
    expect(own.verdict.verdict).toBe('NONE');
    expect(documents).toMatchObject([
      { filename: 'ds.csv', mediaType: 'text/csv', evidence: { verdict: { verdict: 'TOTAL-PASSED' } } },
    ]);
  });

  test('a signature whose file is missing is for an officer', () => {
    const { documents } = examine(letter('', 'ds.csv.p7s', cms(list)));
    expect(documents).toMatchObject([{ evidence: { verdict: { subIndication: 'SIGNED_DATA_NOT_FOUND' } } }]);
  });
});
