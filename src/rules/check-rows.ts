import { cite } from './articles.ts';
import { localTime } from './calendar.ts';
import type { ListEntry, MailboxList, Problem } from './mailbox-list.ts';
import { foldName, leadershipRank } from './names.ts';
import type { MailboxKind } from './registry.ts';
import type { ColumnKey, RequestKind } from './regulation.ts';
import type { Outcome, RowBase, RowContext } from './row-context.ts';
import { NOTHING } from './row-context.ts';
import { newPerson, newUnit } from './row-create.ts';
import { delegate, tooManyDelegates } from './row-delegate.ts';
import { onExisting } from './row-existing.ts';
import { doubtProblems, inUnicode, missingColumns, remarkOf, rowProblem, undecided } from './row-problems.ts';
import { entriesFromBody, missingRequestParts } from './row-sources.ts';
import { unitOfRow } from './row-unit.ts';

/** One row as it can be ordered, or what keeps it from being ordered. */
export interface CheckedRow {
  readonly line: number;
  readonly no: string | null;
  readonly source: string;
  readonly kind: RequestKind | null;
  readonly mailboxKind: MailboxKind;
  readonly fullName: string;
  readonly position: string | null;
  readonly phone: string | null;
  readonly birthDate: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
  /** Existing or proposed address, whole. */
  readonly address: string | null;
  /** CHANGE and TRANSFER: the address afterwards, when it changes. */
  readonly newAddress: string | null;
  /** Code of the unit that will manage the mailbox. */
  readonly unit: string | null;
  readonly leader: boolean;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** Vietnamese: what an officer has to settle first; null when the machine may go on. */
  readonly needsOfficer: string | null;
  /** ISO date before which the row must not be carried out (HCM-9.3b); null when at once. */
  readonly notBefore: string | null;
  /** ISO date of receipt whose end has to pass before a base address is given out (ST-3.4b). */
  readonly allocateAfter: string | null;
  /** The address the list itself asks for. */
  readonly wanted: string | null;
  readonly idNumber: string | null;
  /** Vietnamese: what was read otherwise than it was written, told beside the result. */
  readonly remark: string | null;
  /** What the unit wrote besides: its note, columns nobody knows, a second telephone. For officers; absent: nothing. */
  readonly aside?: readonly string[];
}

export interface CheckedRows {
  readonly rows: readonly CheckedRow[];
  /** Faults of the request as a whole. */
  readonly problems: readonly Problem[];
}

const CREATES: readonly RequestKind[] = ['CREATE_PERSON', 'CREATE_UNIT'];
/** Kinds whose rows name a mailbox that is there already. */
const ON_EXISTING: readonly RequestKind[] = [
  'CHANGE',
  'TRANSFER',
  'CANCEL',
  'PASSWORD_RESET',
  'REOPEN',
  'ABSENCE_REASON',
  'HANDOVER',
];
/** Kinds about a unit's own mailbox. */
const OF_UNITS: readonly RequestKind[] = ['CREATE_UNIT', 'HANDOVER', 'DELEGATION'];
/** Kinds that come row by row at all; reports do not. */
const ROW_KINDS: readonly RequestKind[] = [...CREATES, ...ON_EXISTING, 'DELEGATION'];

/** Checks every row of a request on its own, so that good rows can go on while bad ones go back. */
export function checkRows(list: MailboxList, context: RowContext): CheckedRows {
  const listed = list.entries.length > 0 ? list.entries : entriesFromBody(context);
  const entries = listed.map((entry) => inUnicode(entry, context.regulation));
  const rowKinds = context.kinds.filter((kind) => ROW_KINDS.includes(kind));
  const taken = new Set<string>();
  const check = (entry: ListEntry): CheckedRow => checkRow(entry, rowKinds, context, taken);
  // Leaders choose first (QB-5.2b, ST-3.4b), then the order of the list; the answer keeps the list's order.
  const byRank = entries.toSorted((a, b) => priority(a, context) - priority(b, context));
  const checked = new Map(byRank.map((entry) => [entry, check(entry)]));
  return {
    rows: tooManyDelegates(flagDuplicates(entries.map((entry) => checked.get(entry)!)), context.regulation),
    problems: [...list.problems, ...requestProblems(list, rowKinds, context, entries.length)],
  };
}

const NO_RANK = 99;

function priority(entry: ListEntry, { regulation }: RowContext): number {
  if (regulation.addressing.collision.leaderPriority === 'none') return 0;
  return leadershipRank(entry.values.position ?? null) ?? NO_RANK;
}

