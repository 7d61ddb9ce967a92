import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { examineLetter } from '../../src/evidence/examine.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { buildPki, signedLetter } from '../harness/openssl-pki.ts';

const ROUNDS = 500;
const PEER_ROUNDS = 40;

/** CPU per S/MIME check (three-certificate RSA path, two CRLs) beside a spawned `openssl cms -verify`. */
export function run(): void {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
  try {
    const pki = buildPki(dir);
    const leaf = pki.leaf('unit', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
    const raw = signedLetter('Content-Type: text/plain\n\nDe nghi cap moi.\n', leaf, pki, {
      From: 'snv@quangbinh.gov.vn',
    });
    const trust = loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls });
    const check = (): string =>
      examineLetter(raw, { trust, at: new Date('2026-01-05T00:00:00Z') }, DOCUMENT_FORMATS).letter.letter
        .verdict.verdict;
    for (let i = 0; i < 50; i++) check();
    const before = process.cpuUsage();
    for (let i = 0; i < ROUNDS; i++)
      if (check() !== 'TOTAL-PASSED') throw new Error('the bench letter does not verify');
    const own = process.cpuUsage(before);
    const file = path.join(dir, 'letter.eml');
    fs.writeFileSync(file, raw);
    const script = `for i in $(seq ${PEER_ROUNDS}); do openssl cms -verify -in ${file} -CAfile ${pki.anchors}/root.pem -certfile ${pki.issuing} -out /dev/null 2>/dev/null || exit 1; done; times`;
    const times = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
    const children = times.trim().split('\n').at(-1)!;
    const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
      0,
    );
    const ownMs = (own.user + own.system) / 1000 / ROUNDS;
    const peerMs = (seconds * 1000) / PEER_ROUNDS;
    console.log(
      `S/MIME check: ${ownMs.toFixed(2)} ms CPU; openssl cms -verify spawned: ${peerMs.toFixed(2)} ms CPU; ratio ${(peerMs / ownMs).toFixed(1)}`,
    );
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
