import type { Mailbox, Unit } from './registry.ts';
import type { EvidenceRoute, Regulation, RequestKind } from './regulation.ts';
import type { ScanFact } from './scan-facts.ts';
import { isPagePicture, scanDoubts } from './scan.ts';
import type { SubIndication, Verdict } from './verdict.ts';

/** The shape of evidence this judgement needs; `evidence/port.ts` `ExaminedLetter` is assignable to it. */
export interface EvidenceFacts {
  readonly format: string;
  readonly verdict: Verdict;
  readonly signatures: readonly {
    /** This signature's own verdict; absent: that of the whole. */
    readonly verdict?: Verdict;
    readonly signer: {
      readonly commonName: string | null;
      readonly emails: readonly string[];
      readonly sha256: string;
    } | null;
  }[];
  readonly explanation: string;
}

export interface DocumentFacts {
  readonly index: number;
  readonly filename: string;
  readonly mediaType: string;
  readonly evidence: EvidenceFacts;
  readonly coveredByLetter: boolean;
  readonly encrypted: boolean;
  readonly scan?: ScanFact;
}

export interface ExaminedFacts {
  readonly letter: EvidenceFacts;
  readonly documents: readonly DocumentFacts[];
  readonly limit: string | null;
}

/** What an officer has found on screen or at the desk; each finding is logged with the officer's name by `work`. */
export interface OfficerFindings {
  /** Signature and seal seen on the scan, and scan and list agree (requirements.md §6.10). */
  readonly scanConfirmed?: boolean;
  readonly paper?: { readonly number: string; readonly date: string };
  /** The person was called back or otherwise identified (QB-6.2). */
  readonly identityConfirmed?: boolean;
  /** A signature the machine could not settle was settled by hand. */
  readonly signatureConfirmed?: boolean;
  /** A sealed letter was found harmless: its mark of secrecy is none. */
  readonly released?: boolean;
  /** The signer is the head of the unit (TH-5.2b). */
  readonly headConfirmed?: boolean;
}

export interface ApprovalContext {
  readonly kinds: readonly RequestKind[];
  readonly person: Mailbox | null;
  readonly findings?: OfficerFindings;
}

export interface Reason {
  readonly code:
    | 'limit'
    | 'encrypted'
    | 'signature_failed'
    | 'signature_unclear'
    | 'signer_not_of_unit'
    | 'head_unconfirmed'
    | 'person_signature_missing'
    | 'list_not_signed'
    | 'unsigned'
    | 'scan'
    | 'identity'
    | 'route_disabled'
    | 'try_later';
  /** Vietnamese, for the clerk. */
  readonly text: string;
  /** The file concerned; null for the letter itself. */
  readonly filename: string | null;
  readonly subIndication: SubIndication | null;
}

export type ApprovalRoute = EvidenceRoute | 'unit_mailbox' | 'identity_check';

export type Approval =
  | {
      readonly decision: 'approved';
      readonly route: ApprovalRoute;
      /** Indexes of the documents a list may be read from. */
      readonly documents: readonly number[];
      /** True when the letter's own text may be read as part of the request. */
      readonly body: boolean;
      readonly signer: string | null;
    }
  | { readonly decision: 'officer'; readonly route: ApprovalRoute; readonly reasons: readonly Reason[] }
  | { readonly decision: 'refuse'; readonly reasons: readonly Reason[] }
  | { readonly decision: 'await_paper'; readonly reasons: readonly Reason[] }
  | { readonly decision: 'retry'; readonly reasons: readonly Reason[] };

const reason = (
  code: Reason['code'],
  text: string,
  filename: string | null = null,
  subIndication: SubIndication | null = null,
): Reason => ({ code, text, filename, subIndication });

/** One thing that can be signed: the letter or a file. */
interface Piece {
  readonly filename: string | null;
  readonly evidence: EvidenceFacts;
}

const named = (filename: string | null): string => (filename === null ? 'thư' : `tệp “${filename}”`);

