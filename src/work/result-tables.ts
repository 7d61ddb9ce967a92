import type { Table } from '../notices/render.ts';
import { articleOf, cite } from '../rules/articles.ts';
import type { Problem } from '../rules/mailbox-list.ts';
import { policyWords } from '../rules/passwords.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { DossierRow } from '../store/dossiers.ts';
import { checkedRow, type Done } from './carry-out.ts';

export const two = (n: number): string => String(n).padStart(2, '0');

const numberOf = (row: DossierRow): string => checkedRow(row).no ?? String(checkedRow(row).line);

/** What was done, and where each person sets a password; `places` by row, empty where nobody does so over a link. */
export function doneTable(done: readonly Done[], places: ReadonlyMap<string, string>): Table {
  const headings = ['STT', 'Họ và tên', 'Chức vụ', 'Hộp thư điện tử', 'Kết quả'];
  return {
    headings: places.size === 0 ? headings : [...headings, 'Đặt mật khẩu tại'],
    rows: done.map(({ row, address, text }) => {
      const { fullName, position, remark } = checkedRow(row);
      const result = remark === null ? text : `${text} (${remark})`;
      const cells = [numberOf(row), fullName, position ?? '', address, result];
      return places.size === 0 ? cells : [...cells, places.get(row.id) ?? ''];
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

/** " tại https://…", to stand behind a verb; empty where the regulation names no place. */
export const webmailPlace = ({ identity }: Regulation): string =>
  identity.webmailUrl === undefined ? '' : ` tại ${identity.webmailUrl}`;

/** How owners set their password, and what happens if they do not (HCM-9.3b, QB-4.3, QB-6.3). */
export function passwordText({ passwords, identity }: Regulation, activationDays: number): string {
  const { user, lockIfNotChanged, reopenNotBefore } = passwords;
  const reopen =
    reopenNotBefore === undefined
      ? ''
      : ` và chỉ được giải quyết mở lại sau ${two(reopenNotBefore.value.n)} ngày kể từ ngày bị khóa`;
  const lock = lockIfNotChanged === undefined ? '' : ` Nếu không đổi mật khẩu, hộp thư sẽ bị khóa${reopen}.`;
  const webmail = identity.webmailUrl === undefined ? '' : ` rồi đăng nhập tại ${identity.webmailUrl}`;
  return `Mỗi người tự đặt mật khẩu qua địa chỉ riêng ghi tại dòng của mình${webmail}; địa chỉ chỉ dùng được một lần và hết hạn sau ${two(activationDays)} ngày. Mật khẩu phải có ${policyWords(user)}. Đề nghị chuyển đúng địa chỉ cho đúng người.${lock}`;
}

/**
 * Where somebody else carries out, or people make the mailboxes by hand, the first password is handed over in person;
 * it must not be kept (BH-7a, ST-8.1a).
 * @param setsPasswords whether our target takes passwords at all (provisioners/port.ts)
 */
export function firstLoginText(regulation: Regulation, setsPasswords: boolean): string {
  const { passwords, identity } = regulation;
  const byLink = identity.mode === 'execute' && setsPasswords;
  if (byLink || !passwords.mustChangeAtFirstLogin) return '';
  return `Mật khẩu ban đầu được bàn giao riêng cho từng người, không gửi kèm thư này. Người sử dụng phải đổi mật khẩu ngay sau lần đăng nhập đầu tiên${webmailPlace(regulation)}; mật khẩu mới phải có ${policyWords(passwords.user)}.`;
}

/** What the owners of new mailboxes have to know (HCM-12, QB-15, BH-8, TH-6, ST-8, ST-9). */
export function dutyHoles(regulation: Regulation): { duties_intro: string; duties: readonly string[] } {
  const { userDuties } = regulation;
  const article = articleOf(userDuties?.source ?? '');
  if (userDuties === undefined || article === null) return { duties_intro: '', duties: [] };
  const intro = `Đề nghị phổ biến đến người sử dụng các quy định tại ${cite(regulation, article)}:`;
  return { duties_intro: intro, duties: userDuties.value };
}

/** Where a fault is reported (ST-11.4): the incident mailbox and the telephone, as far as the regulation names them. */
export function supportText({ identity, intake }: Regulation): string {
  const mailbox = intake.find(({ kind, address }) => kind === 'incident' && address !== undefined)?.address
    ?.value;
  const ways = [
    mailbox === undefined ? '' : `hộp thư ${mailbox}`,
    identity.hotline === undefined ? '' : `điện thoại ${identity.hotline}`,
  ].filter((way) => way !== '');
  return ways.length === 0 ? '' : `Khi xảy ra sự cố, đề nghị báo ngay qua ${ways.join(' hoặc ')}.`;
}

/** ST-2.3: the address is the single-sign-on account too; empty where nothing of it changes. */
export function ssoText({ identity }: Regulation, rows: readonly DossierRow[]): string {
  const touches = rows.some((row) => {
    const { kind, newAddress } = checkedRow(row);
    return kind === 'CANCEL' || newAddress !== null;
  });
  return touches && identity.ssoUrl !== undefined
    ? `Lưu ý: địa chỉ thư đồng thời là tài khoản đăng nhập một lần tại ${identity.ssoUrl}; việc đổi hoặc chấm dứt hộp thư ảnh hưởng đến tài khoản này.`
    : '';
}
