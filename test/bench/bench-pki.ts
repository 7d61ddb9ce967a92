import fs from 'node:fs';
import path from 'node:path';
import type { TrustDirs } from '../../src/evidence/trust-store.ts';
import { LEAF_EXTENSIONS } from '../harness/smime-kit.ts';
import { certificate, EXTENSION, revocationList, rsaKey, type Holder } from '../harness/x509-writer.ts';

/** Root → issuing CA → units, all RSA-2048, with a CRL of each CA; units share one key, no two a certificate. */
export interface BenchPki {
  readonly trustDirs: TrustDirs;
  readonly issuing: Holder;
  /** PEM of the root, the issuing CA and both lists, for openssl. */
  readonly bundle: string;
  unit(): Holder;
}

/** A CA of some size has revoked so many. */
const REVOKED = 1000;

export function benchPki(dir: string): BenchPki {
  const trustDirs = {
    anchors: path.join(dir, 'anchors'),
    intermediates: path.join(dir, 'intermediates'),
    crls: path.join(dir, 'crls'),
  };
  for (const folder of Object.values(trustDirs)) fs.mkdirSync(folder, { recursive: true });
  const extensions = [EXTENSION.basic(true), EXTENSION.usage(0x06)];
  const root = certificate({ commonName: 'Goc', key: rsaKey(), extensions });
  const issuing = certificate({ commonName: 'CA cap phat', key: rsaKey(), issuer: root, extensions });
  const revoked = Array.from({ length: REVOKED }, (_, i) => ({
    serial: 1_000_000 + i,
    at: '20250601000000Z',
  }));
  const lists = [revocationList(root), revocationList(issuing, { revoked })];
  fs.writeFileSync(path.join(trustDirs.anchors, 'root.der'), root.certificate);
  fs.writeFileSync(path.join(trustDirs.intermediates, 'issuing.der'), issuing.certificate);
  lists.forEach((list, i) => {
    fs.writeFileSync(path.join(trustDirs.crls, `${i}.crl`), list);
  });
  const bundle = path.join(dir, 'bundle.pem');
  const pem = (label: string, der: Buffer): string =>
    `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
  const blocks = [root, issuing].map((ca) => pem('CERTIFICATE', ca.certificate));
  fs.writeFileSync(bundle, [...blocks, ...lists.map((list) => pem('X509 CRL', list))].join(''));
  const key = rsaKey();
  return {
    trustDirs,
    issuing,
    bundle,
    unit: () => certificate({ commonName: 'So Noi vu', issuer: issuing, key, extensions: LEAF_EXTENSIONS }),
  };
}