/** Is this request official? Read from top to bottom as the regulation would be. */
export function approve(
  letter: ExaminedFacts,
  regulation: Regulation,
  unit: Unit,
  context: ApprovalContext,
): Approval {
  return (
    byPerson(letter, context) ??
    byPaper(letter, regulation, context) ??
    unreadable(letter, regulation) ??
    bySignature(letter, regulation, unit, context) ??
    byMailboxAlone(letter, regulation, context) ??
    byScan(letter, regulation, context) ??
    unverified(letter, regulation)
  );
}

const everything = (letter: ExaminedFacts): number[] =>
  letter.documents.filter(({ encrypted }) => !encrypted).map(({ index }) => index);

/** A person's own request always needs an identity check by an officer (QB-6.2). */
function byPerson(letter: ExaminedFacts, { person, findings }: ApprovalContext): Approval | null {
  if (person === null) return null;
  if (findings?.identityConfirmed === true) {
    const documents = everything(letter);
    return { decision: 'approved', route: 'identity_check', documents, body: true, signer: null };
  }
  const text = `Người gửi ${person.address} là cá nhân: cán bộ xác thực thông tin trước khi thực hiện`;
  return { decision: 'officer', route: 'identity_check', reasons: [reason('identity', text)] };
}

function byPaper(
  letter: ExaminedFacts,
  regulation: Regulation,
  { findings }: ApprovalContext,
): Approval | null {
  if (findings?.paper === undefined || !enabled(regulation, 'paper')) return null;
  return { decision: 'approved', route: 'paper', documents: everything(letter), body: true, signer: null };
}

function unreadable(letter: ExaminedFacts, regulation: Regulation): Approval | null {
  if (letter.limit !== null) {
    const text = `Thư vượt giới hạn kiểm tra tự động (${letter.limit})`;
    return { decision: 'officer', route: 'digital_signature', reasons: [reason('limit', text)] };
  }
  const locked = letter.documents.filter(({ encrypted }) => encrypted);
  if (locked.length === 0 || !regulation.attachment.forbidEncryptedArchive) return null;
  const reasons = locked.map(({ filename }) =>
    reason('encrypted', `Tệp “${filename}” đặt mật khẩu hoặc mã hóa, không được tiếp nhận`, filename),
  );
  return { decision: 'refuse', reasons };
}

const enabled = (regulation: Regulation, route: EvidenceRoute): boolean =>
  regulation.verification.routes.some((known) => known.route === route && known.enabled);

function bySignature(
  letter: ExaminedFacts,
  regulation: Regulation,
  unit: Unit,
  context: ApprovalContext,
): Approval | null {
  const pieces: Piece[] = [{ filename: null, evidence: letter.letter }, ...letter.documents];
  const signed = pieces.filter(({ evidence }) => evidence.verdict.verdict !== 'NONE');
  if (signed.length === 0) return null;
  return (
    refusedSignatures(signed) ??
    waitingSignatures(signed) ??
    doubtfulSignatures(signed, regulation, unit, context.findings) ??
    readableBySignature(letter, regulation, unit, context.findings)
  );
}

/** A broken signature is a clear answer, wherever in the letter it stands. */
function refusedSignatures(signed: readonly Piece[]): Approval | null {
  const reasons = signed.flatMap(({ filename, evidence: { verdict, explanation } }) =>
    verdict.verdict === 'TOTAL-FAILED'
      ? [
          reason(
            'signature_failed',
            `Chữ ký số trên ${named(filename)} không hợp lệ: ${explanation}`,
            filename,
            verdict.subIndication,
          ),
        ]
      : [],
  );
  return reasons.length === 0 ? null : { decision: 'refuse', reasons };
}

function waitingSignatures(signed: readonly Piece[]): Approval | null {
  const reasons = signed.flatMap(({ filename, evidence: { verdict, explanation } }) =>
    verdict.verdict === 'INDETERMINATE' && verdict.subIndication === 'TRY_LATER'
      ? [reason('try_later', `Chưa kiểm tra xong ${named(filename)}: ${explanation}`, filename, 'TRY_LATER')]
      : [],
  );
  return reasons.length === 0 ? null : { decision: 'retry', reasons };
}

