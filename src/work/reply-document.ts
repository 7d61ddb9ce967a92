import { randomUUID } from 'node:crypto';
import type { Evidence } from '../evidence/port.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { longDate, yearOf } from '../notices/dates.ts';
import type { OfficialDraft } from '../notices/official-draft.ts';
import { draftBlocks } from '../notices/render.ts';
import { cite } from '../rules/articles.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { addDocument, documentById, signDocument, type StoredDocument } from '../store/documents.ts';
import { dossierByNumber, nextInSeries, rowsById, type Dossier } from '../store/dossiers.ts';
import { lettersOfDossier } from '../store/letters.ts';
import type { Attachment } from '../store/notices.ts';
import { unitByCode } from '../store/registry.ts';
import { checkedRow, doneWords, type Done } from './carry-out.ts';
import { doneTable, webmailPlace } from './result-tables.ts';
import type { ActDeps, Case } from './step.ts';
import { originOf, subjectOf } from './write-notice.ts';

/** How drafts become files, and who signs them. */
export interface DocumentDeps {
  readonly write: (
    draft: OfficialDraft,
    at: Date,
  ) => Promise<{ readonly docx: Buffer; readonly pdf: Buffer }>;
  /** Signs with the operator's organisational key; null where that is left to officers (the default). */
  readonly sign: ((pdf: Buffer) => Buffer) | null;
  /** What the signatures of a file prove now; runs in the parsing child. A throw means it could not be read. */
  readonly verify: (name: string, bytes: Buffer) => Promise<Evidence>;
  /** By which a signature is known as the operator's own, beside what the registry pins for its unit. */
  readonly operator: {
    /** Its intake mailboxes and the one notices come from; lower-case. */
    readonly addresses: readonly string[];
    /** SHA-256 of the certificate of the key we sign with, hex. */
    readonly certificates: readonly string[];
  };
}

/** A document that was drafted just now; `signed` null: it waits for an officer. */
export interface Issued {
  readonly signed: Attachment | null;
  readonly log: readonly LogEvent[];
}

/** QB-4.2, QB-7.1: the answer to these kinds must be a document; a password reset is only answered (QB-6.2). */
export function needsReplyDocument({ replies }: Regulation, done: readonly Done[]): boolean {
  const { completion, documentFor } = replies;
  return (
    completion.value === 'signed_document' &&
    done.some(({ row, refused }) => {
      const { kind } = checkedRow(row);
      return !refused && kind !== null && (documentFor === undefined || documentFor.includes(kind));
    })
  );
}

/** Drafts the reply document over what was done and, where the operator switched that on, signs it. */
export async function issueReply(
  tx: Tx,
  work: Case,
  dossier: Dossier,
  done: readonly Done[],
  deps: ActDeps,
): Promise<Issued> {
  const now = deps.clock.now();
  const { sign } = deps.documents;
  const files = await deps.documents.write(
    await draftReply(tx, work, dossier, done, sign !== null, deps),
    now,
  );
  const signed = sign?.(files.pdf) ?? null;
  const id = randomUUID();
  await addDocument(tx, {
    id,
    purpose: 'reply',
    dossier: dossier.number,
    state: signed === null ? 'draft' : 'signed',
    rows: done.filter(({ refused }) => !refused).map(({ row }) => row.id),
    createdAt: now,
    ...files,
    signed,
    ...(signed === null ? {} : { signedAt: now, signedBy: MACHINE }),
  });
  const about = { dossier: dossier.number, unit: dossier.unit, actor: MACHINE };
  const outcome = signed === null ? 'reply drafted' : 'reply signed';
  const attachment = signed === null ? null : replyFile(dossier.number, signed);
  return { signed: attachment, log: [decision({ ...about, outcome, detail: id })] };
}

const replyFile = (number: string, content: Buffer): Attachment => ({
  filename: `${number}-phuc-dap.pdf`,
  mediaType: 'application/pdf',
  content,
});

