import type { Evidence, SignerFact } from '../../evidence/port.ts';
import { foldKey } from '../../rules/text/normalise.ts';
import type { Unit } from '../../rules/registry.ts';
import type { Tx } from '../../store/database.ts';
import { dossierByNumber, lockDossier } from '../../store/dossiers.ts';
import { documentById, type StoredDocument } from '../../store/documents.ts';
import { allUnits } from '../../store/registry.ts';
import { workOrderByNumber } from '../../store/work-orders.ts';
import { sendConsolidated } from '../consolidated-list.ts';
import { releaseReply } from '../release-reply.ts';
import type { SignedFileProof } from '../reply-document.ts';
import type { ActDeps } from '../step.ts';
import type { Officer, Upload } from './action.ts';

/** What came of attaching a signed document. */
export type Signed =
  | { readonly result: 'done'; readonly document: StoredDocument }
  | { readonly result: 'problems'; readonly problems: readonly string[] }
  /** Somebody was faster. */
  | { readonly result: 'conflict'; readonly document: StoredDocument }
  | { readonly result: 'unknown' };

/**
 * An officer attaches the signed reply (QB-4.2) or covering letter (BH-6.1b). Its signatures are examined before the
 * transaction; only a PDF whose every signature stands, one of them the operator's, is sent. The transaction takes the
 * document's one change from draft to signed with it, so of two officers the second changes nothing.
 */
export async function signDocument(
  id: string,
  file: Upload | null,
  officer: Officer,
  deps: ActDeps,
): Promise<Signed> {
  const seen = await deps.db.transaction((tx) => documentById(tx.orm, id));
  if (seen === null) return { result: 'unknown' };
  if (seen.state === 'signed') return { result: 'conflict', document: seen };
  if (file === null) return problem('Chọn tệp PDF đã ký số.');
  const evidence = await deps.documents.verify(file.name, file.bytes).catch(() => null);
  if (evidence === null)
    return problem('Không đọc được tệp này; đề nghị kết xuất lại văn bản ra PDF, ký số và đính kèm lại.');
  return deps.db.transaction(async (tx) => {
    if (seen.dossier !== null) await lockDossier(tx, seen.dossier);
    const document = (await documentById(tx.orm, id))!;
    if (document.state === 'signed') return { result: 'conflict', document };
    const operator = operatorsKnown(await allUnits(tx.orm), await operatorName(tx, document, deps), deps);
    const proof = proofOf(evidence, operator);
    if (!proof.passed) return problem(`Chưa nhận tệp này: ${proof.explanation}`);
    const act = document.purpose === 'reply' ? releaseReply : sendConsolidated;
    const why = await act(tx, id, file.bytes, proof, officer.name, deps);
    return why === null ? { result: 'done', document } : problem(why);
  });
}

const problem = (text: string): Signed => ({ result: 'problems', problems: [text] });

async function operatorName(
  { orm }: Tx,
  { dossier, order }: StoredDocument,
  { regulations }: ActDeps,
): Promise<string> {
  const regulation =
    dossier === null
      ? (await workOrderByNumber(orm, order ?? ''))?.regulation
      : (await dossierByNumber(orm, dossier))?.regulation;
  return regulations.find(({ id }) => id === regulation)?.identity.operatorName ?? '';
}

interface Operator {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly certificates: readonly string[];
}

/** The operator's addresses and certificates: configured ones and those of its own units in the registry. */
function operatorsKnown(units: readonly Unit[], name: string, { documents }: ActDeps): Operator {
  const { addresses, certificates } = documents.operator;
  const own = units.filter(
    (unit) =>
      unit.active &&
      ((unit.mailbox !== null && addresses.includes(unit.mailbox)) || foldKey(unit.name) === foldKey(name)),
  );
  return {
    name,
    addresses: [...addresses, ...own.flatMap(({ mailbox }) => (mailbox === null ? [] : [mailbox]))],
    certificates: [...certificates, ...own.flatMap((unit) => unit.certificates)],
  };
}

/** Judges a file by its signatures; the explanation is what the officer reads and tells what to do. */
export function proofOf(evidence: Evidence, operator: Operator): SignedFileProof {
  const signer = evidence.signatures.at(-1)?.signer?.sha256 ?? null;
  const not = (explanation: string): SignedFileProof => ({ passed: false, signer, explanation });
  if (evidence.verdict.verdict === 'NONE')
    return not('tệp chưa có chữ ký số. Đề nghị ký số bản PDF rồi đính kèm lại.');
  if (evidence.format !== 'pdf') return not('văn bản gửi đơn vị phải là tệp PDF có chữ ký số bên trong.');
  // The outermost signature makes the file's verdict; a broken one below it would show in every reader's window.
  const doubtful = evidence.signatures.find((one) => one.verdict.verdict !== 'TOTAL-PASSED');
  if (evidence.verdict.verdict !== 'TOTAL-PASSED' || doubtful !== undefined)
    return not(
      `${(doubtful ?? evidence).explanation}. Đề nghị ký lại trên bản PDF mới, không sửa tệp sau khi ký.`,
    );
  const signers = evidence.signatures.flatMap((one) => (one.signer === null ? [] : [one.signer]));
  const own = signers.find((one) => isOperators(one, operator));
  if (own !== undefined) return { passed: true, signer: own.sha256, explanation: evidence.explanation };
  const names = signers.map(({ commonName }) => commonName ?? 'không rõ').join(', ');
  return not(
    `chữ ký hợp lệ nhưng chứng thư (${names}) không phải của ${operator.name}. Đề nghị ký bằng chứng thư của cơ quan; ` +
      'nếu đây là chứng thư mới của cơ quan thì ghi vào sổ đăng ký đơn vị trước.',
  );
}

const isOperators = ({ emails, sha256 }: SignerFact, { addresses, certificates }: Operator): boolean =>
  certificates.includes(sha256.toLowerCase()) ||
  emails.some((email) => addresses.includes(email.toLowerCase()));