function requestProblems(
  list: MailboxList,
  kinds: readonly RequestKind[],
  context: RowContext,
  found: number,
): Problem[] {
  const { regulation } = context;
  const { requiredFor, requireReasonNeedDemand } = regulation.list;
  const needsList = kinds.some((kind) => requiredFor === '*' || requiredFor.includes(kind));
  // A person's own request is about the own mailbox and needs no list.
  const missingList =
    list.entries.length === 0 && needsList && context.person === null && context.completesDossier !== true;
  const problems: Problem[] = [];
  if (missingList) {
    const ground = cite(regulation, regulation.articles.request);
    problems.push(
      rowProblem(
        'list_missing',
        null,
        `Thiếu danh sách các hộp thư kèm theo (${ground})`,
        'Gửi kèm danh sách',
      ),
    );
  } else if (found === 0 && kinds.length > 0 && context.completesDossier !== true) {
    problems.push(
      rowProblem('no_rows', null, 'Không xác định được hộp thư cần thực hiện', 'Gửi kèm danh sách'),
    );
  }
  return requireReasonNeedDemand ? [...problems, ...missingRequestParts(list, kinds, context)] : problems;
}

function checkRow(
  entry: ListEntry,
  kinds: readonly RequestKind[],
  context: RowContext,
  given: Set<string>,
): CheckedRow {
  const kind = entry.kind ?? (kinds.length === 1 ? kinds[0]! : null);
  const { unit, problems: unitProblems, doubt } = unitOfRow(entry, kind, context);
  const base: RowBase = { entry, kind, unit, fullName: nameIn(entry, kind), context, given };
  const forbidden = kind === null ? null : (context.mayAsk?.(kind) ?? null);
  const common = [
    ...(forbidden === null ? [] : [forbidden]),
    ...undecided(entry, context),
    ...unitProblems,
    ...doubtProblems(entry, context.regulation),
    ...missingColumns(entry, kind, context.regulation),
    ...(kind === null
      ? [
          rowProblem(
            'kind_unknown',
            'action',
            'Không rõ nội dung đề nghị',
            'Ghi rõ cấp mới, thay đổi, hủy hoặc cấp lại mật khẩu',
          ),
        ]
      : []),
  ];
  // No address is set aside for a row that goes back to the unit.
  const outcome = common.length > 0 || kind === null ? NOTHING : decide(base, kind);
  return assemble(base, [...common, ...outcome.problems], { ...outcome, doubt });
}

/** Lists of units often have a column for the unit and none for a name. */
const nameIn = ({ values }: ListEntry, kind: RequestKind | null): string =>
  values.fullName ?? (kind === 'CREATE_UNIT' ? values.unit : undefined) ?? '';

function decide(base: RowBase, kind: RequestKind): Outcome {
  if (kind === 'CREATE_PERSON') return newPerson(base);
  if (kind === 'CREATE_UNIT') return newUnit(base);
  if (kind === 'DELEGATION') return delegate(base);
  return onExisting(base, kind);
}

function assemble(
  { entry, kind, unit, fullName, context }: RowBase,
  problems: readonly Problem[],
  outcome: Outcome & { readonly doubt: string | null },
): CheckedRow {
  const value = (column: ColumnKey): string | null => entry.values[column] ?? null;
  const byDay = context.regulation.addressing.collision.allocateAt === 'end_of_receipt_day';
  const ok = problems.length === 0;
  const note = value('note');
  const aside = [...(note === null ? [] : [`Ghi chú: ${note}`]), ...(entry.aside ?? [])];
  return {
    line: entry.line,
    no: entry.no,
    source: entry.source,
    kind,
    mailboxKind: outcome.mailbox?.kind ?? (kind !== null && OF_UNITS.includes(kind) ? 'unit' : 'person'),
    fullName: fullName === '' ? (outcome.mailbox?.fullName ?? '') : fullName,
    position: value('position') ?? outcome.mailbox?.position ?? null,
    phone: value('phone'),
    birthDate: value('birthDate'),
    decision: value('decision'),
    reason: value('reason'),
    address: outcome.address,
    newAddress: outcome.newAddress,
    unit: outcome.unit ?? outcome.mailbox?.unit ?? unit?.code ?? null,
    leader: leadershipRank(value('position')) !== null,
    ok,
    problems,
    needsOfficer: ok ? (outcome.doubt ?? outcome.needsOfficer) : null,
    notBefore: outcome.notBefore,
    allocateAfter:
      ok && byDay && kind === 'CREATE_PERSON' ? localTime(context.receivedAt ?? context.now).date : null,
    wanted: value('proposedAddress'),
    idNumber: value('idNumber'),
    remark: remarkOf(entry, context.regulation),
    ...(aside.length === 0 ? {} : { aside }),
  };
}

/** The same mailbox asked for twice in the same way is one order; the later line goes back. */
function flagDuplicates(rows: readonly CheckedRow[]): CheckedRow[] {
  const seen = new Map<string, CheckedRow>();
  return rows.map((row) => {
    if (row.address === null || !row.ok) return row;
    // One mailbox may have several delegates (HCM-13.1).
    const person = row.kind === 'DELEGATION' ? foldName(row.fullName) : '';
    const key = `${row.kind ?? ''} ${row.address} ${person}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, row);
      return row;
    }
    const text = `Trùng với dòng ${first.no ?? first.line}`;
    const problem = rowProblem('duplicate_row', null, text, 'Bỏ dòng trùng');
    return { ...row, ok: false, problems: [...row.problems, problem], needsOfficer: null };
  });
}
