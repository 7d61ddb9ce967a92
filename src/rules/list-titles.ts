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

/** What a table we write asks for, in words that are read back as that kind; null where rows have no such kind. */
const KIND_TITLES: Readonly<Partial<Record<RequestKind, string>>> = {
  CREATE_PERSON: 'Danh sách đề nghị cấp mới hộp thư',
  CREATE_UNIT: 'Danh sách đề nghị cấp mới hộp thư đơn vị',
  CHANGE: 'Danh sách đề nghị thay đổi thông tin hộp thư',
  TRANSFER: 'Danh sách đề nghị chuyển công tác',
  CANCEL: 'Danh sách đề nghị hủy hộp thư',
  PASSWORD_RESET: 'Danh sách đề nghị cấp lại mật khẩu',
  REOPEN: 'Danh sách đề nghị mở lại hộp thư',
  ABSENCE_REASON: 'Danh sách thông báo lý do không sử dụng hộp thư',
  HANDOVER: 'Danh sách bàn giao hộp thư đơn vị',
  DELEGATION: 'Danh sách giao người quản lý hộp thư đơn vị',
};

export const titleOfKind = (kind: RequestKind | null): string | null =>
  kind === null ? null : (KIND_TITLES[kind] ?? null);

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
