import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSigner } from '../../src/evidence/cms-signer.ts';
import { verifySignedData } from '../../src/evidence/cms.ts';
import { parseRevocationList } from '../../src/evidence/crl.ts';
import {
  children,
  DerError,
  eachChild,
  octets,
  readAll,
  reading,
  type Node,
} from '../../src/evidence/der.ts';
import { readExtensions } from '../../src/evidence/extensions.ts';
import { nameText } from '../../src/evidence/names.ts';
import { verifyAnyFile } from '../../src/evidence/examine-file.ts';
import { examineLetter } from '../../src/evidence/examine.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { htmlToText } from '../../src/evidence/mime-html.ts';
import { decodeTransfer } from '../../src/evidence/mime-transfer.ts';
import { decodeText, decodeWords, fileLabel } from '../../src/evidence/mime-words.ts';
import { MimeLimit, readStructured } from '../../src/evidence/mime-fields.ts';
import { contentOf, readEntity, walk } from '../../src/evidence/mime.ts';
import { parseOcspResponse } from '../../src/evidence/ocsp.ts';
import { validateSigner, type ValidationContext } from '../../src/evidence/path.ts';
import { cmsBytes, sniff } from '../../src/evidence/sniff.ts';
import { checkTimestamp, parseTimestampInfo } from '../../src/evidence/timestamp.ts';
import { author } from '../../src/evidence/smime.ts';
import { checkRecipient } from '../../src/evidence/recipient.ts';
import { derBlocks, loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { parseCertificate } from '../../src/evidence/x509.ts';
import { generalizedText, octetString, oid, sequence, setOf, tlv } from '../harness/der-writer.ts';
import { edited, regrown } from '../harness/fuzz-bytes.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import { opensslToken, TSA_USAGES } from '../harness/openssl-tsa.ts';

/**
 * Whatever bytes come, a reader answers or throws its own error, within bounded work; and nothing that differs from
 * what was signed is ever passed. A run that does not end fails by vitest's time limit: no reader may need more than a
 * small multiple of its input.
 */
const AT = new Date('2026-01-05T01:15:00Z');
const entity = 'Content-Type: text/plain; charset=utf-8\r\n\r\nĐề nghị cấp mới hộp thư.\r\n';
const headers = { From: 'snv@quangbinh.gov.vn', Subject: 'V/v cap moi' };

let dir: string;
let pki: Pki;
let leaf: Leaf;
let trust: TrustStore;
let context: ValidationContext;
const seeds: Record<
  'certificate' | 'list' | 'answer' | 'detached' | 'opaque' | 'streamed' | 'token' | 'letter',
  Buffer
> = {
  certificate: Buffer.alloc(0),
  list: Buffer.alloc(0),
  answer: Buffer.alloc(0),
  detached: Buffer.alloc(0),
  opaque: Buffer.alloc(0),
  streamed: Buffer.alloc(0),
  token: Buffer.alloc(0),
  letter: Buffer.alloc(0),
};

/** Every extension path validation reads. */
const EXTENSIONS = `certificatePolicies=1.2.3.4,1.2.3.5
nameConstraints=permitted;email:.quangbinh.gov.vn,excluded;dirName:elsewhere
policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:0
policyMappings=1.2.3.4:1.2.3.6
inhibitAnyPolicy=2
crlDistributionPoints=URI:http://crl.example/a.crl,URI:http://crl.example/b.crl
authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.cer
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid,issuer
[elsewhere]
C=VN
O=Noi khac
`;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-fuzz-'));
  pki = buildPki(dir);
  const email = 'snv@quangbinh.gov.vn';
  leaf = pki.leaf('unit', { email, commonName: 'Sở Nội vụ' });
  const rich = pki.leaf('rich', { email, commonName: 'Sở Nội vụ', extensions: EXTENSIONS });
  pki.revoke(pki.leaf('gone', { email, commonName: 'Cu' }));
  const tsa = pki.leaf('tsa', { email, commonName: 'TSA', usages: TSA_USAGES });
  trust = loadTrustStore({ ...pki, tsaAnchors: pki.anchors });
  context = { trust, at: AT };
  const file = path.join(dir, 'part');
  fs.writeFileSync(file, entity);
  const sign = ['cms', '-sign', '-in', file, '-binary', '-signer', leaf.cert, '-inkey', leaf.key];
  const more = ['-certfile', pki.issuing, '-md', 'sha256', '-outform', 'DER'];
  seeds.detached = openssl([...sign, ...more, '-cades']);
  seeds.opaque = openssl([...sign, ...more, '-nodetach']);
  seeds.streamed = openssl([...sign, ...more, '-nodetach', '-stream', '-indef']);
  seeds.certificate = derBlocks(fs.readFileSync(rich.cert))[0]!;
  seeds.list = derBlocks(fs.readFileSync(path.join(pki.crls, 'issuing.crl')))[0]!;
  const ca = path.join(dir, 'ca-issuing');
  const answer = path.join(dir, 'answer.ors');
  const responder = ['-rsigner', `${ca}/ca.pem`, '-rkey', `${ca}/ca.key`, '-CA', `${ca}/ca.pem`];
  const asked = ['-index', `${ca}/index.txt`, '-issuer', `${ca}/ca.pem`, '-cert', leaf.cert];
  openssl(['ocsp', ...asked, ...responder, '-ndays', '3650', '-respout', answer]);
  seeds.answer = fs.readFileSync(answer);
  seeds.token = opensslToken(Buffer.from(entity), tsa, pki);
  seeds.letter = signedLetter(entity, leaf, pki, headers);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const LIMIT = { timeout: 60_000 };
const RUNS = { numRuns: 1500 };

/** Nothing but the reader's own error. */
function quiet(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
}

test('the seeds are what they are taken for', () => {
  expect(parseCertificate(seeds.certificate).policies?.size).toBe(2);
  expect(parseRevocationList(seeds.list).nextUpdate).not.toBeNull();
  expect(parseOcspResponse(seeds.answer).answers).toHaveLength(1);
  expect(verifySignedData(seeds.detached, [Buffer.from(entity)], context).fact.verdict.verdict).toBe(
    'TOTAL-PASSED',
  );
  expect(verifySignedData(seeds.opaque, null, context).fact.verdict.verdict).toBe('TOTAL-PASSED');
  expect(
    checkTimestamp(seeds.token, [Buffer.from(entity)], { trust, at: new Date('2040-01-01') }).fact.verdict
      .verdict,
  ).toBe('TOTAL-PASSED');
});

const READERS: readonly (readonly [string, keyof typeof seeds, (bytes: Buffer) => void])[] = [
  [
    'X.509',
    'certificate',
    (bytes) => {
      quiet(() => parseCertificate(bytes));
      validateSigner(bytes, [], context, 'signing');
      checkRecipient(bytes, context);
    },
  ],
  [
    'CRL',
    'list',
    (bytes) => {
      quiet(() => parseRevocationList(bytes));
    },
  ],
  [
    'OCSP',
    'answer',
    (bytes) => {
      quiet(() => parseOcspResponse(bytes));
    },
  ],
  [
    'CMS, detached',
    'detached',
    (bytes) => {
      verifySignedData(bytes, [Buffer.from(entity)], context);
    },
  ],
  [
    'CMS, opaque',
    'opaque',
    (bytes) => {
      verifySignedData(bytes, null, context);
    },
  ],
  [
    'time-stamp',
    'token',
    (bytes) => {
      checkTimestamp(bytes, [Buffer.from(entity)], context);
      quiet(() => parseTimestampInfo(bytes));
    },
  ],
];

describe.each(READERS)('%s', (_name, seed, read) => {
  test('bytes changed, cut and repeated', LIMIT, () => {
    fc.assert(fc.property(edited(seeds[seed]), read), RUNS);
  });

  test('values exchanged, doubled, dropped and nested, all lengths true', LIMIT, () => {
    fc.assert(fc.property(regrown(seeds[seed]), read), RUNS);
  });

  test('bytes without any sense', LIMIT, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        read(Buffer.from(bytes));
      }),
      RUNS,
    );
  });
});

