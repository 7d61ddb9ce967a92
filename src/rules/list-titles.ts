import type { ColumnKey, Regulation, RequestKind } from './regulation.ts';

/** One heading per column for the lists we write ourselves, each read back by list-headings. */
export const COLUMN_TITLES: Readonly<Record<ColumnKey, string>> = {
  no: 'STT',
  fullName: 'Họ và tên',
  birthDate: 'Ngày sinh',
  position: 'Chức vụ',
  unit: 'Đơn vị công tác',
  department: 'Phòng/ban',
  phone: 'Số điện thoại',
  idNumber: 'Số CCCD',
  proposedAddress: 'Hộp thư đề nghị',
  currentAddress: 'Địa chỉ hộp thư hiện tại',
  action: 'Nội dung đề nghị',
  reason: 'Lý do',
  decision: 'Số, ngày quyết định',
  note: 'Ghi chú',
};

/** Kinds of the template list, each with its word for the action column. */
const TEMPLATE_ACTIONS: readonly (readonly [RequestKind, string])[] = [
  ['CREATE_PERSON', 'Cấp mới'],
  ['CHANGE', 'Thay đổi thông tin'],
  ['TRANSFER', 'Chuyển công tác'],
  ['CANCEL', 'Chấm dứt'],
  ['PASSWORD_RESET', 'Cấp lại mật khẩu'],
  ['REOPEN', 'Mở lại'],
];

/** The columns of a regulation's template list: what it requires, and what any request can need. */
export function templateColumns({ list, addressing }: Regulation): ColumnKey[] {
  const wanted = new Set<ColumnKey>([
    'no',
    'fullName',
    'position',
    'department',
    'phone',
    'currentAddress',
    'action',
    'reason',
    'note',
  ]);
  for (const columns of Object.values(list.requiredColumns)) for (const column of columns) wanted.add(column);
  if (list.decisionRequired.length > 0) wanted.add('decision');
  // Where the regulation cannot make a name itself, the list has to bring it.
  const byRule = addressing.person.some(({ template }) => !template.includes('{user}'));
  if (!byRule) wanted.add('proposedAddress');
  const templates = addressing.person.map(({ template }) => template).join(' ');
  if (/idLast/u.test(templates)) wanted.add('idNumber');
  if (/birthYear/u.test(templates) || addressing.collision.suffix === 'birth_year') wanted.add('birthDate');
  return (Object.keys(COLUMN_TITLES) as ColumnKey[]).filter((key) => wanted.has(key));
}

export const templateActions = (): string => TEMPLATE_ACTIONS.map(([, words]) => words).join(' / ');
