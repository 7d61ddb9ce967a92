import { describe, expect, it } from 'vitest';
import { secrecyMark } from '../../src/rules/secrecy.ts';

describe('[HCM-8.1] [QB-13.2] [ST-6.1] secrecy screen', () => {
  it.each([
    ['MẬT', 'MẬT'],
    ['Kính gửi: Sở\n\n   TỐI MẬT\n\nNội dung', 'TỐI MẬT'],
    ['TUYỆT  MẬT', 'TUYỆT MẬT'],
    ['*** MẬT ***', 'MẬT'],
    ['[MẬT] V/v cấp mới hộp thư', 'MẬT'],
    ['V/v danh sách (TỐI MẬT) kèm theo', 'TỐI MẬT'],
    ['UBND TỈNH\tMẬT\tCỘNG HÒA', 'MẬT'],
    ['MẬT: danh sách cán bộ', 'MẬT'],
    ['Độ mật: Mật', 'MẬT'],
    ['Độ mật: TỐI MẬT, Độ khẩn: thường', 'TỐI MẬT'],
    ['độ mật:\n tuyệt mật', 'TUYỆT MẬT'],
    ['Độ mật: A', 'TUYỆT MẬT'],
    ['Số: 12/BC-STTTT-M', 'MẬT'],
    ['Số: 05/2026/KH-UBND (Mật)', 'MẬT'],
    ['MẬT'.normalize('NFD'), 'MẬT'],
    ['dòng một\r\nMẬT\r\ndòng ba', 'MẬT'],
  ])('sees the stamp in %j', (text, mark) => {
    expect(secrecyMark(text)).toBe(mark);
  });

  it.each([
    'V/v cấp lại mật khẩu hộp thư điện tử công vụ',
    'CẤP LẠI MẬT KHẨU',
    'MẬT KHẨU',
    'DANH SÁCH ĐỀ NGHỊ CẤP LẠI MẬT KHẨU',
    'Mật khẩu: đề nghị cấp lại',
    'MẬT KHẨU:',
    'MẬT - KHẨU',
    'BẢO MẬT',
    'Quy định về an toàn bảo mật',
    'BÍ MẬT NHÀ NƯỚC',
    'trừ các văn bản mật',
    'Độ mật: Không',
    'Độ mật: thường',
    'Độ mật:',
    'Độ mật: mật khẩu đã đổi',
    'Độ bảo mật: cao',
    'mật',
    'Mật',
    'Nguyễn Thị Mật',
    'STT | Họ và tên | MẬT KHẨU | Ghi chú',
    'Số: 12/SNV-VP',
    'Số: 15/2026/QĐ-MTTQ',
    'Số: 12/BC-MT',
    'Số điện thoại: 0905123456/M',
    '',
  ])('lets %j pass', (text) => {
    expect(secrecyMark(text)).toBeNull();
  });

  it('stays quick on long hostile lines', () => {
    const started = performance.now();
    secrecyMark(`${'MẬT '.repeat(20_000)}\n${'số: 1/'.repeat(10_000)}\n${'độ mật: '.repeat(5_000)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