test('CMS as it is streamed: indefinite lengths, the content in pieces', LIMIT, () => {
  fc.assert(
    fc.property(edited(seeds.streamed), (bytes) => {
      const { content, fact } = verifySignedData(bytes, null, context);
      if (fact.verdict.verdict === 'TOTAL-PASSED')
        expect(Buffer.from(content!).equals(Buffer.from(entity))).toBe(true);
    }),
    RUNS,
  );
});

describe('nothing that differs from what was signed passes', () => {
  const CONTENT = Buffer.from(entity);
  /** What a changed structure may still prove: the same words, by the same certificate. */
  const sound = (bytes: Buffer, detached: boolean): void => {
    const { content, fact } = verifySignedData(bytes, detached ? [CONTENT] : null, context);
    if (fact.verdict.verdict !== 'TOTAL-PASSED') return;
    expect(fact.signer?.commonName).toBe('Sở Nội vụ');
    if (!detached) expect(Buffer.from(content!).equals(CONTENT)).toBe(true);
  };
  test.each([true, false])('CMS, detached %s', LIMIT, (detached) => {
    const seed = detached ? seeds.detached : seeds.opaque;
    fc.assert(
      fc.property(fc.oneof(edited(seed), regrown(seed)), (bytes) => {
        sound(bytes, detached);
      }),
      { numRuns: 3000 },
    );
  });

  test('a certificate with another to-be-signed part leads to no anchor', LIMIT, () => {
    const honest = Buffer.from(parseCertificate(seeds.certificate).tbs);
    fc.assert(
      fc.property(regrown(seeds.certificate), (bytes) => {
        const { path: found } = validateSigner(bytes, [], context, 'signing');
        if (found.length < 2) return;
        expect(Buffer.from(parseCertificate(bytes).tbs).equals(honest)).toBe(true);
      }),
      RUNS,
    );
  });

  test('a changed list or answer never makes a certificate good', LIMIT, () => {
    const [certificate] = derBlocks(fs.readFileSync(leaf.cert));
    const honest = {
      ...trust,
      crls: trust.crls.filter((list) => list.issuer !== parseCertificate(certificate!).issuerKey),
    };
    const judged = (extra: Partial<TrustStore>) =>
      validateSigner(
        certificate!,
        [],
        { trust: { ...honest, ...extra }, at: new Date('2030-01-01') },
        'signing',
      );
    expect(judged({}).verdict).toMatchObject({ subIndication: 'TRY_LATER' });
    const list = parseRevocationList(seeds.list);
    fc.assert(
      fc.property(regrown(seeds.list), (bytes) => {
        quiet(() => {
          const read = parseRevocationList(bytes);
          const { verdict } = judged({ crls: [...honest.crls, read] });
          if (verdict.verdict === 'TOTAL-PASSED')
            expect(Buffer.from(read.tbs).equals(Buffer.from(list.tbs))).toBe(true);
        });
      }),
      RUNS,
    );
  });
});

