import type { Table } from '../notices/render.ts';
import type { Problem } from '../rules/mailbox-list.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { DossierRow } from '../store/dossiers.ts';
import { checkedRow, type Done } from './carry-out.ts';

export const two = (n: number): string => String(n).padStart(2, '0');

const numberOf = (row: DossierRow): string => checkedRow(row).no ?? String(checkedRow(row).line);

/** What was done, and where each person sets a password; `places` by row. */
export function doneTable(done: readonly Done[], places: ReadonlyMap<string, string>): Table {
  return {
    headings: ['STT', 'Họ và tên', 'Chức vụ', 'Hộp thư điện tử', 'Kết quả', 'Đặt mật khẩu tại'],
    rows: done.map(({ row, address, text }) => {
      const { fullName, position, remark } = checkedRow(row);
      const at = places.get(row.id) ?? '';
      const result = remark === null ? text : `${text} (${remark})`;
      return [numberOf(row), fullName, position ?? '', address, result, at];
    }),
  };
}

export function faultyTable(rows: readonly DossierRow[]): Table {
  return {
    headings: ['STT trong danh sách', 'Họ và tên', 'Nội dung chưa đúng', 'Đề nghị'],
    rows: rows.map((row) => {
      const { fullName, problems } = checkedRow(row);
      const texts = problems.map(({ text }) => text).join('; ');
      return [numberOf(row), fullName, texts, problems.map(({ fix }) => fix).join('; ')];
    }),
  };
}

export const problemLines = (problems: readonly Problem[]): string[] =>
  problems.map(({ text, fix }) => `${text}. ${fix}.`);

/** How owners set their password, and what happens if they do not (HCM-9.3b). */
export function passwordText({ passwords }: Regulation, activationDays: number): string {
  const { user, lockIfNotChanged, reopenNotBefore } = passwords;
  const reopen =
    reopenNotBefore === undefined
      ? ''
      : ` và chỉ được giải quyết mở lại sau ${two(reopenNotBefore.value.n)} ngày kể từ ngày bị khóa`;
  const lock = lockIfNotChanged === undefined ? '' : ` Nếu không đổi mật khẩu, hộp thư sẽ bị khóa${reopen}.`;
  return `Mỗi người tự đặt mật khẩu qua địa chỉ riêng ghi tại dòng của mình; địa chỉ chỉ dùng được một lần và hết hạn sau ${two(activationDays)} ngày. Mật khẩu phải có ít nhất ${two(user.min)} ký tự theo quy định. Đề nghị chuyển đúng địa chỉ cho đúng người.${lock}`;
}
