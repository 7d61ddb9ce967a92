import { describe, expect, it } from 'vitest';
import { columnOf, headingOf } from '../../src/rules/list-headings.ts';
import { understandLists } from '../../src/rules/list-layout.ts';
import { titleOfKind } from '../../src/rules/list-titles.ts';
import { REQUEST_KINDS, type ColumnKey } from '../../src/rules/regulation.ts';
import { gridOf } from './list-cases.ts';

/** domain.md §4.2, every variant. */
const VARIANTS: Readonly<Partial<Record<ColumnKey, string>>> = {
  no: 'STT|TT|Stt|Số TT|Số thứ tự|S.TT|S TT|STT.|Thứ tự|#|No|No.',
  fullName:
    'Họ và tên|Họ tên|Họ và Tên|Họ, tên|Họ & tên|Họ và tên người dùng|Họ và tên cán bộ|Họ tên CBCCVC|Tên cơ quan/ Cá nhân|Đơn vị/Cá nhân|Cá nhân|Tên người sử dụng|Họ và tên chủ hộp thư|Họ và chữ đệm|Tên',
  birthDate:
    'Ngày sinh|Năm sinh|Ngày, tháng, năm sinh|Ngày tháng năm sinh|NTNS|Ngày/tháng/năm sinh|Sinh ngày|Ngày sinh (dd/mm/yyyy)|DOB',
  position:
    'Chức vụ|Chức danh|Chức vụ/Chức danh|Chức danh, chức vụ|Chức vụ hiện nay|Chức vụ công tác|Vị trí việc làm|Vị trí công tác|Ngạch/chức vụ|CV|Chức vụ (Đảng, CQ)',
  unit: 'Đơn vị|Đơn vị công tác|Cơ quan|Cơ quan, đơn vị|Cơ quan/ Đơn vị công tác|Tên cơ quan, đơn vị|Tên đơn vị|Nơi công tác|Sở/ngành|Xã/phường|Cơ quan công tác',
  department:
    'Phòng/ban/đơn vị|Đơn vị/bộ phận công tác|Phòng ban|Phòng, ban|Phòng/Ban|Bộ phận|Phòng chuyên môn|Phòng, đơn vị trực thuộc|Khoa/phòng|Tổ/bộ phận|Phòng (Công ty)',
  phone:
    'Số điện thoại|Điện thoại|Điện thoại liên hệ|Điện thoại liên lạc|ĐT|SĐT|Di động|Số ĐTDĐ|ĐTDĐ|Điện thoại di động|Số di động|Số điện thoại nhận OTP|Tel',
  idNumber:
    'Số CCCD|Số Thẻ CC/CCCD|Số CMND/ CCCD|Số định danh cá nhân|CCCD|CMND|Số căn cước|Số Căn cước/ Căn cước công dân/Mã số định danh cá nhân|Mã định danh|Số CMTND|CMND/CCCD/Hộ chiếu',
  proposedAddress:
    'Hộp thư đề nghị|Địa chỉ thư điện tử đề nghị|Tên hộp thư đề nghị cấp|Tên tài khoản|Tên tài khoản đề nghị|Tên đăng nhập|Email đề nghị|Hộp thư đề nghị cấp mới|Địa chỉ email đăng ký|Tên truy nhập|Account|User name',
  currentAddress:
    'Địa chỉ thư điện tử công vụ|Địa chỉ hộp thư|Hộp thư hiện tại|Hộp thư đã cấp|Email công vụ|Thư công vụ|Mail công vụ|Email|Địa chỉ email|Thông tin cần thay đổi tài khoản thư điện tử công vụ|Tài khoản cũ',
  action:
    'Nội dung đề nghị|Đề nghị|Yêu cầu|Nội dung yêu cầu|Hình thức|Loại yêu cầu|Nội dung|Đề xuất|Loại đề nghị',
  reason:
    'Lý do|Lý do đề nghị|Lí do|Nguyên nhân|Căn cứ|Lý do cấp|Lý do thay đổi|Lý do hủy|Nội dung thay đổi|Diễn giải|Mục đích',
  decision:
    'Số quyết định|QĐ số|Quyết định tuyển dụng/điều động|Số/ngày QĐ|Căn cứ quyết định|QĐ bổ nhiệm: số, ngày|Văn bản kèm theo|Số QĐ, ngày QĐ|Quyết định (số, ngày)|QĐ tiếp nhận',
  note: 'Ghi chú|Ghi Chú|Chú thích|GC|Ghi chú khác|Thông tin khác|Khác|Ý kiến|Diễn giải thêm|Bổ sung|Note',
};