function doubtfulSignatures(
  signed: readonly Piece[],
  regulation: Regulation,
  unit: Unit,
  findings: OfficerFindings | undefined,
): Approval | null {
  const confirmed = findings?.signatureConfirmed === true;
  // A file signed by somebody else (a superior's decision) is no doubt beside the unit's own signature.
  const own = signed.some(({ evidence }) => passed(evidence) && signedBy(evidence, unit));
  const reasons = confirmed ? [] : signed.flatMap((piece) => doubts(piece, unit, own));
  if (regulation.verification.signer.mustBeHead && findings?.headConfirmed !== true) {
    reasons.push(reason('head_unconfirmed', 'Cán bộ xác nhận người ký là thủ trưởng đơn vị'));
  }
  if (!enabled(regulation, 'digital_signature')) {
    reasons.push(reason('route_disabled', 'Quy định không nêu hình thức chữ ký số; cán bộ xem xét'));
  }
  return reasons.length === 0 ? null : { decision: 'officer', route: 'digital_signature', reasons };
}

function doubts({ filename, evidence }: Piece, unit: Unit, own: boolean): Reason[] {
  const { verdict, explanation } = evidence;
  if (verdict.verdict === 'INDETERMINATE') {
    const text = `Chưa kết luận được chữ ký số trên ${named(filename)}: ${explanation}`;
    return [reason('signature_unclear', text, filename, verdict.subIndication)];
  }
  if (own || signedBy(evidence, unit)) return [];
  const who = evidence.signatures.at(-1)?.signer?.commonName ?? 'không rõ';
  const text = `Chữ ký số trên ${named(filename)} hợp lệ nhưng chứng thư (${who}) chưa được gắn với ${unit.name}`;
  return [reason('signer_not_of_unit', text, filename)];
}

/**
 * Whose signature (evidence.md): the outermost one decides; its certificate names the unit's mailbox or is pinned
 * for the unit. Anything else is left to an officer, because agency certificates often carry no e-mail at all.
 */
export function signedBy(evidence: EvidenceFacts, unit: Unit): boolean {
  const signer = evidence.signatures.at(-1)?.signer ?? null;
  if (signer === null) return false;
  const own = [unit.mailbox, ...(unit.formerMailboxes ?? [])].map((address) => address?.toLowerCase());
  const byMail = signer.emails.some((email) => own.includes(email.toLowerCase()));
  return byMail || unit.certificates.includes(signer.sha256.toLowerCase());
}

/**
 * Besides the organisation's own, somebody else's signature of the same file passed: the person with authority (NĐ
 * 30/2020 Đ5.1). That this person is the head, only an officer can say.
 */
function signedByPerson(evidence: EvidenceFacts, unit: Unit): boolean {
  return (
    passed(evidence) &&
    signedBy(evidence, unit) &&
    evidence.signatures.some(
      (signature) =>
        (signature.verdict?.verdict ?? 'TOTAL-PASSED') === 'TOTAL-PASSED' &&
        signature.signer !== null &&
        !signedBy({ ...evidence, signatures: [signature] }, unit),
    )
  );
}

/** Types a clerk can edit: such a list counts only under a signature (HCM-8.3a, NĐ 30/2020 Phụ lục I). */
const EDITABLE =
  /spreadsheet|excel|wordprocessing|msword|opendocument|^text\/(?:csv|plain|html|tab-separated-values)|rtf/u;

const passed = (evidence: EvidenceFacts): boolean => evidence.verdict.verdict === 'TOTAL-PASSED';

/**
 * Everything that is signed is in order: which documents may the list come from? When nothing but an officer's
 * confirmation settled a signature, the same coverage holds.
 */
