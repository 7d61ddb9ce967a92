import { createHash } from 'node:crypto';
import { NO_SIGNATURE } from '../rules/verdict.ts';
import { pairFiles, proveFile, type PairedFile } from './detached.ts';
import { attachments, bodyText, subjectOf } from './examine-parts.ts';
import { partBudget, readEntity, type Entity } from './mime.ts';
import { MimeLimit } from './mime-fields.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence, ExaminedDocument, ExaminedLetter } from './port.ts';
import { openLetter, type OpenedLetter } from './smime-open.ts';
import { proveLetter } from './smime.ts';
import { sniff } from './sniff.ts';

/** The formats that carry signatures inside themselves, handed in so that none imports another. */
export interface DocumentFormats {
  examinePdf(
    bytes: Uint8Array,
    context: ValidationContext,
  ): {
    readonly evidence: Evidence;
    /** The bytes the deciding signature covers; the list is read from them. */
    readonly signedRevision: Uint8Array | null;
    readonly encrypted: boolean;
    readonly wanted: readonly string[];
  };
  examineOffice(
    bytes: Uint8Array,
    context: ValidationContext,
  ): { readonly evidence: Evidence; readonly wanted: readonly string[] };
}

/**
 * Examines a stored raw letter: its own signature, its words and its documents with theirs. Subject, words and
 * documents come from inside the signature where there is one. Never throws on hostile input; a bound that is
 * reached is told in `limit`. `wanted`: addresses of revocation data that would change the answer.
 */
export function examineLetter(
  raw: Uint8Array,
  context: ValidationContext,
  formats: DocumentFormats,
): { letter: ExaminedLetter; wanted: string[] } {
  try {
    const { root, opened } = open(raw);
    const proof = proveLetter(root, opened, context);
    const found = documentsOf(opened).map((file, index) =>
      examineFile(file, index, proof.covered, context, formats),
    );
    return {
      letter: {
        letter: proof.evidence,
        subject: subjectOf(opened.protectedFields ?? root.fields),
        bodyText: bodyText(opened.payload),
        documents: found.map(({ document }) => document),
        limit: null,
      },
      wanted: [...new Set([...proof.wanted, ...found.flatMap(({ wanted }) => wanted)])],
    };
  } catch (error) {
    if (error instanceof MimeLimit) return { letter: limited(error.message), wanted: [] };
    throw error;
  }
}

function open(raw: Uint8Array): { root: Entity; opened: OpenedLetter } {
  const budget = partBudget();
  const root = readEntity(raw, budget);
  return { root, opened: openLetter(root, budget) };
}

const documentsOf = (opened: OpenedLetter): PairedFile[] => pairFiles(attachments(opened.payload));

/** What a reader of the letter sees: the payload of its signature, or the letter itself. Throws MimeLimit. */
export const letterPayload = (raw: Uint8Array): Entity => open(raw).opened.payload;

/**
 * Exactly the bytes of a document whose SHA-256 the facts carry (of a signed PDF the signed revision), or null when
 * the letter holds no such bytes there. The digest decides, so a wrong index can never yield other bytes.
 */
export const documentBytes = (raw: Uint8Array, index: number, sha256: string): Buffer | null =>
  documentAt(raw, index, sha256)?.bytes ?? null;

/** The same with the document's label. */
export function documentAt(
  raw: Uint8Array,
  index: number,
  sha256: string,
): { readonly filename: string; readonly bytes: Buffer } | null {
  const file = documentsOf(open(raw).opened)[index];
  if (file === undefined) return null;
  const whole = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length);
  const bytes = [whole, ...revisions(whole)].find((candidate) => digest(candidate) === sha256);
  return bytes === undefined ? null : { filename: file.filename, bytes };
}

/** Real PDFs carry a handful of signatures; each candidate costs a digest of the file. */
const MAX_REVISIONS = 32;

/** Prefixes of a PDF that a /ByteRange ends at (ISO 32000-1 §12.8.1): candidates for a signed revision. */
function revisions(pdf: Buffer): Buffer[] {
  const ends = new Set<number>();
  for (let at = pdf.indexOf('/ByteRange'); at !== -1; at = pdf.indexOf('/ByteRange', at + 10)) {
    if (ends.size >= MAX_REVISIONS) break;
    const range = /^\/ByteRange\s*\[\s*\d+\s+\d+\s+(\d+)\s+(\d+)\s*\]/.exec(
      pdf.subarray(at, at + 120).toString('latin1'),
    );
    const end = range === null ? 0 : Number(range[1]) + Number(range[2]);
    if (end > 0 && end < pdf.length) ends.add(end);
  }
  return [...ends].map((end) => pdf.subarray(0, end));
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** All facts about one file. Its own signature decides; one beside or around it where the file itself says nothing. */
export function examineFile(
  file: PairedFile,
  index: number,
  coveredByLetter: boolean,
  context: ValidationContext,
  formats: DocumentFormats,
): { document: ExaminedDocument; wanted: readonly string[] } {
  const kind = sniff(file.bytes, file.filename);
  const own = kind.encrypted ? sealed(file.bytes) : ownFinding(file.bytes, kind.mediaType, context, formats);
  const beside = own.evidence.verdict.verdict === 'NONE' ? proveFile(file, context) : null;
  return {
    document: {
      index,
      filename: file.filename,
      mediaType: kind.mediaType,
      size: own.bytes.length,
      sha256: digest(own.bytes),
      evidence: beside?.evidence ?? own.evidence,
      coveredByLetter,
      encrypted: own.encrypted,
    },
    wanted: [...own.wanted, ...(beside?.wanted ?? [])],
  };
}

function ownFinding(
  bytes: Uint8Array,
  mediaType: string,
  context: ValidationContext,
  formats: DocumentFormats,
) {
  if (mediaType === 'application/pdf') {
    const { evidence, signedRevision, encrypted, wanted } = formats.examinePdf(bytes, context);
    return { evidence, bytes: signedRevision ?? bytes, encrypted, wanted };
  }
  if (mediaType.startsWith('application/vnd.openxmlformats-officedocument.')) {
    return { ...formats.examineOffice(bytes, context), bytes, encrypted: false };
  }
  const evidence = mediaType === 'application/ms-tnef' ? TNEF : UNSIGNED;
  return { evidence, bytes, encrypted: false, wanted: [] };
}

const sealed = (bytes: Uint8Array) => ({ evidence: SEALED, bytes, encrypted: true, wanted: [] });

const unproven = (reason: string, explanation: string): Evidence => ({
  format: 'none',
  verdict: NO_SIGNATURE,
  signatures: [],
  reason,
  explanation,
});

const UNSIGNED = unproven('the file is not signed', 'tệp không có chữ ký số');
const SEALED = unproven('the file is encrypted', 'tệp được đặt mật khẩu hoặc mã hóa, không kiểm tra được');
const TNEF = unproven(
  'a TNEF container (winmail.dat) is not opened',
  'tệp winmail.dat do Outlook tạo ra, không đọc được nội dung bên trong',
);

const limited = (limit: string): ExaminedLetter => ({
  letter: unproven(limit, 'thư vượt giới hạn cấu trúc nên không được mở, cần cán bộ xem xét'),
  subject: '',
  bodyText: '',
  documents: [],
  limit,
});