/** Headings nobody listed, close to those of §4.2. */
const UNSEEN: Readonly<Partial<Record<ColumnKey, string>>> = {
  fullName:
    'Họ và tên công chức, viên chức|Họ và tên (in hoa)|HỌ VÀ TÊN NGƯỜI ĐỀ NGHỊ|Họ, chữ đệm và tên|Họ tên người lao động',
  birthDate: 'Ngày, tháng, năm sinh (*)|Năm sinh của người sử dụng|Sinh năm',
  position: 'Chức vụ đang đảm nhiệm (ghi rõ)|Chức danh nghề nghiệp|Chức vụ chính quyền|Vị trí làm việc',
  unit: 'Cơ quan, đơn vị đang công tác|Nơi làm việc|Tên cơ quan/đơn vị',
  department: 'Phòng ban công tác|Bộ phận công tác',
  phone: 'Số ĐT di động|Số điện thoại cá nhân|Điện thoại (di động)|SĐT liên hệ|Số điện thoại của cán bộ',
  idNumber: 'Số căn cước công dân|Số CCCD (12 số)',
  proposedAddress:
    'Tên hộp thư mong muốn|Địa chỉ thư đề nghị cấp|Tài khoản thư điện tử đăng ký mới|Địa chỉ hộp thư mới',
  currentAddress: 'Địa chỉ thư điện tử đang sử dụng|Hộp thư điện tử|Tài khoản thư điện tử công vụ hiện có',
  reason: 'Lý do đề nghị cấp hộp thư|Lý do cấp lại mật khẩu',
  decision: 'Quyết định bổ nhiệm (số, ngày)|Số, ngày quyết định điều động',
  action: 'Nội dung đề nghị xử lý|Yêu cầu xử lý',
};

const cases = (table: typeof VARIANTS): [string, string][] =>
  Object.entries(table).flatMap(([column, headings]) =>
    headings.split('|').map((heading): [string, string] => [heading, column]),
  );

describe('headings', () => {
  it.each(cases(VARIANTS))('%s is %s', (heading, column) => {
    expect(columnOf(heading)).toBe(column);
    expect(columnOf(heading.normalize('NFD').toUpperCase())).toBe(column);
    expect(columnOf(` ${heading.replaceAll(' ', '\n')} (*)`)).toBe(column);
  });

  it.each(cases(UNSEEN))('unseen: %s is %s', (heading, column) => {
    expect(columnOf(heading)).toBe(column);
  });

  it.each([
    ['Chức vụ, đơn vị công tác', ['position', 'unit']],
    ['Họ tên, chức vụ', ['fullName', 'position']],
    ['Số điện thoại/Email', ['phone', 'currentAddress']],
    ['Họ đệm', ['surname']],
    ['Họ và tên đệm', ['surname']],
    ['Tên', ['given']],
  ])('%s holds %j', (heading, parts) => {
    expect(headingOf(heading).parts).toEqual(parts);
  });

  it.each([
    'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM',
    'Độc lập - Tự do - Hạnh phúc',
    'Nguyễn Văn An',
    'Chuyên viên',
    'Phòng Tổ chức hành chính',
    'Nội dung cần sửa',
    '',
    '(1)',
  ])('%j is no heading', (text) => {
    expect(columnOf(text)).toBeNull();
  });

  it('says when two columns are meant', () => {
    expect(headingOf('Chức vụ đơn vị công tác').sure).toBe(false);
    expect(headingOf('Số điện thoại của đơn vị')).toEqual({ parts: ['phone'], sure: true });
  });
});

describe('titles we write over tables', () => {
  const titled = REQUEST_KINDS.filter((kind) => titleOfKind(kind) !== null);
  const heading = 'STT | Họ và tên | Địa chỉ thư điện tử công vụ';
  const row = '1 | Lê Thị Hoa | hoalt@x.gov.vn';

  it.each(titled)('%s is read back from its title', (kind) => {
    const lines = [
      'DANH SÁCH ĐỀ NGHỊ CHỈNH SỬA (hồ sơ TN-2026-000123)',
      '',
      titleOfKind(kind)!,
      heading,
      row,
    ];
    const [entry] = understandLists([gridOf('sua.xlsx › Danh sách', false, lines)]).entries;
    // A body's mailbox is told from a person's by the row's own name.
    expect(entry?.kind).toBe(kind);
  });

  it('the title of the whole file asks for nothing', () => {
    const lines = ['DANH SÁCH ĐỀ NGHỊ CHỈNH SỬA (hồ sơ TN-2026-000123)', '', heading, row];
    const [entry] = understandLists([gridOf('sua.xlsx › Danh sách', false, lines)]).entries;
    expect(entry?.kind).toBeNull();
  });
});