function readableBySignature(
  letter: ExaminedFacts,
  regulation: Regulation,
  unit: Unit,
  findings: OfficerFindings | undefined,
): Approval {
  const counts = (evidence: EvidenceFacts): boolean =>
    evidence.verdict.verdict !== 'NONE' &&
    (findings?.signatureConfirmed === true || (passed(evidence) && signedBy(evidence, unit)));
  const whole = counts(letter.letter);
  const covered = letter.documents.filter(
    ({ evidence, coveredByLetter, encrypted }) =>
      !encrypted && ((whole && coveredByLetter) || counts(evidence)),
  );
  const loose = letter.documents.filter(
    (document) => !covered.includes(document) && EDITABLE.test(document.mediaType),
  );
  if (loose.length > 0 && regulation.verification.editableListNeedsSignature) {
    return outcome(
      regulation,
      loose.map(({ filename }) =>
        reason(
          'list_not_signed',
          `Tệp “${filename}” chưa được ký số; danh sách để thành tệp riêng phải được ký số`,
          filename,
        ),
      ),
    );
  }
  const pieces: readonly Piece[] = [{ filename: null, evidence: letter.letter }, ...covered];
  const { requirePersonSignature } = regulation.verification.signer;
  const settled = findings?.headConfirmed === true || findings?.signatureConfirmed === true;
  if (requirePersonSignature && !settled && !pieces.some(({ evidence }) => signedByPerson(evidence, unit)))
    return outcome(regulation, [
      reason(
        'person_signature_missing',
        'Mới có chữ ký số của cơ quan, chưa có chữ ký số của người có thẩm quyền (khoản 1 Điều 5 Nghị định số 30/2020/NĐ-CP)',
      ),
    ]);
  const readable = regulation.verification.editableListNeedsSignature
    ? covered.map(({ index }) => index)
    : everything(letter);
  const signer = [letter.letter, ...covered.map(({ evidence }) => evidence)].find(counts);
  return {
    decision: 'approved',
    route: 'digital_signature',
    documents: readable,
    body: whole,
    signer: signer?.signatures.at(-1)?.signer?.commonName ?? null,
  };
}

/** Reports and, in HCM, reopening need nothing but the unit's own mailbox. */
function byMailboxAlone(
  letter: ExaminedFacts,
  regulation: Regulation,
  { kinds }: ApprovalContext,
): Approval | null {
  const { unitMailboxSuffices } = regulation.verification;
  if (kinds.length === 0 || !kinds.every((kind) => unitMailboxSuffices.includes(kind))) return null;
  const documents = everything(letter);
  return { decision: 'approved', route: 'unit_mailbox', documents, body: true, signer: null };
}

/** A picture may be a scan with signature and seal; a machine never says so, an officer does. */
function byScan(
  letter: ExaminedFacts,
  regulation: Regulation,
  { findings }: ApprovalContext,
): Approval | null {
  const scans = letter.documents.filter(({ mediaType, encrypted }) => !encrypted && isPagePicture(mediaType));
  if (scans.length === 0 || !enabled(regulation, 'scan_signed_sealed')) return null;
  // Off in every regulation that comes with us: a province may configure it, on its own judgement.
  const automatic =
    !regulation.verification.scanNeedsOfficer &&
    scans.every(({ scan }) => scan !== undefined && scanDoubts(scan).length === 0);
  if (findings?.scanConfirmed === true || automatic) {
    const documents = everything(letter);
    return { decision: 'approved', route: 'scan_signed_sealed', documents, body: true, signer: null };
  }
  const reasons = scans.map(({ filename }) =>
    reason(
      'scan',
      `Đối chiếu tệp “${filename}”: chữ ký của thủ trưởng, dấu của đơn vị và danh sách kèm theo`,
      filename,
    ),
  );
  return { decision: 'officer', route: 'scan_signed_sealed', reasons };
}

function unverified(letter: ExaminedFacts, regulation: Regulation): Approval {
  const files = letter.documents.filter(({ evidence }) => evidence.verdict.verdict === 'NONE');
  const reasons =
    files.length === 0
      ? [reason('unsigned', 'Thư chưa được ký số và không kèm văn bản có chữ ký, con dấu')]
      : files.map(({ filename }) => reason('unsigned', `Tệp “${filename}” chưa được ký số`, filename));
  return outcome(regulation, reasons);
}

function outcome(regulation: Regulation, reasons: readonly Reason[]): Approval {
  switch (regulation.verification.onUnverified) {
    case 'reject':
      return { decision: 'refuse', reasons };
    case 'await_paper':
      return { decision: 'await_paper', reasons };
    case 'staff_review':
      return { decision: 'officer', route: 'digital_signature', reasons };
  }
}
