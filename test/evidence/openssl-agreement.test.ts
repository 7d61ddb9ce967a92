import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineLetter } from '../../src/evidence/examine.ts';
import { loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { buildPki, openssl } from '../harness/openssl-pki.ts';
import { opensslVerifier } from '../harness/openssl-verify.ts';

/** Letters by openssl, whole and damaged at fixed places; the named cases are compared in smime-attacks.test.ts. */
const RECEIVED = new Date('2026-01-05T01:15:00Z');
const FROM = 'snv@quangbinh.gov.vn';
const PLAIN = 'Content-Type: text/plain; charset=utf-8\n\nĐề nghị cấp mới hộp thư.\n';
const WITH_LIST = [
  'Content-Type: multipart/mixed; boundary=trong',
  '',
  '--trong',
  PLAIN,
  '--trong',
  'Content-Type: text/csv',
  'Content-Disposition: attachment; filename=danh-sach.csv',
  '',
  '1,Nguyen Van An',
  '--trong--',
  '',
].join('\n');

/** Why a damaged letter that openssl passes may be refused here. Everything else must agree. */
const POLICY: readonly (readonly [reason: RegExp, why: string])[] = [
  [
    /^(unreadable signed-data|bytes follow)/,
    'openssl takes every signature for base64, whatever the field says',
  ],
  [/^the letter carries no S\/MIME/, 'openssl does not look at the protocol parameter'],
  [/^the signing certificate is missing/, 'openssl compares names without regard to case and string type'],
];

let dir: string;
let trust: TrustStore;
let opensslPasses: (raw: Buffer) => boolean;
const whole: Buffer[] = [];

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-agreement-'));
  const pki = buildPki(dir);
  trust = loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls });
  opensslPasses = opensslVerifier(pki, RECEIVED);
  const file = path.join(dir, 'entity');
  for (const ec of [false, true]) {
    const leaf = pki.leaf(ec ? 'ec' : 'rsa', { email: FROM, commonName: 'So Noi vu', ec });
    // As VGCA's tools sign: the leaf alone is sent along. (With a damaged CA beside it openssl finds no other path.)
    const sign = ['cms', '-sign', '-in', file, '-signer', leaf.cert, '-inkey', leaf.key, '-md', 'sha256'];
    for (const entity of [PLAIN, WITH_LIST])
      for (const form of [[], ['-nodetach']]) {
        fs.writeFileSync(file, entity.replaceAll('\n', '\r\n'));
        const entityOf = openssl([...sign, '-binary', '-outform', 'SMIME', '-crlfeol', ...form]);
        whole.push(Buffer.concat([Buffer.from(`From: ${FROM}\r\nSubject: V/v cap moi\r\n`), entityOf]));
      }
  }
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

/** Numbers below `n`, the same in every run (Park and Miller's generator). */
function* places(seed: number, n: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state % n;
  }
}

function damaged(letter: Buffer, seed: number): Buffer {
  const [place, kind, bit] = places(seed, 2 ** 31 - 1);
  const at = place! % letter.length;
  const changed = Buffer.from(letter);
  switch (kind! % 4) {
    case 0:
      return changed.subarray(0, at);
    case 1:
      return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1)]);
    default:
      changed[at] = changed[at]! ^ (1 << (bit! % 8));
      return changed;
  }
}

const verdictOf = (raw: Buffer) =>
  examineLetter(raw, { trust, at: RECEIVED }, DOCUMENT_FORMATS).letter.letter;

test('letters by openssl pass on both sides', () => {
  for (const letter of whole) {
    expect(verdictOf(letter).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(opensslPasses(letter)).toBe(true);
  }
});

test('damaged letters: what passes here passes there, and what passes there is refused here for a named reason', () => {
  const both = { pass: 0, fail: 0, stricter: 0 };
  for (const [n, letter] of whole.entries())
    for (let seed = 1; seed <= 25; seed++) {
      const raw = damaged(letter, n * 1000 + seed);
      const { verdict, reason } = verdictOf(raw);
      const [here, there] = [verdict.verdict === 'TOTAL-PASSED', opensslPasses(raw)];
      if (here) expect(there, `letter ${n} seed ${seed}: ${reason}`).toBe(true);
      else if (there) {
        expect(
          POLICY.some(([pattern]) => pattern.test(reason)),
          `letter ${n} seed ${seed}: ${reason}`,
        ).toBe(true);
        both.stricter++;
      }
      if (here === there) both[here ? 'pass' : 'fail']++;
    }
  expect(both.pass + both.fail + both.stricter).toBe(200);
  expect(both.fail).toBeGreaterThan(100);
});
