import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { parseRevocationList, type RevocationList } from './crl.ts';
import { parseOcspResponse, type OcspResponse } from './ocsp.ts';
import { parseCertificate, type Certificate } from './x509.ts';

/** What is trusted, as configured; nothing in it comes from a letter. */
export interface TrustStore {
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** Anchors of time-stamping authorities: they prove when, never who. */
  readonly tsaAnchors: readonly Certificate[];
  readonly crls: readonly RevocationList[];
  readonly ocsp: readonly OcspResponse[];
}

export interface TrustDirs {
  readonly anchors: string;
  readonly intermediates?: string;
  readonly tsaAnchors?: string;
  readonly crls?: string;
  readonly ocsp?: string;
  /** Lists and answers that were fetched (revocation/cache.ts). */
  readonly fetched?: string;
}

/** Reads the folders (PEM or DER). A missing folder is an empty one; an unreadable file is a UserError naming it. */
export function loadTrustStore(dirs: TrustDirs): TrustStore {
  return {
    anchors: readFolder(dirs.anchors, /\.(pem|crt|cer|der)$/i, parseCertificate),
    intermediates: readFolder(dirs.intermediates, /\.(pem|crt|cer|der)$/i, parseCertificate),
    tsaAnchors: readFolder(dirs.tsaAnchors, /\.(pem|crt|cer|der)$/i, parseCertificate),
    crls: [
      ...readFolder(dirs.crls, /\.(pem|crl|der)$/i, parseRevocationList),
      ...readFetched(dirs.fetched, '.crl', parseRevocationList),
    ],
    ocsp: [
      ...readFolder(dirs.ocsp, /\.(ors|der|ocsp)$/i, parseOcspResponse),
      ...readFetched(dirs.fetched, '.ors', parseOcspResponse),
    ],
  };
}

/** Fetched files come and go while others read, and one that is damaged or gone only means to ask again. */
function readFetched<T>(folder: string | undefined, ending: string, parse: (der: Uint8Array) => T): T[] {
  if (folder === undefined || !fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => {
      try {
        return [parse(fs.readFileSync(path.join(folder, name)))];
      } catch {
        return [];
      }
    });
}

/** The same from bytes in hand (tests, suites). @throws DerError */
export function trustStoreFrom(parts: {
  readonly anchors: readonly Uint8Array[];
  readonly intermediates?: readonly Uint8Array[];
  readonly tsaAnchors?: readonly Uint8Array[];
  readonly crls?: readonly Uint8Array[];
  readonly ocsp?: readonly Uint8Array[];
}): TrustStore {
  const all = <T>(files: readonly Uint8Array[] | undefined, parse: (der: Uint8Array) => T): T[] =>
    (files ?? []).flatMap((file) => derBlocks(Buffer.from(file)).map(parse));
  return {
    anchors: all(parts.anchors, parseCertificate),
    intermediates: all(parts.intermediates, parseCertificate),
    tsaAnchors: all(parts.tsaAnchors, parseCertificate),
    crls: all(parts.crls, parseRevocationList),
    ocsp: all(parts.ocsp, parseOcspResponse),
  };
}

function readFolder<T>(folder: string | undefined, names: RegExp, parse: (der: Uint8Array) => T): T[] {
  if (folder === undefined || !fs.existsSync(folder)) return [];
  const read = (name: string): T[] => {
    const file = path.join(folder, name);
    try {
      return derBlocks(fs.readFileSync(file)).map(parse);
    } catch (error) {
      throw new UserError(
        `${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        'It must hold a certificate or CRL as PEM or DER.',
      );
    }
  };
  return fs
    .readdirSync(folder)
    .filter((name) => names.test(name))
    .sort()
    .flatMap(read);
}

/** The DER values of a file: each PEM block, or the whole file. */
export function derBlocks(bytes: Buffer): Buffer[] {
  const blocks = [...bytes.toString('latin1').matchAll(/-----BEGIN [A-Z0-9 ]+-----([^-]+)-----END/g)];
  return blocks.length === 0 ? [bytes] : blocks.map((block) => Buffer.from(block[1]!, 'base64'));
}

/** Changes when any file of the folders does: when to load again. */
export function trustStamp(dirs: TrustDirs): string {
  const stamp = (folder: string | undefined): string =>
    folder === undefined || !fs.existsSync(folder)
      ? '-'
      : fs
          .readdirSync(folder)
          .sort()
          .map(
            (name) => `${name}:${fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs}`,
          )
          .join();
  return [dirs.anchors, dirs.intermediates, dirs.tsaAnchors, dirs.crls, dirs.ocsp, dirs.fetched]
    .map((folder) => `${folder ?? ''}=${stamp(folder)}`)
    .join(';');
}

/** Hands out the trust store of the folders, loaded again only when a file in them changes. */
export function keptTrustStore(): (dirs: TrustDirs) => TrustStore {
  let kept: { readonly stamp: string; readonly trust: TrustStore } | null = null;
  return (dirs) => {
    const stamp = trustStamp(dirs);
    if (kept?.stamp !== stamp) kept = { stamp, trust: loadTrustStore(dirs) };
    return kept.trust;
  };
}
