import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentBytes, examineLetter } from '../../src/evidence/examine.ts';
import { contentOf, readEntity } from '../../src/evidence/mime.ts';
import { MimeLimit } from '../../src/evidence/mime-fields.ts';
import { decodeWords, fileLabel, fileNameOf } from '../../src/evidence/mime-words.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';

const context = { trust: loadTrustStore({ anchors: '/nonexistent' }), at: new Date('2026-01-05T00:00:00Z') };
const read = (...lines: string[]) => readEntity(Buffer.from(lines.join('\r\n')));

test('a part is exactly the bytes between the boundary lines (RFC 2046 §5.1.1)', () => {
  const letter = read(
    'Content-Type: multipart/mixed; boundary="a"',
    '',
    'preamble',
    '--a \t',
    'X: 1',
    '',
    'one',
    '--ab is no boundary',
    '',
    '--a',
    '',
    'two',
    '--a--',
    'epilogue',
    '--a',
  );
  expect(letter.closed).toBe(true);
  expect(letter.parts.map((part) => Buffer.from(part.whole).toString())).toEqual([
    'X: 1\r\n\r\none\r\n--ab is no boundary\r\n',
    '\r\ntwo',
  ]);
});

test('bounds are told, not guessed around', () => {
  expect(() => read(`X: ${'a'.repeat(300_000)}`, '', '')).toThrow(MimeLimit);
  const many = [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...Array<string>(300).fill('--b\r\n\r\nx'),
    '--b--',
  ];
  expect(() => read(...many)).toThrow('200 parts');
  const deep = Array.from(
    { length: 30 },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}`,
  );
  expect(() => read(...deep)).toThrow('20 levels');
  const { letter } = examineLetter(Buffer.from(many.join('\r\n')), context, DOCUMENT_FORMATS);
  expect(letter).toMatchObject({ limit: 'more than 200 parts', documents: [] });
});

test('file names are labels', () => {
  expect(fileLabel('../../etc/passwd')).toBe('passwd');
  expect(fileLabel('..\\..\\')).toBe('khong-ten');
  const { fields, type } = read(
    "Content-Disposition: attachment; filename=x.exe; filename*=utf-8''danh%20s%C3%A1ch.xlsx",
  );
  expect(fileNameOf(fields, type)).toBe('danh sách.xlsx');
  expect(decodeWords('=?utf-8?B?w6A=?= =?utf-8?Q?_=0D=0ABcc:_x?=')).toBe('à  Bcc: x');
  // A letter cut in two between encoded words, as mailers do.
  expect(decodeWords('=?utf-8?Q?=E1=BB?= =?utf-8?Q?=81?=')).toBe('ề');
});

test('windows-1258 comes out composed', () => {
  const body = Buffer.from([0x45, 0xea, 0xec]);
  const raw = Buffer.concat([Buffer.from('Content-Type: text/plain; charset=windows-1258\r\n\r\n'), body]);
  expect(examineLetter(raw, context, DOCUMENT_FORMATS).letter.bodyText).toBe('Eế');
});

test('two boundaries or two Content-Type fields are an ambiguity', () => {
  expect(read('Content-Type: multipart/mixed; boundary=a; boundary=b', '', '').ambiguity).not.toBeNull();
  expect(read('Content-Type: text/plain', 'Content-Type: text/html', '', '').ambiguity).not.toBeNull();
});

test('base64 and quoted-printable give back what went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const lines = Buffer.from(bytes).toString('base64').replaceAll(/.{60}/g, '$&\r\n');
      const quoted = Array.from(bytes, (byte) => `=${byte.toString(16).padStart(2, '0')}`).join('');
      const base64 = contentOf(read('Content-Transfer-Encoding: base64', '', lines));
      expect(Buffer.from(base64).equals(Buffer.from(bytes))).toBe(true);
      const printable = contentOf(read('Content-Transfer-Encoding: quoted-printable', '', quoted));
      expect(Buffer.from(printable).equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});

test('no letter of a stranger throws', () => {
  const shape = fc.array(
    fc.constantFrom(
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=a',
      'Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m',
      'Content-Type: message/rfc822',
      'Content-Disposition: attachment; filename="a.p7s"',
      'Content-Transfer-Encoding: base64',
      'MIIBBgkqhkiG9w0BBwKggA==',
      '--a',
      '--a--',
      '',
      '%PDF-1.7 /ByteRange [0 1 2 3]',
    ),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(shape, (lines) => {
      const raw = Buffer.from(lines.join('\r\n'));
      const { letter } = examineLetter(raw, context, DOCUMENT_FORMATS);
      expect(letter.letter.verdict.verdict).not.toBe('TOTAL-PASSED');
      for (const { index, sha256 } of letter.documents)
        expect(documentBytes(raw, index, sha256)).not.toBeNull();
    }),
    { numRuns: 500 },
  );
});
