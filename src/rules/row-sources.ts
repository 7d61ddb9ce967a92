import type { RowContext } from './row-context.ts';
import type { ListEntry, MailboxList, Problem } from './mailbox-list.ts';
import { foldName, nameKey } from './names.ts';
import type { Mailbox } from './registry.ts';
import type { RequestKind } from './regulation.ts';
import { rowProblem } from './row-problems.ts';
import { mayTouch } from './row-unit.ts';

/** More addresses than this in running text belong into a list. */
const MOST_BODY_ROWS = 50;
/** A bounded pattern: local part and domain within RFC 5321 lengths, no backtracking over long runs. */
const ADDRESS = /(?<![\w.+-])[a-z0-9][a-z0-9._-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}/giu;
/** Kinds that may name their mailboxes in the text of the letter; a new mailbox always needs a list. */
const IN_TEXT: readonly RequestKind[] = ['CANCEL', 'PASSWORD_RESET', 'REOPEN', 'ABSENCE_REASON', 'HANDOVER'];

/** Rows read from the letter's own words where there is no list and the regulation does not want one. */
export function entriesFromBody(context: RowContext): ListEntry[] {
  const { regulation, kinds, person, unit } = context;
  const kind = kinds.find((asked) => IN_TEXT.includes(asked));
  if (kind === undefined) return [];
  if (person !== null) return [bodyEntry(person.address, kind, 1)];
  if (kind === 'HANDOVER' && unit.mailbox !== null) return [bodyEntry(unit.mailbox, kind, 1)];
  const { requiredFor } = regulation.list;
  if (requiredFor === '*' || requiredFor.includes(kind)) return [];
  const domains = regulation.identity.domains.map(({ name }) => name);
  const named = [...context.bodyText.matchAll(ADDRESS)]
    .map(([address]) => address.toLowerCase())
    .filter((address) => domains.some((name) => address.endsWith(`@${name}`)) && isMatter(address, context));
  return [...new Set(named)].slice(0, MOST_BODY_ROWS).map((address, i) => bodyEntry(address, kind, i + 1));
}

/** Signatures name the unit's own mailbox and salutations the intake; neither is what the letter is about. */
function isMatter(address: string, { unit, regulation }: RowContext): boolean {
  return address !== unit.mailbox && regulation.intake.every((intake) => intake.address?.value !== address);
}

const bodyEntry = (address: string, kind: RequestKind, line: number): ListEntry => ({
  source: 'nội dung thư',
  line,
  no: null,
  values: { currentAddress: address },
  kind,
  doubts: [],
});

type Found = { readonly mailbox: Mailbox; readonly doubt: string | null } | { readonly problem: Problem };

/** The existing mailbox a row means: by address, else by a full name that is unique among the unit's own. */
export function findMailbox(entry: ListEntry, fullName: string, context: RowContext): Found {
  const address = addressOf(entry, context);
  return address === null ? byName(fullName, context) : byAddress(address, fullName, context);
}

function addressOf(entry: ListEntry, { regulation }: RowContext): string | null {
  const text = (entry.values.currentAddress ?? '').trim().toLowerCase();
  if (text === '') return null;
  // Clerks write "annv.snv" as often as the whole address.
  return text.includes('@') ? text : `${text}@${regulation.identity.domains[0]!.name}`;
}

function byAddress(address: string, fullName: string, context: RowContext): Found {
  const mailbox = context.mailboxByAddress(address);
  // Somebody else's mailbox is answered like one that does not exist: the registry is no directory for guessing.
  const own = context.person === null ? mailbox !== null && mayTouch(mailbox.unit, context) : true;
  if (mailbox === null || !own || (context.person !== null && context.person.address !== mailbox.address)) {
    const text = `Không có hộp thư ${address} thuộc đơn vị quản lý`;
    return { problem: rowProblem('mailbox_unknown', 'currentAddress', text, 'Kiểm tra lại địa chỉ hộp thư') };
  }
  const differs = fullName !== '' && foldName(fullName) !== foldName(mailbox.fullName);
  const doubt = differs ? `Họ tên trong danh sách khác với chủ hộp thư (${mailbox.fullName})` : null;
  return { mailbox, doubt };
}

function byName(fullName: string, context: RowContext): Found {
  const own = context.units
    .filter(({ code }) => mayTouch(code, context))
    .flatMap(({ code }) => context.mailboxesOf(code))
    .filter(({ state }) => state !== 'cancelled');
  const exact = own.filter((mailbox) => nameKey(mailbox.fullName) === nameKey(fullName));
  const [only] = exact;
  if (only !== undefined && exact.length === 1) return { mailbox: only, doubt: null };
  const many = exact.length > 1;
  const text = many
    ? `Có ${exact.length} hộp thư mang tên ${fullName}`
    : `Không tìm thấy hộp thư của ${fullName === '' ? 'người có tên' : fullName} tại đơn vị`;
  const code = many ? 'mailbox_ambiguous' : 'mailbox_unknown';
  return { problem: rowProblem(code, 'currentAddress', text, 'Ghi rõ địa chỉ hộp thư hiện tại') };
}

/** How letters say why, what for, and what exactly (HCM-7.1b), folded. */
const PARTS: readonly (readonly [code: string, name: string, pattern: RegExp])[] = [
  [
    'missing_reason',
    'lý do',
    /\b(?:l[yi] do|do |vi |can cu|theo quyet dinh|tuyen (?:dung|moi)|nghi huu|nghi viec|(?:chuyen|thay doi) cong tac|thoi viec|thoi (?:khong )?lam viec|quen mat khau|bo nhiem|dieu dong|tiep nhan|thay doi nhan su)/u,
  ],
  [
    'missing_need',
    'nhu cầu',
    /\b(?:nhu cau|can (?:cap|co|su dung|thiet)|de phuc vu|phuc vu|de su dung|nham|muc dich)/u,
  ],
  [
    'missing_demand',
    'yêu cầu cụ thể',
    /\b(?:de nghi|yeu cau|kinh mong)\b.{0,200}\b(?:cap|huy|lay lai|mo lai|thay doi|xoa|cham dut|dieu chinh|chuyen|thu hoi|khoi phuc|ghi nhan|giao)/u,
  ],
];

/** HCM-7.1b: reason, need and specific demand must be stated, in the letter or row by row in the list. */
export function missingRequestParts(
  list: MailboxList,
  kinds: readonly RequestKind[],
  { bodyText, person }: RowContext,
): Problem[] {
  if (kinds.length === 0 || person !== null) return [];
  const text = foldName(bodyText);
  const reasons = list.entries.length > 0 && list.entries.every(({ values }) => (values.reason ?? '') !== '');
  return PARTS.filter(
    ([code, , pattern]) => !(code === 'missing_reason' && reasons) && !pattern.test(text),
  ).map(([code, name]) => rowProblem(code, null, `Thư chưa nêu ${name}`, `Bổ sung ${name} trong thư`));
}
