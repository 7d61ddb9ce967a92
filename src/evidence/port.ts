import type { ScanFact } from '../rules/scan-facts.ts';
import type { Verdict } from '../rules/verdict.ts';

/**
 * Port of the evidence formats: facts about signatures, no judgement by regulation (that is `rules/approval`).
 * Everything here is plain JSON-able data: it crosses the parsing child's boundary and is stored as it is.
 */

/** The certificate that signed, as read from it. */
export interface SignerFact {
  readonly commonName: string | null;
  readonly organization: string | null;
  /** SAN rfc822Name, else subject emailAddress; lower-case. */
  readonly email: string | null;
  readonly emails: readonly string[];
  /** Subject UID ("MST:0100…", "MNS:…") of agency certificates. */
  readonly uid: string | null;
  readonly subject: string;
  readonly issuer: string;
  /** Hex, lower-case. */
  readonly serial: string;
  /** SHA-256 of the DER certificate, hex, lower-case. */
  readonly sha256: string;
  /** The certificate itself, base64 of the DER: for auditors, and to encrypt to. */
  readonly certificate: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

export type ChainState = 'trusted' | 'untrusted' | 'expired' | 'revoked' | 'unknown';

export interface RevocationFact {
  readonly certificate: string;
  readonly source: 'crl' | 'ocsp' | 'none';
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: string | null;
  readonly nextUpdate: string | null;
  readonly revokedAt: string | null;
  readonly reason: string | null;
}

/**
 * One RFC 3161 token over a signature. Only one whose verdict is TOTAL-PASSED proves that the signature existed at
 * `genTime`; any other is told and not counted.
 */
export interface TimestampFact {
  /** ISO; null when it could not be read. */
  readonly genTime: string | null;
  /** Common name of the time-stamping authority. */
  readonly authority: string | null;
  readonly verdict: Verdict;
  /** English, exact. */
  readonly reason: string;
  /** Vietnamese, for the clerk. */
  readonly explanation: string;
}

export interface SignatureFact {
  /** Digest and signature value match the signed bytes. */
  readonly intact: boolean;
  /** Everything a reader sees is under this signature. */
  readonly coversAll: boolean;
  readonly chain: ChainState;
  readonly signer: SignerFact | null;
  /** The signer's own claim, ISO; never used to decide. */
  readonly signedAt: string | null;
  /** genTime of the earliest trusted RFC 3161 token over this signature, ISO. */
  readonly timestamp: string | null;
  /** Every token found over this signature, trusted or not. */
  readonly timestamps: readonly TimestampFact[];
  /** The moment the certificate path was decided at: timestamp, else receipt. */
  readonly decidedAt: string;
  readonly digestAlgorithm: string | null;
  readonly signatureAlgorithm: string | null;
  /** Leaf first, anchor last. */
  readonly path: readonly { readonly subject: string; readonly sha256: string }[];
  readonly revocation: readonly RevocationFact[];
  readonly verdict: Verdict;
  /** English, exact, for engineers and the log. */
  readonly reason: string;
  /** Vietnamese, for the clerk: "chứng thư hết hiệu lực ngày 01/12/2025". */
  readonly explanation: string;
}

export type EvidenceFormat = 'smime' | 'pdf' | 'ooxml' | 'cms' | 'scan' | 'none';

/** What one file (or the letter itself) proves. The last of `signatures` decides (of a PDF the outermost). */
export interface Evidence {
  readonly format: EvidenceFormat;
  readonly verdict: Verdict;
  readonly signatures: readonly SignatureFact[];
  readonly reason: string;
  readonly explanation: string;
}

/** One attachment (or unwrapped payload) as found inside what was verified. */
export interface ExaminedDocument {
  /** Position among the letter's documents, stable for the same bytes. */
  readonly index: number;
  /** A label (NFC, no path parts), never used as a path. */
  readonly filename: string;
  /** Sniffed from the content. */
  readonly mediaType: string;
  readonly size: number;
  /** SHA-256 of exactly the bytes the list is later read from, hex. */
  readonly sha256: string;
  /** The file's own signature, or that of its detached .p7s companion. */
  readonly evidence: Evidence;
  /** True when the letter's own S/MIME signature covers these bytes. */
  readonly coveredByLetter: boolean;
  readonly encrypted: boolean;
  /** Absent where nobody looked: the document is signed, or no page picture. */
  readonly scan?: ScanFact;
}

/** A letter after examination. Subject and body come from inside the signed content where there is one. */
export interface ExaminedLetter {
  /** The S/MIME signature over the letter; format 'none' and verdict NONE when it has none. */
  readonly letter: Evidence;
  readonly subject: string;
  readonly bodyText: string;
  readonly documents: readonly ExaminedDocument[];
  /** A bound that was reached ("more than 200 parts"): the letter is quarantined with this reason. */
  readonly limit: string | null;
}
