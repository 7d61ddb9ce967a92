import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { examineLetter } from '../../src/evidence/examine.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { signedData, signerInfo } from '../harness/cms-writer.ts';
import { provesLargeLetter } from '../harness/large-letter.ts';
import { buildPki } from '../harness/openssl-pki.ts';
import { benchPki, type BenchPki } from './bench-pki.ts';
import { cpuEach, load, roundsOf, shown, spawnedCpuEach } from './rounds.ts';

const ROUNDS = 9;
const LETTERS = 60;
const AT = new Date('2026-01-05T00:00:00Z');
const PART = 'Content-Type: text/plain; charset=utf-8\r\n\r\nDe nghi cap moi 05 hop thu theo danh sach.\r\n';

/**
 * CPU of one S/MIME check, RSA-2048 throughout, path of three certificates, two CRLs, beside `openssl cms -verify` with
 * the same checks. Every letter has a certificate never seen before: what the process keeps of CAs and lists it would
 * keep in service too. Then what the parsing child needs for an opaque letter of 50 MB.
 */
export async function run(): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
  try {
    const pki = benchPki(dir);
    const trust = loadTrustStore(pki.trustDirs);
    const check = (raw: Buffer): void => {
      const { letter } = examineLetter(raw, { trust, at: AT }, DOCUMENT_FORMATS).letter;
      if (letter.verdict.verdict !== 'TOTAL-PASSED' || letter.signatures[0]?.path.length !== 3)
        throw new Error(`the bench letter does not verify: ${letter.reason}`);
    };
    cpuEach(letters(pki, 200), check);
    const ours: number[] = [];
    const again: number[] = [];
    const peers: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const made = letters(pki, LETTERS);
      ours.push(cpuEach(made, check));
      again.push(cpuEach(made, check));
      peers.push(spawnedCpuEach(made.map((raw, i) => peerCommand(pki, dir, i, raw))));
    }
    const [own, peer] = [roundsOf(ours), roundsOf(peers)];
    console.log(
      `S/MIME, certificate never seen: ${shown(own)}; the same letter again: ${shown(roundsOf(again))}`,
    );
    console.log(`openssl cms -verify -crl_check_all, spawned: ${shown(peer)}`);
    console.log(
      `${(peer.median / own.median).toFixed(1)} times the CPU; ${ROUNDS} rounds of ${LETTERS}, ${load()}`,
    );
    const large = await provesLargeLetter(buildPki(path.join(dir, 'large')));
    console.log(
      `opaque letter of ${large.letterMb} MB: peak of the parsing child ${large.peakMb} MB, ${large.cpuMs} ms CPU`,
    );
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

function letters(pki: BenchPki, count: number): Buffer[] {
  return Array.from({ length: count }, () => {
    const unit = pki.unit();
    const content = Buffer.from(PART);
    const cms = signedData({
      inside: null,
      signers: [signerInfo(content, { signer: unit })],
      certificates: [unit.certificate, pki.issuing.certificate],
      digests: ['sha256'],
    });
    const signature = cms.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
    return Buffer.from(
      `From: snv@quangbinh.gov.vn\r\nSubject: V/v de nghi cap moi\r\nMIME-Version: 1.0\r\n` +
        `Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b\r\n\r\n` +
        `--b\r\n${PART}\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n` +
        `Content-Transfer-Encoding: base64\r\n\r\n${signature}\r\n--b--\r\n`,
    );
  });
}

function peerCommand(pki: BenchPki, dir: string, i: number, raw: Buffer): string {
  const file = path.join(dir, `${i}.eml`);
  fs.writeFileSync(file, raw);
  const when = `-attime ${AT.getTime() / 1000}`;
  return `openssl cms -verify -in ${file} -CAfile ${pki.bundle} -crl_check_all ${when} -out /dev/null 2>/dev/null || exit 1`;
}
