import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineOffice } from '../../src/evidence/ooxml.ts';
import type { Evidence } from '../../src/evidence/port.ts';
import { loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { parseXml } from '../../src/evidence/xml.ts';
import { CANONICALIZATIONS, canonicalize } from '../../src/evidence/xml-c14n.ts';
import { componentMissing } from '../harness/component.ts';
import { OFFICE_ATTACKS } from '../harness/office-attacks.ts';
import { docx, withPart, xlsx, type OfficeFile } from '../harness/office-files.ts';
import {
  signatureTimestamp,
  signatureXml,
  signedParts,
  signOffice,
  typeOf,
  usualReferences,
  type OfficeSigning,
} from '../harness/office-signer.ts';
import { buildPki } from '../harness/openssl-pki.ts';
import { ownToken, TSA_USAGES } from '../harness/openssl-tsa.ts';
import { RECEIVED, smimeKit, type SmimeKit } from '../harness/smime-kit.ts';
import { storedZip } from '../harness/zip-writer.ts';

interface Case {
  readonly name: string;
  /** Sub-indication of the whole file's verdict. */
  readonly expect: string;
  readonly why?: string;
}
const CASES = JSON.parse(
  fs.readFileSync(new URL('../cases/office/attacks.json', import.meta.url), 'utf8'),
) as readonly Case[];

let dir: string;
let kit: SmimeKit;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-office-signatures-'));
  kit = smimeKit(dir);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (bytes: Uint8Array, trust: TrustStore = loadTrustStore(kit.trustDirs)): Evidence =>
  examineOffice(bytes, { at: RECEIVED, trust }).evidence;

describe('honest files pass', () => {
  const hyperlink: OfficeFile = {
    ...docx,
    relationships: {
      ...docx.relationships,
      'word/_rels/document.xml.rels': [
        ...docx.relationships['word/_rels/document.xml.rels']!,
        {
          id: 'rId10',
          type: 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink',
          target: 'https://quangbinh.gov.vn/',
          mode: 'External',
        },
        { id: 'rId2', type: 'http://example.vn/footer', target: 'footer1.xml' },
      ],
    },
    parts: { ...docx.parts, 'word/footer1.xml': '<x/>' },
  };
  const thumbnail = withPart(docx, 'docProps/thumbnail.jpeg', 'x', 'image/jpeg', {
    rels: '_rels/.rels',
    relationship: {
      id: 'rId4',
      type: 'http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail',
      target: 'docProps/thumbnail.jpeg',
    },
  });
  const FILES: readonly (readonly [string, OfficeFile, (kit: SmimeKit) => Partial<OfficeSigning>])[] = [
    ['docx by P-256', docx, () => ({})],
    ['xlsx by RSA', xlsx, ({ rsa }) => ({ signer: rsa })],
    ['docx by RSA-PSS', docx, ({ rsa }) => ({ signer: rsa, scheme: 'pss' })],
    ['xlsx by P-384 and SHA-384', xlsx, (k) => ({ signer: k.leaf({ key: p384() }), digest: 'sha384' })],
    ['SHA-512 in the manifest', docx, ({ rsa }) => ({ signer: rsa, digest: 'sha512' })],
    ['without XAdES', docx, () => ({ names: null })],
    ['the whole chain in KeyInfo, the signer last', docx, chainInKeyInfo],
    ['links and ids out of order', hyperlink, () => ({})],
    ['a thumbnail that Office leaves unsigned', thumbnail, () => ({})],
    [
      'exclusive canonicalisation',
      docx,
      () => ({ canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#' }),
    ],
    ['the properties changed after signing', docx, () => ({})],
  ];
  const p384 = () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  function chainInKeyInfo({ root, issuing, unit }: SmimeKit): Partial<OfficeSigning> {
    return { certificates: [root.certificate, issuing.certificate, unit.certificate] };
  }

  test.each(FILES)('%s', (name, file, bend) => {
    const parts = signedParts(file, { signer: kit.unit, ...bend(kit) });
    const edited = name.startsWith('the properties') ? { ...parts, 'docProps/app.xml': '<y/>' } : parts;
    const found = examine(storedZip(edited));
    expect(found.verdict, found.reason).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(found.signatures).toMatchObject([
      { intact: true, coversAll: true, chain: 'trusted', signedAt: '2026-01-05T01:00:00.000Z' },
    ]);
  });

  test('two signers, both told', () => {
    const { verdict, signatures } = examine(signOffice(docx, { signer: kit.rsa }, { signer: kit.unit }));
    expect(verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(signatures.map(({ signatureAlgorithm }) => signatureAlgorithm).toSorted()).toEqual([
      'ecdsa-sha256',
      'rsa-sha256',
    ]);
  });

  test('a second signature over less takes nothing away, and is told', () => {
    const { verdict, signatures } = examine(
      signOffice(
        docx,
        { signer: kit.unit },
        { signer: kit.rsa, references: (list) => list.filter(({ uri }) => !uri.includes('styles')) },
      ),
    );
    expect(verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(signatures.map(({ coversAll, signatureAlgorithm }) => [coversAll, signatureAlgorithm])).toEqual([
      [false, 'rsa-sha256'],
      [true, 'ecdsa-sha256'],
    ]);
  });

  test('without a signature there is none, and nothing is said to be wrong', () => {
    const parts = Object.fromEntries(
      Object.entries(signedParts(docx, { signer: kit.unit })).filter(
        ([name]) => !name.startsWith('_xmlsignatures') && !name.startsWith('_rels'),
      ),
    );
    expect(
      examine(
        storedZip({
          ...parts,
          '_rels/.rels':
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
        }),
      ),
    ).toMatchObject({ verdict: { verdict: 'NONE' }, signatures: [] });
  });

  test('the writer signs every part that is not free', () => {
    expect(usualReferences(docx).map(({ uri }) => uri.split('?')[0])).toEqual([
      '/word/document.xml',
      '/word/styles.xml',
      '/_rels/.rels',
      '/word/_rels/document.xml.rels',
    ]);
    expect(typeOf(docx, '/_rels/.rels')).toContain('relationships+xml');
  });
});

describe('forgeries', () => {
  test('every case has its forgery, every forgery its case', () => {
    expect(CASES.map((one) => one.name)).toEqual(Object.keys(OFFICE_ATTACKS));
    expect(CASES.length).toBeGreaterThan(120);
  });

  test.each(CASES)('$name', ({ name, expect: subIndication }) => {
    const { verdict, reason, explanation } = examine(OFFICE_ATTACKS[name]!(kit));
    expect(verdict, reason).toMatchObject({ subIndication });
    expect(explanation).not.toBe('');
  });

  test('no byte of a signed file outside of docProps and zip dates can change unseen', () => {
    const signed = signOffice(docx, { signer: kit.unit });
    const trust = loadTrustStore(kit.trustDirs);
    const free = freeBytes(signed);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: signed.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, mask) => {
          fc.pre(!free(at));
          const changed = Buffer.from(signed);
          changed[at] = changed[at]! ^ mask;
          return examine(changed, trust).verdict.verdict !== 'TOTAL-PASSED';
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

/** What a signature may leave open: docProps (not signed by design), and versions, dates and attributes of the zip. */
function freeBytes(zip: Buffer): (at: number) => boolean {
  const ranges: [number, number][] = [];
  const directory = zip.readUInt32LE(zip.length - 6);
  for (let at = directory; at < zip.length - 22;) {
    const [nameLength, local] = [zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)];
    const size = zip.readUInt32LE(at + 20);
    const name = zip.toString('latin1', at + 46, at + 46 + nameLength);
    ranges.push([at + 4, at + 8], [at + 12, at + 16], [at + 36, at + 42]);
    ranges.push([local + 4, local + 6], [local + 10, local + 14]);
    if (name.startsWith('docProps/')) {
      ranges.push([local, local + 30 + nameLength + size], [at, at + 46 + nameLength]);
    }
    at += 46 + nameLength;
  }
  return (at) => ranges.some(([from, to]) => at >= from && at < to);
}

describe('timestamps (ETSI EN 319 132-1 §5.3)', () => {
  const EXPIRED_SOON = { until: '20260104000000Z' };
  const stampedAt = new Date('2026-01-02T03:00:00Z');

  test.skipIf(componentMissing('openssl'))(
    'a trusted token proves that the signature is older than the end of its certificate',
    () => {
      const authorities = buildPki(path.join(dir, 'tsa'));
      const tsa = authorities.leaf('tsa', {
        email: 'tsa@example.vn',
        commonName: 'TSA thu nghiem',
        usages: TSA_USAGES,
      });
      const own = loadTrustStore(kit.trustDirs);
      const times = loadTrustStore({
        anchors: '/nonexistent',
        tsaAnchors: authorities.anchors,
        intermediates: authorities.intermediates,
        crls: authorities.crls,
      });
      const both: TrustStore = {
        ...own,
        intermediates: [...own.intermediates, ...times.intermediates],
        tsaAnchors: times.tsaAnchors,
        crls: [...own.crls, ...times.crls],
      };
      const signer = kit.leaf(EXPIRED_SOON);
      const stamped = (over: (value: string) => string): Buffer =>
        signOffice(docx, {
          signer,
          signingTime: '2026-01-02T02:00:00Z',
          unsigned: (value) =>
            signatureTimestamp(ownToken(Buffer.from(over(value)), tsa, authorities, { genTime: stampedAt })),
        });
      const good = examine(
        stamped((value) => value),
        both,
      );
      expect(good.verdict, good.reason).toEqual({ verdict: 'TOTAL-PASSED' });
      expect(good.signatures[0]).toMatchObject({
        timestamp: stampedAt.toISOString(),
        decidedAt: stampedAt.toISOString(),
        timestamps: [{ authority: 'TSA thu nghiem', verdict: { verdict: 'TOTAL-PASSED' } }],
      });
      // The same token over something else, and a token whose authority nobody trusts, prove nothing.
      const moved = examine(
        stamped((value) => `${value} `),
        both,
      );
      expect(moved.verdict).toMatchObject({ subIndication: 'EXPIRED' });
      expect(moved.reason).toContain('a timestamp is not counted');
      expect(
        examine(
          stamped((value) => value),
          own,
        ).verdict,
      ).not.toEqual({ verdict: 'TOTAL-PASSED' });
    },
  );
});

describe('others agree', () => {
  const SAMPLES = [
    '<a xmlns="u:1" b="1" a="2"><b xmlns=""/><c xmlns="u:1"></c></a>',
    '<n:a xmlns:n="u:1" xmlns:m="u:2" m:z="1" n:y="2" x="3"><m:b/><n:c xmlns:n="u:3"/></n:a>',
    '<a>  tail &amp; &lt; &#13; &#9; "q" <b t="&#10;&#9;&quot;&lt;"/></a>',
    '<a><!-- said --><b><![CDATA[<x>&]]></b></a>',
    '<a xml:lang="vi"><b xml:space="preserve"> Đề nghị \u{1F600} </b></a>',
    '<z:a xmlns:z="u:z" xmlns:a="u:a" xmlns="u:d"><b a:x="1" z:x="2" x="3"/></z:a>',
    '<a xmlns:unused="u:1"><b xmlns:unused="u:1"><unused:c/></b></a>',
    '<a xmlns="u:1"><b xmlns="u:2"><c xmlns="u:1"/></b></a>',
  ];
  const METHODS = [
    ['--c14n', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments'],
    ['--c14n11', 'http://www.w3.org/2006/12/xml-c14n11#WithComments'],
    ['--exc-c14n', 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'],
  ] as const;

  describe.skipIf(componentMissing('xmllint'))('canonical XML with libxml2', () => {
    test.each(METHODS)('%s', (option, uri) => {
      for (const sample of SAMPLES) {
        const theirs = spawnSync('xmllint', [option, '-'], { input: sample });
        expect(theirs.status, sample).toBe(0);
        const ours = canonicalize(parseXml(Buffer.from(sample)), CANONICALIZATIONS.get(uri)!);
        expect(Buffer.from(ours).toString(), sample).toBe(theirs.stdout.toString().replace(/\n$/, ''));
      }
    });
  });

  describe.skipIf(componentMissing('xmlsec1'))('signature values with xmlsec1', () => {
    /** What xmlsec1 can judge: SignedInfo and the references into the signature itself, not the manifest. */
    const theirs = (xml: string): boolean => {
      const [file, cert] = [path.join(dir, 'signature.xml'), path.join(dir, 'anchors', 'root.der')];
      fs.writeFileSync(file, xml);
      const ids = ['Object', 'SignatureProperty', 'http://uri.etsi.org/01903/v1.3.2#:SignedProperties'];
      const { status } = spawnSync('xmlsec1', [
        ...['--verify', '--insecure', '--ignore-manifests', ...ids.flatMap((name) => ['--id-attr:Id', name])],
        ...['--trusted-der', cert, '--untrusted-der', path.join(dir, 'intermediates', 'issuing.der'), file],
      ]);
      return status === 0;
    };
    const FORMS: readonly (readonly [string, (k: SmimeKit) => Partial<OfficeSigning>])[] = [
      ['as signed', () => ({})],
      ['by RSA', ({ rsa }) => ({ signer: rsa })],
      ['value changed', () => ({ after: (xml) => xml.replace(/<SignatureValue>./, '<SignatureValue>_') })],
      ['manifest changed', () => ({ after: (xml) => xml.replace(/<DigestValue>../, '<DigestValue>AA') })],
      ['time changed', () => ({ after: (xml) => xml.replace('SigningTime>2026', 'SigningTime>2025') })],
      ['white space in SignedInfo', () => ({ after: (xml) => xml.replace('<SignedInfo>', '<SignedInfo> ') })],
      [
        'empty tags written short',
        () => ({ after: (xml) => xml.replaceAll(/"><\/(DigestMethod|Transform)>/g, '"/>') }),
      ],
      [
        'attributes written in another order',
        () => ({ after: (xml) => xml.replace(/(Type="[^"]*") (URI="[^"]*")/, '$2  $1') }),
      ],
    ];
    test.each(FORMS)('%s', (_, bend) => {
      const xml = signatureXml(docx, { signer: kit.unit, ...bend(kit) });
      const parts = { ...signedParts(docx, { signer: kit.unit }), '_xmlsignatures/sig1.xml': xml };
      expect(examine(storedZip(parts)).verdict.verdict === 'TOTAL-PASSED').toBe(theirs(xml));
    });
  });
});
