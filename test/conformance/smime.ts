import fs from 'node:fs';
import path from 'node:path';
import { examineLetter } from '../../src/evidence/examine.ts';
import { onTheWire } from '../../src/evidence/examine-file.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { UNEXAMINED } from '../../src/evidence/unexamined.ts';

/** PKITS certificates and CRLs are valid from 2010 to 2030. */
const AT = new Date('2020-01-01T00:00:00Z');

/** Judges every PKITS S/MIME letter; the file name is the truth: `…Invalid…` must not pass. */
export function judge(vectors: string): { name: string; passed: boolean; reason: string }[] {
  const pkits = path.join(vectors, 'pkits');
  const folders = { intermediates: path.join(pkits, 'certs'), crls: path.join(pkits, 'crls') };
  const all = loadTrustStore({ anchors: folders.intermediates, ...folders });
  const root = fs.readFileSync(path.join(pkits, 'certs', 'TrustAnchorRootCertificate.crt'));
  const anchors = all.anchors.filter((certificate) => Buffer.compare(certificate.der, root) === 0);
  const context = { trust: { ...all, anchors }, at: AT };
  const letters = path.join(pkits, 'smime');
  return fs.readdirSync(letters).map((name) => {
    const raw = onTheWire(fs.readFileSync(path.join(letters, name)));
    const { letter } = examineLetter(raw, context, UNEXAMINED);
    return { name, passed: letter.letter.verdict.verdict === 'TOTAL-PASSED', reason: letter.letter.reason };
  });
}

if (import.meta.main) {
  const letters = judge(process.argv[2] ?? '../shared/vectors');
  const invalid = letters.filter(({ name }) => name.includes('Invalid'));
  const wrong = invalid.filter(({ passed }) => passed);
  const refused = letters.filter(({ name, passed }) => !name.includes('Invalid') && !passed);
  console.log(`invalid accepted: ${wrong.length} of ${invalid.length}`);
  console.log(`valid refused: ${refused.length} of ${letters.length - invalid.length}`);
  for (const { name, reason } of [...wrong, ...refused]) console.log(`  ${name}: ${reason}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
