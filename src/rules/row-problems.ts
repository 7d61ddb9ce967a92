import { articleOf, cite } from './articles.ts';
import type { Doubt, ListEntry, Problem } from './mailbox-list.ts';
import { foldName } from './names.ts';
import type { ColumnKey, DecisionPart, Regulation, RequestKind } from './regulation.ts';
import type { RowContext } from './row-context.ts';

export const rowProblem = (code: string, column: ColumnKey | null, text: string, fix: string): Problem => ({
  code,
  column,
  text,
  fix,
});

/** Columns as a clerk calls them inside a sentence. */
const COLUMN_NAMES: Readonly<Record<ColumnKey, string>> = {
  no: 'số thứ tự',
  fullName: 'họ và tên',
  birthDate: 'ngày sinh',
  position: 'chức vụ',
  unit: 'đơn vị công tác',
  department: 'phòng, ban',
  phone: 'số điện thoại',
  idNumber: 'số căn cước công dân',
  proposedAddress: 'hộp thư đề nghị',
  currentAddress: 'địa chỉ hộp thư hiện tại',
  action: 'nội dung đề nghị',
  reason: 'lý do',
  decision: 'số, ngày quyết định',
  note: 'ghi chú',
};

/** "12/QĐ-UBND", "QĐ số 45 ngày 01/02/2026": a decision needs at least its number. */
const DECISION = /\d/u;

/** "45/QĐ-SYT ngày 01/02/2026", "Quyết định số 45 ngày 01 tháng 02 năm 2026 của Giám đốc Sở Y tế" (TH-5.1a). */
const PARTS: Readonly<Record<DecisionPart, { readonly name: string; readonly pattern: RegExp }>> = {
  number: { name: 'số', pattern: DECISION },
  date: {
    name: 'ngày',
    pattern:
      /\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}\b|\b\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+(?:19|20)\d{2}/iu,
  },
  issuer: { name: 'cơ quan ban hành', pattern: /QĐ\s*-\s*\p{Lu}{2,}|\s(?:của|do)\s+\p{L}/u },
};

/** Columns the regulation needs for a kind and the row leaves empty; a decision where TH-5.1a wants one. */
export function missingColumns(
  entry: ListEntry,
  kind: RequestKind | null,
  regulation: Regulation,
): Problem[] {
  if (kind === null) return [];
  const { requiredColumns, decisionRequired, decisionParts, source } = regulation.list;
  const missing = (requiredColumns[kind] ?? [])
    .filter((column) => (entry.values[column] ?? '') === '' && !namedOtherwise(entry, kind, column))
    .map((column) => {
      const name = COLUMN_NAMES[column];
      return rowProblem(`missing_${column}`, column, `Thiếu ${name}`, `Bổ sung ${name}`);
    });
  if (!decisionRequired.includes(kind)) return missing;
  const decision = entry.values.decision ?? '';
  const lacking = (decisionParts ?? (['number'] as const)).filter(
    (part) => !PARTS[part].pattern.test(decision),
  );
  if (lacking.length === 0) return missing;
  const article = articleOf(source);
  const ground = article === null ? '' : ` (${cite(regulation, article)})`;
  const names = lacking.map((part) => PARTS[part].name).join(', ');
  const text = `Thiếu ${names} quyết định của cấp có thẩm quyền${ground}`;
  return [...missing, rowProblem('missing_decision', 'decision', text, `Bổ sung ${names} quyết định`)];
}

/** "Quyết định số 12/QĐ-SNV ngày …" in the letter, folded. */
const CITED = /\bquyet dinh so \d/u;

/** An authority acts by its decision (HCM-7.2c, TH-5.1): each row, or the letter, has to name it. */
export function undecided(entry: ListEntry, { authority, bodyText }: RowContext): Problem[] {
  if (authority !== true || DECISION.test(entry.values.decision ?? '') || CITED.test(foldName(bodyText)))
    return [];
  const fix = 'Bổ sung số, ngày, cơ quan ban hành quyết định';
  return [rowProblem('missing_decision', 'decision', 'Chưa nêu quyết định của cấp có thẩm quyền', fix)];
}

/** An existing mailbox is named by its address as well as by its owner's name, a unit in its own column. */
function namedOtherwise(entry: ListEntry, kind: RequestKind, column: ColumnKey): boolean {
  if (kind === 'CREATE_UNIT') return column === 'fullName' && (entry.values.unit ?? '') !== '';
  const address = entry.values.currentAddress ?? entry.values.proposedAddress ?? '';
  return column === 'fullName' && kind !== 'CREATE_PERSON' && address !== '';
}

export const LEGACY_ENCODING = 'legacy_encoding';
/** Doubts that are only told, because the reading is safe: a zero put back, a hidden row shown. */
const HARMLESS: ReadonlySet<string> = new Set(['phone_zero_restored', 'hidden_row', 'hidden_column']);

const convertsSilently = (regulation: Regulation): boolean =>
  regulation.verification.encoding.rule === 'normalise_silently';

/** The row in Unicode where the regulation does not insist on it being typed again (TCVN 6909:2001). */
export function inUnicode(entry: ListEntry, regulation: Regulation): ListEntry {
  if (!convertsSilently(regulation)) return entry;
  const values = { ...entry.values };
  for (const { code, column, proposal } of entry.doubts)
    if (code === LEGACY_ENCODING && column !== null && proposal !== undefined) values[column] = proposal;
  return { ...entry, values };
}

const isTold = ({ code, proposal }: Doubt, regulation: Regulation): boolean =>
  HARMLESS.has(code) || (code === LEGACY_ENCODING && convertsSilently(regulation) && proposal !== undefined);

/**
 * Doubts that send a row back: legacy encodings where TCVN 6909:2001 is compulsory (HCM-8.5, BH-4.5, ST-5.2), and all
 * others that are not harmless: an address made from a guess cannot be taken back.
 */
export const doubtProblems = (entry: ListEntry, regulation: Regulation): Problem[] =>
  entry.doubts
    .filter((doubt) => !isTold(doubt, regulation))
    .map(({ code, column, text, fix, proposal }) => {
      const reading = proposal === undefined ? '' : `; hệ thống đọc là “${proposal}”, đề nghị xác nhận`;
      return rowProblem(code, column, text, fix.includes('hệ thống đọc') ? fix : `${fix}${reading}`);
    });

/** What was read otherwise than it was written and did not stop the row; told beside its result. */
export function remarkOf(entry: ListEntry, regulation: Regulation): string | null {
  const told = entry.doubts.filter((doubt) => isTold(doubt, regulation));
  const texts = told.map(({ text, proposal }) =>
    proposal === undefined ? text : `${text}, đọc là “${proposal}”`,
  );
  return texts.length === 0 ? null : texts.join('; ');
}
