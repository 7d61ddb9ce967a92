import type { Verdict } from '../rules/verdict.ts';
import { parseRevocationList } from './crl.ts';
import { DerError } from './der.ts';
import { parseOcspResponse } from './ocsp.ts';
import type { ValidationContext } from './path.ts';
import type { PdfDocument } from './pdf-document.ts';
import { isArray, isStream } from './pdf-values.ts';
import type { PdfDict } from './pdf-values.ts';
import type { TrustStore } from './trust-store.ts';
import { parseCertificate } from './x509.ts';

/** Certificates or answers of one kind; a long-term file with several signers holds about ten of each. */
const MAX_ITEMS = 64;
/** All of one kind together; the largest national CRL is about 2 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Asks with our own material and, only where that is silent, with the file's too: an old answer in it must not outvote
 * a newer one of ours.
 */
export function withMaterialOf<T>(
  document: PdfDocument,
  context: ValidationContext,
  ask: (context: ValidationContext) => T,
  verdicts: (found: T) => readonly Verdict[],
): T {
  const alone = ask(context);
  if (!verdicts(alone).some(lacksMaterial)) return alone;
  const trust = withDss(context.trust, document);
  return trust === context.trust ? alone : ask({ ...context, trust });
}

const lacksMaterial = (verdict: Verdict): boolean =>
  verdict.verdict === 'INDETERMINATE' &&
  (verdict.subIndication === 'TRY_LATER' || verdict.subIndication === 'NO_CERTIFICATE_CHAIN_FOUND');

/**
 * The trust store enlarged by what the file brings in its DSS (ETSI EN 319 142-1 §5.4.2). Nothing of it is trusted:
 * certificates only help to build a path, CRLs and OCSP answers count only when signed by whom the path says.
 */
function withDss(trust: TrustStore, document: PdfDocument): TrustStore {
  const dss = document.dictAt(document.catalog(), 'DSS');
  if (dss === null) return trust;
  return {
    ...trust,
    intermediates: [...trust.intermediates, ...read(document, dss, 'Certs', parseCertificate)],
    crls: [...trust.crls, ...read(document, dss, 'CRLs', parseRevocationList)],
    ocsp: [...trust.ocsp, ...read(document, dss, 'OCSPs', parseOcspResponse)],
  };
}

function read<T>(document: PdfDocument, dss: PdfDict, key: string, parse: (der: Uint8Array) => T): T[] {
  const list = document.get(dss, key);
  const items = isArray(list) ? list.items.slice(0, MAX_ITEMS) : [];
  let total = 0;
  return items.flatMap((item) => {
    const stream = document.resolve(item);
    if (!isStream(stream)) return [];
    const bytes = document.decode(stream);
    total += bytes.length;
    return total > MAX_BYTES ? [] : parsed(bytes, parse);
  });
}

/** Damaged material helps nobody and harms nobody. */
function parsed<T>(bytes: Uint8Array, parse: (der: Uint8Array) => T): T[] {
  try {
    return [parse(bytes)];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}