describe('found by fuzzing', () => {
  test('a name may hold what is no text, a birth date say: shown in hex, never thrown at whoever reads the facts', () => {
    const born = sequence(oid('1.3.6.1.5.5.7.9.1'), generalizedText('19700101000000Z'));
    expect(nameText(sequence(setOf(born)))).toBe('1.3.6.1.5.5.7.9.1=#180f31393730303130313030303030305a');
  });

  test('an alternative name that cannot be compared is refused when the certificate is read', () => {
    const names = tlv(0xa3, sequence(sequence(oid('2.5.29.17'), octetString(sequence(tlv(0xa4))))));
    expect(() => reading('extensions', () => readExtensions(readAll(names)))).toThrow(DerError);
  });
});

describe('letters', () => {
  const HONEST = entity.trim();
  test('changed anywhere: examined without a throw; what still passes says the same words', LIMIT, () => {
    fc.assert(
      fc.property(edited(seeds.letter), (raw) => {
        const { letter } = examineLetter(raw, context, DOCUMENT_FORMATS);
        if (letter.letter.verdict.verdict === 'TOTAL-PASSED')
          expect(HONEST).toContain(letter.bodyText.trim());
        verifyAnyFile({ filename: 'x', bytes: raw }, null, context, DOCUMENT_FORMATS);
      }),
      { numRuns: 1000 },
    );
  });

  /** Lines a MIME reader acts on, in any order and number. */
  const line = fc.oneof(
    fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b',
      'Content-Type: multipart/signed; boundary="b"; protocol="application/pkcs7-signature"',
      "Content-Type: text/html; charset*0=utf; charset*1='-8'",
      'Content-Type: message/rfc822',
      'Content-Type: application/pkcs7-mime; smime-type=enveloped-data',
      "Content-Disposition: attachment; filename*=utf-8''..%2f..%2fetc%2fpasswd; filename=\"a",
      "Content-Disposition: attachment; filename*0*=utf-8''%C4; filename*1*=%90; filename*99999999999=x",
      'Content-Transfer-Encoding: base64',
      'Content-Transfer-Encoding: quoted-printable',
      'Subject: =?utf-8?B?xJA=?= =?utf-8?Q?=C4?=',
      '--b',
      '--b--',
      '--b ',
      '',
      ' folded',
      '.',
    ),
    fc.string({ maxLength: 40 }),
  );
  test('of hostile lines: every part is inside the letter, nothing throws but the limit', LIMIT, () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, end) => {
        const raw = Buffer.from(lines.join(end));
        try {
          for (const part of walk(readEntity(raw))) {
            expect(part.body.length).toBeLessThanOrEqual(raw.length);
            contentOf(part);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MimeLimit);
        }
        examineLetter(raw, context, DOCUMENT_FORMATS);
      }),
      { numRuns: 1500 },
    );
  });

  test('words, names, structured fields, transfer encodings and HTML', LIMIT, () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '=?utf-8?B?',
        '=?utf-7?Q?',
        '=?tcvn?b?',
        '?=',
        '=C4=90',
        '; ',
        '"',
        '\\',
        '*0*=',
        "''",
        '%',
        '=',
        '<',
        '</p>',
        '<!--',
        '&#',
        '&#xD800;',
        '\u0000',
        'Đ',
      ),
      fc.string({ maxLength: 12 }),
    );
    const charset = fc.constantFrom(
      'utf-8',
      'utf-7',
      'utf-16',
      'tcvn',
      'iso-2022-jp',
      'base64',
      'hex',
      '',
      'x-nobody',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), charset, (parts, named) => {
        const text = parts.join('');
        const octets = Buffer.from(text, 'latin1');
        expect(decodeWords(text)).not.toMatch(/[\r\n\u0000]/);
        expect(fileLabel(text)).toMatch(/^[^/\\\r\n\u0000]+$/);
        decodeText(octets, named);
        readStructured(text);
        htmlToText(text);
        for (const encoding of ['base64', 'quoted-printable', 'uuencode', '7bit'])
          expect(decodeTransfer(octets, encoding).length).toBeLessThanOrEqual(octets.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('what kind of file it is', LIMIT, () => {
    const begin = fc.constantFrom(
      '',
      'PK\x03\x04',
      'PK\x05\x06',
      '%PDF-',
      'MI',
      '0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07',
      '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
      '-----BEGIN CMS-----\n',
      '{\\rtf',
      'II*\0',
      '\x89PNG',
      '\xff\xd8',
    );
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 400 }), begin, (head, middle, tail) => {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), middle, Buffer.from(tail, 'latin1')]);
        expect(sniff(bytes, 'x').mediaType).toMatch(/^[a-z]+\/[\w.+-]+$/);
        cmsBytes(bytes);
        verifyAnyFile({ filename: 'x', bytes }, null, context, DOCUMENT_FORMATS);
      }),
      RUNS,
    );
  });
});

