import { noSignature, proveFile, severity, type NamedFile } from './detached.ts';
import { examineFile, examineLetter, type DocumentFormats } from './examine.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence, ExaminedDocument } from './port.ts';
import { encapsulated } from './smime-open.ts';
import { cmsBytes, sniff } from './sniff.ts';

/** What one file of any kind proves by itself (`congthu verify`). */
export interface FileProof {
  readonly evidence: Evidence;
  /** Those of a letter. */
  readonly documents: readonly ExaminedDocument[];
  readonly wanted: readonly string[];
}

/**
 * Examines a letter, PDF, Office file or CMS structure; `beside` is the other half of a detached signature, in
 * either order. Never throws on hostile input.
 */
export function verifyAnyFile(
  file: NamedFile,
  beside: Uint8Array | null,
  context: ValidationContext,
  formats: DocumentFormats,
): FileProof {
  if (beside !== null) return verifyPair(file, beside, context);
  const der = cmsBytes(file.bytes);
  if (der !== null) return verifyCms(file, der, context);
  if (looksLikeLetter(file.bytes)) return verifyLetter(file.bytes, context, formats);
  const alone = { ...file, companions: [], wrapper: null, orphan: false };
  const { document, wanted } = examineFile(alone, 0, false, context, formats);
  const isPicture = /^image\/(jpeg|png|tiff)$/.test(document.mediaType);
  return { evidence: isPicture ? picture(document.evidence) : document.evidence, documents: [], wanted };
}

/** A picture may be the scan of a signed paper: no digital signature, and nothing a program may judge alone. */
const picture = (evidence: Evidence): Evidence =>
  evidence.verdict.verdict !== 'NONE'
    ? evidence
    : {
        ...evidence,
        format: 'scan',
        reason: 'a picture; signature and seal on it are for an officer to look at',
        explanation: 'tệp ảnh không có chữ ký số; chữ ký và con dấu trên ảnh do cán bộ xem xét',
      };

function verifyPair(file: NamedFile, beside: Uint8Array, context: ValidationContext): FileProof {
  const besideDer = cmsBytes(beside);
  const der = besideDer ?? cmsBytes(file.bytes);
  const bytes = besideDer === null ? beside : file.bytes;
  if (der === null) return { evidence: noSignature(), documents: [], wanted: [] };
  const proof = proveFile({ ...file, bytes, companions: [der], wrapper: null, orphan: false }, context);
  return { evidence: proof!.evidence, documents: [], wanted: proof!.wanted };
}

function verifyCms(file: NamedFile, der: Uint8Array, context: ValidationContext): FileProof {
  const content = encapsulated(der)?.content ?? null;
  const paired = {
    ...file,
    companions: [],
    wrapper: content === null ? null : der,
    orphan: content === null,
  };
  const proof = proveFile(paired, context)!;
  return { evidence: proof.evidence, documents: [], wanted: proof.wanted };
}

/** The letter's own signature decides; without one the worst of its signed documents does. */
function verifyLetter(bytes: Uint8Array, context: ValidationContext, formats: DocumentFormats): FileProof {
  const { letter, wanted } = examineLetter(onTheWire(bytes), context, formats);
  const own = letter.letter;
  const worst = letter.documents
    .map((document) => document.evidence)
    .toSorted((a, b) => severity(b.verdict) - severity(a.verdict))[0];
  const evidence =
    own.verdict.verdict !== 'NONE' || worst === undefined || worst.verdict.verdict === 'NONE'
      ? own
      : { ...own, verdict: worst.verdict, reason: worst.reason, explanation: worst.explanation };
  return { evidence, documents: letter.documents, wanted };
}

/** Header lines first, one of them a field that only letters have. */
function looksLikeLetter(bytes: Uint8Array): boolean {
  if (sniff(bytes, '').mediaType !== 'text/plain') return false;
  const head = Buffer.from(bytes.subarray(0, 64 * 1024)).toString('latin1');
  if (!/^(From |[!-9;-~]+[ \t]*:)/.test(head)) return false;
  return /^(from|to|received|return-path|mime-version|content-type|message-id|subject|date)[ \t]*:/im.test(
    head,
  );
}

/** RFC 5322 §2.3: lines end in CRLF. A letter kept with bare LF throughout gets them back; any other stays as it is. */
export function onTheWire(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.includes('\r\n') || !buffer.includes('\n')) return bytes;
  return Buffer.from(buffer.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
