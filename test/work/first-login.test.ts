import { describe, expect, test } from 'vitest';
import { dutyHoles, firstLoginText, passwordText } from '../../src/work/result-tables.ts';
import { BH, HCM, QB, ST, TH } from '../rules/harness.ts';

describe('what owners are told with a new password', () => {
  test.each([
    ['QB-4.3', QB, ['https://mail.quangbinh.gov.vn', 'ít nhất 07 ký tự', 'ít nhất 03 trong 04 loại ký tự']],
    ['QB-6.3', QB, ['Mỗi người tự đặt mật khẩu', 'chỉ dùng được một lần']],
    [
      'HCM-9.3a',
      HCM,
      [
        'ít nhất 08 ký tự, gồm chữ in hoa, chữ thường và ký tự đặc biệt.',
        'sẽ bị khóa và chỉ được giải quyết mở lại sau 05 ngày',
      ],
    ],
  ] as const)('[%s] by a link of ours', (_rule, regulation, words) => {
    const text = passwordText(regulation, 5);
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
    expect(firstLoginText(regulation, true)).toBe('');
  });

  test('where people make the mailboxes by hand, nothing is said of a link', () => {
    const text = firstLoginText(HCM, false);
    expect(text).toContain('bàn giao riêng cho từng người');
    expect(text).not.toContain('địa chỉ riêng');
  });

  test.each([
    ['ST-8.1a', ST, ['đổi mật khẩu ngay sau lần đăng nhập đầu tiên', 'không chứa thông tin cá nhân']],
    ['ST-2.2', ST, ['https://mail.soctrang.gov.vn']],
    ['BH-7a', BH, ['không gửi kèm thư này', 'đổi mật khẩu ngay sau lần đăng nhập đầu tiên']],
  ] as const)('[%s] where the executor hands the password out', (_rule, regulation, words) => {
    expect(words.filter((word) => !firstLoginText(regulation, true).includes(word))).toEqual([]);
  });

  test.each([
    ['HCM-12.1–12.9', HCM, 'Điều 12', 'thư đã quá hạn 06 tháng'],
    ['QB-15.1', QB, 'Điều 15', 'Thường xuyên kiểm tra'],
    ['BH-8.4–8.6', BH, 'Điều 8', 'Không phát tán thư rác'],
    ['TH-6.1–6.3', TH, 'Điều 6', 'Quản lý và lưu trữ'],
    ['ST-8.2a,b,d', ST, 'Điều 8', 'Không sử dụng một mật khẩu cho nhiều tài khoản'],
  ] as const)('[%s] the duties of users, with their article', (_rule, regulation, article, words) => {
    const { duties, duties_intro: intro } = dutyHoles(regulation);
    expect(intro).toContain(`${article} ${regulation.legal.instrument}`);
    expect(duties.join(' ')).toContain(words);
  });
});
