import fs from 'node:fs';
import path from 'node:path';
import { signedData, signerInfo, type DataForm, type SignerForm } from './cms-writer.ts';
import {
  certificate,
  ecKey,
  EXTENSION,
  PURPOSE,
  revocationList,
  rsaKey,
  type CertificateForm,
  type Holder,
} from './x509-writer.ts';

/** Letters and keys for the S/MIME cases (test/cases/smime), all by plain code, so that any rule can be bent. */

export const UNIT = 'snv@quangbinh.gov.vn';
export const RECEIVED = new Date('2026-01-05T01:15:00Z');

/** The honest signed part: what the unit really asked for. */
export const PART = 'Content-Type: text/plain; charset=utf-8\r\n\r\nDe nghi cap moi = 5 hop thu.\r\n';

export interface SmimeKit {
  readonly dir: string;
  readonly trustDirs: { readonly anchors: string; readonly intermediates: string; readonly crls: string };
  readonly root: Holder;
  readonly issuing: Holder;
  /** The unit's certificate, P-256. */
  readonly unit: Holder;
  /** The same with an RSA key. */
  readonly rsa: Holder;
  /** A certificate of the issuing CA, or of another, with what is special about it. */
  leaf(form?: Partial<CertificateForm>): Holder;
  /** A CA below the root; `list` is what it publishes, by default an honest empty CRL, null nothing. */
  authority(
    form: Partial<CertificateForm> & { readonly commonName: string },
    list?: ((ca: Holder) => Buffer) | null,
  ): Holder;
  /** Takes the certificate back from 2025-12-01 on, for good. */
  revoke(holder: Holder, by?: Holder): void;
}

export const LEAF_EXTENSIONS = [
  EXTENSION.basic(false),
  EXTENSION.usage(0xc0),
  EXTENSION.purposes(PURPOSE.mail),
  EXTENSION.mail(UNIT),
] as const;

export function smimeKit(dir: string): SmimeKit {
  const trustDirs = {
    anchors: path.join(dir, 'anchors'),
    intermediates: path.join(dir, 'intermediates'),
    crls: path.join(dir, 'crls'),
  };
  for (const folder of Object.values(trustDirs)) fs.mkdirSync(folder, { recursive: true });
  const publish = (folder: string, name: string, bytes: Buffer): void => {
    fs.writeFileSync(path.join(folder, name), bytes);
  };
  const caExtensions = [EXTENSION.basic(true), EXTENSION.usage(0x06)];
  const root = certificate({ commonName: 'Goc', extensions: caExtensions });
  const issuing = certificate({ commonName: 'CA cap phat', issuer: root, extensions: caExtensions });
  const revoked = new Map<Holder, { serial: number; at: string }[]>([
    [root, []],
    [issuing, []],
  ]);
  const publishList = (issuer: Holder): void => {
    publish(
      trustDirs.crls,
      `${issuer.serial}.crl`,
      revocationList(issuer, { revoked: revoked.get(issuer)! }),
    );
  };
  publish(trustDirs.anchors, 'root.der', root.certificate);
  publish(trustDirs.intermediates, 'issuing.der', issuing.certificate);
  publishList(root);
  publishList(issuing);
  const leaf = (form: Partial<CertificateForm> = {}): Holder =>
    certificate({ commonName: 'So Noi vu', issuer: issuing, extensions: LEAF_EXTENSIONS, ...form });
  return {
    dir,
    trustDirs,
    root,
    issuing,
    unit: leaf({ key: ecKey() }),
    rsa: leaf({ key: rsaKey() }),
    leaf,
    authority(form, list) {
      const ca = certificate({ issuer: root, extensions: caExtensions, ...form });
      revoked.set(ca, []);
      if (list === undefined) publishList(ca);
      else if (list !== null) publish(trustDirs.crls, `${ca.serial}.crl`, list(ca));
      return ca;
    },
    revoke(holder, by = issuing) {
      revoked.get(by)!.push({ serial: holder.serial, at: '20251201000000Z' });
      publishList(by);
    },
  };
}

/** A detached signature by `signer` over `content`; the knobs of both writers may be turned. */
export function detachedCms(
  content: Uint8Array,
  kit: SmimeKit,
  form: Partial<SignerForm> = {},
  data: Partial<DataForm> = {},
): Buffer {
  const signer = form.signer ?? kit.unit;
  return signedData({
    inside: null,
    signers: [signerInfo(content, { signer, ...form })],
    certificates: [signer.certificate, kit.issuing.certificate],
    ...data,
  });
}

export const opaqueCms = (content: Uint8Array, kit: SmimeKit, form: Partial<SignerForm> = {}): Buffer =>
  detachedCms(content, kit, form, { inside: content });

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replaceAll(/.{76}/g, '$&\r\n');

export const HEAD = `From: ${UNIT}\r\nTo: stttt@quangbinh.gov.vn\r\nSubject: ngoai\r\nMIME-Version: 1.0\r\n`;

export const signaturePart = (cms: Uint8Array): string =>
  `Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(cms)}`;

export const MULTIPART =
  'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=bien\r\n';

/** multipart/signed round any parts. */
export const multipartOf = (...parts: readonly string[]): string =>
  `${MULTIPART}\r\n${parts.map((part) => `--bien\r\n${part}\r\n`).join('')}--bien--\r\n`;

export const multipart = (part: string, cms: Uint8Array): string => multipartOf(part, signaturePart(cms));
export const letter = (entity: string): string => `${HEAD}${entity}`;

export const opaque = (cms: Uint8Array, type = 'smime-type=signed-data'): string =>
  `Content-Type: application/pkcs7-mime; ${type}; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(cms)}\r\n`;

/** An entity signed by the unit as it should be. */
export const signedEntity = (kit: SmimeKit, part = PART): string =>
  multipart(part, detachedCms(Buffer.from(part, 'latin1'), kit));

export type Attack = (kit: SmimeKit) => string;