async function draftReply(
  tx: Tx,
  { letter, regulation }: Case,
  dossier: Dossier,
  done: readonly Done[],
  numbered: boolean,
  deps: ActDeps,
): Promise<OfficialDraft> {
  const now = deps.clock.now();
  const unit = await unitByCode(tx.orm, dossier.unit);
  const year = yearOf(now);
  const figure = numbered ? String(await nextInSeries(tx, `document ${regulation.id}`, year)) : '        ';
  const { identity } = regulation;
  const { subject, blocks } = draftBlocks(regulation.templates, 'reply-document', {
    subject_kind: subjectOf(dossier.kinds),
    unit: unit?.name ?? '',
    operator: identity.operatorName,
    origin: originOf(letter).origin,
    number: dossier.number,
    article: cite(regulation, regulation.articles.request),
    today: longDate(now),
    where: webmailPlace(regulation),
    // A link is for its owner alone and never stands in a document.
    done_rows: doneTable(done, new Map()),
  });
  return {
    superior: `UBND ${identity.provinceName}`.toUpperCase(),
    organ: identity.operatorName.toUpperCase(),
    number: `Số: ${figure}/${identity.operatorAbbr}-TĐT`,
    placeAndDate: `${placeOf(identity.provinceName)}, ${longDate(now)}`,
    about: subject,
    to: unit?.name ?? dossier.unit,
    blocks,
    signer: numbered ? identity.operatorName.toUpperCase() : 'THỦ TRƯỞNG CƠ QUAN',
    recipients: ['Như trên;', 'Lưu: VT.'],
  };
}

/** "tỉnh Quảng Bình" → "Quảng Bình". */
export const placeOf = (province: string): string =>
  province.replace(/^(?:tỉnh|thành phố)\s+/iu, '').split(',')[0]!;

/** What the examination of an attached file says, as far as this door needs it. */
export interface SignedFileProof {
  readonly passed: boolean;
  /** SHA-256 of the outermost signature's certificate, hex. */
  readonly signer: string | null;
  readonly explanation: string;
}

export type Attached =
  | {
      readonly attached: true;
      readonly document: StoredDocument;
      readonly work: Case;
      readonly done: readonly Done[];
      readonly log: readonly LogEvent[];
    }
  | { readonly attached: false; readonly why: string };

/**
 * An officer attaches the signed reply (QB-4.2). Accepted only when its signature was proved valid; what is to be
 * told to the unit comes back, for `releaseReply`.
 * @param proof what `parser-process` `verifyFile` found on exactly these bytes
 */
export async function attachSigned(
  tx: Tx,
  id: string,
  bytes: Buffer,
  proof: SignedFileProof,
  officer: string,
  deps: ActDeps,
): Promise<Attached> {
  const document = await documentById(tx.orm, id);
  if (document === null || document.dossier === null) return { attached: false, why: 'Không có văn bản này' };
  if (!proof.passed) return { attached: false, why: `Chữ ký số trên tệp chưa hợp lệ: ${proof.explanation}` };
  const now = deps.clock.now();
  if (!(await signDocument(tx, id, bytes, officer, now)))
    return { attached: false, why: 'Văn bản này đã được ký trước đó' };
  const dossier = (await dossierByNumber(tx.orm, document.dossier))!;
  const regulation = deps.regulations.find((known) => known.id === dossier.regulation);
  if (regulation === undefined) throw new Error(`regulation ${dossier.regulation} is not configured`);
  const letters = await lettersOfDossier(tx.orm, dossier.number);
  const rows = await rowsById(tx.orm, document.rows);
  const letter = letters.find((known) => known.id === rows.at(-1)?.letter) ?? letters.at(-1)!;
  const done = rows.map((row) => ({
    row,
    address: row.address ?? '',
    text: doneWords(checkedRow(row).kind),
    refused: false,
  }));
  const detail = `${id} signed by ${proof.signer ?? 'unknown'}`;
  const about = { dossier: dossier.number, unit: dossier.unit, actor: officer };
  return {
    attached: true,
    document: { ...document, signed: bytes },
    work: { letter, regulation },
    done,
    log: [decision({ ...about, outcome: 'reply signed', detail })],
  };
}

export const signedReplyFile = ({ dossier, signed }: StoredDocument): Attachment =>
  replyFile(dossier ?? '', signed!);