/**
 * A million of whatever a reader counts. Each needs well under a second when work grows with the input; were it to
 * grow with its square, none would end before the time limit.
 */
describe('large inputs cost what their size costs', () => {
  const MILLION = 1_000_000;
  const header = (tag: number, length: number): Buffer => {
    const head = Buffer.of(tag, 0x84, 0, 0, 0, 0);
    head.writeUInt32BE(length, 2);
    return head;
  };
  const many = (tag: number, one: Buffer): Buffer => {
    const all = Buffer.concat(Array.from({ length: MILLION }, () => one));
    return Buffer.concat([header(tag, all.length), all]);
  };
  const depth = (node: Node): number =>
    (node.tag & 0x20) === 0 ? 0 : 1 + Math.max(0, ...children(node).slice(0, 1).map(depth));

  test.each<[string, () => void]>([
    [
      'a sequence of a million values',
      () => {
        const long = readAll(many(0x30, Buffer.of(0x05, 0x00)));
        expect(() => children(long)).toThrow('more than 10000 values');
        let count = 0;
        for (const part of eachChild(long)) count += part.whole.length / 2;
        expect(count).toBe(MILLION);
      },
    ],
    [
      'a string in a million pieces, and in pieces that are in pieces',
      () => {
        expect(() => octets(readAll(many(0x24, Buffer.of(0x04, 0x00))))).toThrow('more than 200000 values');
        expect(() => octets(readAll(Buffer.from('2480'.repeat(40) + '0000'.repeat(40), 'hex')))).toThrow(
          DerError,
        );
      },
    ],
    [
      'values of indefinite length, one in the other',
      () => {
        expect(() => depth(readAll(Buffer.from('3080'.repeat(MILLION), 'hex')))).toThrow(DerError);
      },
    ],
    [
      'a certificate of a million parts',
      () => {
        expect(() => parseCertificate(many(0x30, Buffer.of(0x30, 0x00)))).toThrow(DerError);
      },
    ],
    [
      'a list of a million parts',
      () => {
        expect(() => parseRevocationList(many(0x30, Buffer.of(0x30, 0x00)))).toThrow(DerError);
      },
    ],
    [
      'a structure of a million signers',
      () => {
        const form = {
          contentType: '1.2.840.113549.1.7.1',
          detached: [Buffer.alloc(0)],
          namesCertificate: false,
        };
        expect(checkSigner(many(0x30, Buffer.of(0x31, 0x00)), form, []).fault?.verdict.verdict).toBe(
          'TOTAL-FAILED',
        );
      },
    ],
    [
      'a subject of encoded words',
      () => {
        expect(decodeWords('=?utf-8?Q?a?= '.repeat(100_000)).length).toBeGreaterThan(99_000);
      },
    ],
    [
      'a subject that begins encoded words and never ends one',
      () => {
        decodeWords('=?utf-8?Q?'.repeat(MILLION));
      },
    ],
    [
      'an author of quotation marks',
      () => {
        for (const text of ['\\"', '"a', '" ', '\\\\"'])
          author([{ name: 'from', value: `"${text.repeat(MILLION / 8)}` }]);
      },
    ],
    [
      'a field of quotation marks and parameters',
      () => {
        readStructured(`a/b${'; a="\\'.repeat(MILLION / 4)}`);
      },
    ],
    [
      'base64 of blanks, quoted-printable of equal signs',
      () => {
        decodeTransfer(Buffer.alloc(4 * MILLION, ' '), 'base64');
        decodeTransfer(Buffer.alloc(4 * MILLION, '='), 'quoted-printable');
      },
    ],
    [
      'HTML of openings',
      () => {
        htmlToText('<a '.repeat(MILLION));
        htmlToText('<!--'.repeat(MILLION));
        htmlToText('&'.repeat(MILLION));
      },
    ],
    [
      'a letter of delimiters',
      () => {
        const lines = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n' + '--b\r\n'.repeat(MILLION);
        examineLetter(Buffer.from(lines), context, DOCUMENT_FORMATS);
      },
    ],
    [
      'a letter that nearly has delimiters',
      () => {
        const lines = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n' + '--bb\r\n'.repeat(MILLION);
        examineLetter(Buffer.from(lines), context, DOCUMENT_FORMATS);
      },
    ],
    [
      'a letter of fields',
      () => {
        examineLetter(Buffer.from(`${'a: b\r\n'.repeat(MILLION)}\r\n`), context, DOCUMENT_FORMATS);
      },
    ],
    [
      'a text that looks like the beginning of base64',
      () => {
        sniff(Buffer.from(`MI${'A '.repeat(2 * MILLION)}!`), 'x');
      },
    ],
  ])('%s', LIMIT, (_name, run) => {
    run();
  });
});
