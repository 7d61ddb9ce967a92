import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineLetter } from '../../src/evidence/examine.ts';
import { loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { opensslVerifier } from '../harness/openssl-verify.ts';
import { SMIME_ATTACKS } from '../harness/smime-attacks.ts';
import { RECEIVED, smimeKit, type SmimeKit } from '../harness/smime-kit.ts';

interface Case {
  readonly name: string;
  /** Verdict and sub-indication. */
  readonly expect: string;
  readonly why: string;
  /** Why `openssl cms -verify` may answer otherwise. */
  readonly openssl?: string;
}
const CASES = JSON.parse(
  fs.readFileSync(new URL('../cases/smime/attacks.json', import.meta.url), 'utf8'),
) as readonly Case[];

let dir: string;
let kit: SmimeKit;
let trust: TrustStore;
let opensslPasses: (raw: Buffer) => boolean;
const letters = new Map<string, Buffer>();

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-attacks-'));
  kit = smimeKit(dir);
  // All of them first: some publish revocations.
  for (const [name, make] of Object.entries(SMIME_ATTACKS))
    letters.set(name, Buffer.from(make(kit), 'latin1'));
  trust = loadTrustStore(kit.trustDirs);
  opensslPasses = opensslVerifier(kit.trustDirs, RECEIVED);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (raw: Buffer) => examineLetter(raw, { trust, at: RECEIVED }, DOCUMENT_FORMATS).letter;

test('every case has its letter, every letter its case', () => {
  expect(CASES.map((one) => one.name).toSorted()).toEqual(Object.keys(SMIME_ATTACKS).toSorted());
});

describe.each(CASES)('$name', ({ name, expect: expected, openssl }) => {
  test(expected, () => {
    const examined = examine(letters.get(name)!);
    const { verdict, reason, explanation, signatures } = examined.letter;
    const said = 'subIndication' in verdict ? `${verdict.verdict} ${verdict.subIndication}` : verdict.verdict;
    expect(said, reason).toBe(expected);
    expect(explanation).not.toBe('');
    expect(signatures.every((signature) => signature.explanation !== '')).toBe(true);
    const shown = [examined.subject, examined.bodyText, ...examined.documents.map((one) => one.filename)];
    if (said === 'TOTAL-PASSED') expect(shown.join()).not.toMatch(/moi.nhu/);
    const decoys = examined.documents.filter((one) => one.filename.includes('moi-nhu'));
    expect(decoys.every((one) => !one.coveredByLetter)).toBe(true);
  });

  test(openssl === undefined ? 'openssl agrees' : `openssl may differ: ${openssl}`, () => {
    const passed = opensslPasses(letters.get(name)!);
    if (openssl === undefined) expect(passed).toBe(expected === 'TOTAL-PASSED');
  });
});

test('a mismatch of protected headers is told', () => {
  const { subject, letter } = examine(letters.get('other subject outside')!);
  expect(subject).toBe('trong');
  expect(letter.reason).toContain('Subject outside is not the signed Subject');
  expect(examine(letters.get('subject only outside')!).subject).toBe('ngoai');
});

test('winmail.dat is told as what it is', () => {
  const [document] = examine(letters.get('winmail.dat inside the signature')!).documents;
  expect(document).toMatchObject({ mediaType: 'application/ms-tnef', coveredByLetter: true });
  expect(document?.evidence.explanation).toContain('winmail.dat');
});
