import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { examinePdf } from '../../src/evidence/pdf.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { signedData, signerInfo } from '../harness/cms-writer.ts';
import { buildPki } from '../harness/openssl-pki.ts';
import { signPdf, type Signing } from '../harness/pdf-signer.ts';
import { BASE_OBJECTS, basePdf } from '../harness/pdf-writer.ts';
import { benchPki } from './bench-pki.ts';
import { cpuEach, load, roundsOf, shown, spawnedCpuEach } from './rounds.ts';

const ROUNDS = 9;
const FILES = 60;
const AT = new Date('2026-01-05T00:00:00Z');

/**
 * CPU of one signed PDF of 18 KB, RSA-2048, path of three certificates and two CRLs, beside `pdfsig -nocert`, which
 * looks at the signature alone: neither path nor revocation nor what follows the signature.
 */
export function run(): void {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
  try {
    const pki = benchPki(dir);
    const trust = loadTrustStore(pki.trustDirs);
    const openssl = buildPki(path.join(dir, 'unused'));
    const leaf = openssl.leaf('unused', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
    const unsigned = basePdf({
      ...BASE_OBJECTS,
      7: `(${'Kinh gui So Thong tin va Truyen thong. '.repeat(110)})`,
    });
    const cms = (data: Buffer): Buffer => {
      const signer = pki.unit();
      const certificates = [signer.certificate, pki.issuing.certificate];
      return signedData({
        inside: null,
        signers: [signerInfo(data, { signer })],
        certificates,
        digests: ['sha256'],
      });
    };
    const signing: Signing = { leaf, pki: openssl, field: 8, cms };
    const files = (count: number): Buffer[] =>
      Array.from({ length: count }, () => signPdf(unsigned, signing));
    const check = (pdf: Buffer): void => {
      const { evidence } = examinePdf(pdf, { trust, at: AT });
      if (evidence.verdict.verdict !== 'TOTAL-PASSED')
        throw new Error(`the bench file does not verify: ${evidence.reason}`);
    };
    cpuEach(files(200), check);
    const ours: number[] = [];
    const peers: number[] = [];
    let size = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const made = files(FILES);
      size = made[0]!.length;
      ours.push(cpuEach(made, check));
      const commands = made.map((pdf, i) => {
        const file = path.join(dir, `${i}.pdf`);
        fs.writeFileSync(file, pdf);
        return `[[ $(pdfsig -nocert ${file} 2>/dev/null) == *'Signature is Valid'* ]] || exit 1`;
      });
      peers.push(spawnedCpuEach(commands));
    }
    const [own, peer] = [roundsOf(ours), roundsOf(peers)];
    console.log(`PDF of ${(size / 1000).toFixed(1)} kB, certificate never seen: ${shown(own)}`);
    console.log(`pdfsig -nocert, spawned: ${shown(peer)}`);
    console.log(
      `${(peer.median / own.median).toFixed(1)} times the CPU; ${ROUNDS} rounds of ${FILES}, ${load()}`,
    );
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
