import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineLetter } from '../../src/evidence/examine.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import { opensslVerifier } from '../harness/openssl-verify.ts';

/** Letters of any build, signed by openssl in every way it knows, then carried as mail is: both must agree. */

const RECEIVED = new Date('2026-01-05T01:15:00Z');
const FROM = 'snv@quangbinh.gov.vn';

let dir: string;
let pki: Pki;
let trust: TrustStore;
let opensslPasses: (raw: Buffer) => boolean;
let keys: Readonly<Record<'rsa' | 'ec', Leaf>>;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-families-'));
  pki = buildPki(dir);
  trust = loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls });
  opensslPasses = opensslVerifier(pki, RECEIVED);
  const leaf = (name: 'rsa' | 'ec'): Leaf =>
    pki.leaf(name, { email: FROM, commonName: 'So Noi vu', ec: name === 'ec' });
  keys = { rsa: leaf('rsa'), ec: leaf('ec') };
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const words = fc.stringMatching(/^[ -~]{0,60}$/).map((line) => line.replace(/^--|^From /, 'x'));
const text = fc.array(words, { maxLength: 6 }).map((lines) => lines.join('\r\n'));

/** A leaf: its bytes in one of the transfer encodings, with or without a name. */
const leafPart = fc
  .record({
    body: text,
    encoding: fc.constantFrom('7bit', 'base64', 'quoted-printable', null),
    name: fc.option(fc.constantFrom('danh-sach.csv', '=?utf-8?Q?Danh_s=C3=A1ch.csv?=', 'a b.csv'), {
      nil: null,
    }),
    charset: fc.constantFrom('utf-8', 'windows-1258', null),
  })
  .map(({ body, encoding, name, charset }) => {
    const type = `Content-Type: text/${name === null ? 'plain' : 'csv'}${charset === null ? '' : `; charset=${charset}`}\r\n`;
    const file = name === null ? '' : `Content-Disposition: attachment;\r\n filename="${name}"\r\n`;
    const how = encoding === null ? '' : `Content-Transfer-Encoding: ${encoding}\r\n`;
    return `${type}${file}${how}\r\n${carried(body, encoding)}\r\n`;
  });

function carried(body: string, encoding: string | null): string {
  if (encoding === 'base64') return Buffer.from(body).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  if (encoding === 'quoted-printable') return body.replaceAll('=', '=3D').replaceAll(/ (?=\r\n|$)/g, '=20');
  return body;
}

/** Boundaries of which one begins like another, and one that needs quotation marks. */
const boundary = fc.constantFrom('trong', 'trong2', '=_phan (1)', 'a'.repeat(70));
const entity = fc.letrec<{ any: string; mixed: string }>((tie) => ({
  mixed: fc
    .record({
      boundary,
      kind: fc.constantFrom('mixed', 'alternative', 'related'),
      parts: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
    })
    .map(({ boundary: mark, kind, parts }) => {
      const inside = parts.map((part) => `--${mark}\r\n${part}\r\n`).join('');
      return `Content-Type: multipart/${kind};\r\n boundary="${mark}"\r\n\r\n${inside}--${mark}--\r\n`;
    }),
  any: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leafPart, tie('mixed')),
})).any;

const signing = fc.record({
  key: fc.constantFrom('rsa' as const, 'ec' as const),
  digest: fc.constantFrom('sha256', 'sha384', 'sha512'),
  form: fc.constantFrom<string[]>([], ['-nodetach'], ['-nodetach', '-indef'], ['-stream']),
  more: fc.subarray(['-nosmimecap', '-keyid', '-cades']),
  pss: fc.boolean(),
});

/** What mail servers do on the way without touching what is signed. */
const CARRIAGE: Readonly<Record<string, (raw: string) => string>> = {
  'as it is': (raw) => raw,
  'more fields in front': (raw) => `Received: from a by b;\r\n Mon, 5 Jan 2026 08:00:00 +0700\r\n${raw}`,
  'type in other letters': (raw) =>
    raw.replace('Content-Type: multipart/signed', 'content-type: Multipart/SIGNED'),
  // Behind an opaque letter it would be part of the base64.
  'a warning behind the letter': (raw) =>
    raw.includes('multipart/signed') ? `${raw}\r\nThis mail was scanned.\r\n` : raw,
};

test('letters of any build', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(
      entity,
      signing,
      fc.constantFrom(...Object.keys(CARRIAGE)),
      fc.option(fc.nat(), { freq: 1, nil: null }),
      (content, how, carriage, damageAt) => {
        const letter = CARRIAGE[carriage]!(`From: ${FROM}\r\nSubject: V/v\r\n${signed(content, how)}`);
        const raw = Buffer.from(letter, 'latin1');
        if (damageAt !== null) damage(raw, damageAt);
        const { verdict, reason } = examineLetter(raw, { trust, at: RECEIVED }, DOCUMENT_FORMATS).letter
          .letter;
        const here = verdict.verdict === 'TOTAL-PASSED';
        if (damageAt === null) expect(reason.split(';')[0]).toBe('path valid');
        if (here) expect(opensslPasses(raw)).toBe(true);
        else if (damageAt !== null && opensslPasses(raw)) expect(reason).toMatch(STRICTER);
      },
    ),
    { numRuns: 60 },
  );
});

/** Why a damaged letter that openssl passes may be refused here. */
const STRICTER =
  /^(unreadable signed-data|bytes follow|the letter carries no S\/MIME|the signing certificate is missing|base64 that holds|the signed letter can be read)/;

function signed(
  content: string,
  how: { key: 'rsa' | 'ec'; digest: string; form: string[]; more: string[]; pss: boolean },
): string {
  const file = path.join(dir, 'entity');
  fs.writeFileSync(file, content, 'latin1');
  const { cert, key } = keys[how.key];
  // openssl cannot write a PSS signature while streaming.
  const pss =
    how.pss && how.key === 'rsa' && !how.form.some((option) => /indef|stream/.test(option))
      ? ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest']
      : [];
  const args = ['-sign', '-in', file, '-signer', cert, '-inkey', key, ...pss, '-certfile', pki.issuing];
  return openssl([
    'cms',
    ...args,
    '-md',
    how.digest,
    '-binary',
    '-crlfeol',
    ...how.form,
    ...how.more,
  ]).toString('latin1');
}

/** One bit of one byte. */
function damage(raw: Buffer, place: number): void {
  const at = place % raw.length;
  raw[at] = raw[at]! ^ (1 << (place % 7));
}
