import fs from 'node:fs';
import path from 'node:path';
import { examineLetter } from '../../src/evidence/examine.ts';
import { onTheWire } from '../../src/evidence/examine-file.ts';
import { parseRevocationList } from '../../src/evidence/crl.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { parseCertificate } from '../../src/evidence/x509.ts';
import type { Suite } from './suite.ts';

/** PKITS certificates and CRLs are valid from 2010 to 2030. */
const AT = new Date('2020-01-01T00:00:00Z');

/** Judges every PKITS S/MIME letter; the file name is the truth: `…Invalid…` must not pass. */
export function judge(vectors: string): { name: string; passed: boolean; reason: string }[] {
  const pkits = path.join(vectors, 'pkits');
  const anchors = [
    parseCertificate(fs.readFileSync(path.join(pkits, 'certs', 'TrustAnchorRootCertificate.crt'))),
  ];
  const intermediates = readable(path.join(pkits, 'certs'), parseCertificate);
  const crls = readable(path.join(pkits, 'crls'), parseRevocationList);
  const context = {
    trust: { ...loadTrustStore({ anchors: '/nonexistent' }), anchors, intermediates, crls },
    at: AT,
  };
  const letters = path.join(pkits, 'smime');
  return fs.readdirSync(letters).map((name) => {
    const raw = onTheWire(fs.readFileSync(path.join(letters, name)));
    const { letter } = examineLetter(raw, context, DOCUMENT_FORMATS);
    return { name, passed: letter.letter.verdict.verdict === 'TOTAL-PASSED', reason: letter.letter.reason };
  });
}

/** Some files of the suite are broken on purpose and cannot be part of any store. */
function readable<T>(folder: string, parse: (der: Uint8Array) => T): T[] {
  return fs.readdirSync(folder).flatMap((name) => {
    try {
      return [parse(fs.readFileSync(path.join(folder, name)))];
    } catch {
      return [];
    }
  });
}

/** NIST PKITS S/MIME: no letter whose name says "Invalid" may pass. */
export const smime: Suite = (vectors) => {
  const letters = judge(vectors);
  const invalid = letters.filter(({ name }) => name.includes('Invalid'));
  const wrong = invalid.filter(({ passed }) => passed);
  const valid = letters.filter(({ name }) => !name.includes('Invalid'));
  const refused = valid.filter(({ passed }) => !passed);
  const told = (label: string) => (one: { name: string; reason: string }) =>
    `${label} ${one.name}: ${one.reason}`;
  return {
    suite: 'NIST PKITS S/MIME',
    rows: [
      ['invalid passed', `${wrong.length} of ${invalid.length}`],
      ['valid passed', `${valid.length - refused.length} of ${valid.length}`],
    ],
    missed: wrong.length > 0 ? ['a letter named Invalid passed'] : [],
    notes: [...wrong.map(told('PASSED')), ...refused.map(told('refused'))],
  };
};
