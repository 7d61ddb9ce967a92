import fs from 'node:fs';
import path from 'node:path';
import { openssl } from './openssl-pki.ts';

const pem = (label: string, bytes: Buffer): string =>
  bytes.includes('-----BEGIN')
    ? bytes.toString()
    : `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

const bundle = (label: string, folder: string): string =>
  fs
    .readdirSync(folder)
    .map((name) => pem(label, fs.readFileSync(path.join(folder, name))))
    .join('');

/** A second opinion on letters: `openssl cms -verify` at a moment, with the same anchors, CAs and CRLs. */
export function opensslVerifier(
  trust: { readonly anchors: string; readonly intermediates: string; readonly crls: string },
  at: Date,
): (letter: Buffer) => boolean {
  const dir = fs.mkdtempSync(path.join(path.dirname(trust.anchors), 'openssl-'));
  const [store, letter] = ['store.pem', 'letter'].map((name) => path.join(dir, name)) as [string, string];
  // CAs in the store are issuers, not anchors: without -partial_chain a path must end at a self-signed one.
  const certificates = bundle('CERTIFICATE', trust.anchors) + bundle('CERTIFICATE', trust.intermediates);
  fs.writeFileSync(store, certificates + bundle('X509 CRL', trust.crls));
  const moment = ['-attime', String(at.getTime() / 1000)];
  return (raw) => {
    fs.writeFileSync(letter, raw);
    const args = ['-in', letter, '-CAfile', store, '-out', path.join(dir, 'out')];
    try {
      openssl(['cms', '-verify', ...args, '-crl_check_all', ...moment]);
      return true;
    } catch {
      return false;
    }
  };
}
