import { describe, expect, it } from 'vitest';
import { REQUEST_KINDS } from '../../src/rules/regulation.ts';
import type { RequestKind } from '../../src/rules/regulation.ts';
import { detectKinds } from '../../src/rules/request-kinds.ts';

const FIRST: readonly (readonly [text: string, kind: RequestKind])[] = [
  ['V/v đăng ký cấp mới hộp thư điện tử công vụ', 'CREATE_PERSON'],
  ['V/v de nghi cap moi hop thu dien tu cong vu', 'CREATE_PERSON'],
  ['Đề nghị cấp hộp thư cho 12 cán bộ mới tuyển dụng', 'CREATE_PERSON'],
  ['V/v cấp tài khoản thư điện tử công vụ cho công chức', 'CREATE_PERSON'],
  ['Đăng ký tài khoản email công vụ', 'CREATE_PERSON'],
  ['V/v đề nghị cấp mới hộp thư đơn vị', 'CREATE_UNIT'],
  ['V/v cấp hộp thư điện tử cho Phòng Chuyển đổi số', 'CREATE_UNIT'],
  ['Đề nghị tạo hộp thư điện tử công vụ của cơ quan mới thành lập', 'CREATE_UNIT'],
  ['V/v thay đổi thông tin tài khoản thư điện tử công vụ', 'CHANGE'],
  ['Đề nghị điều chỉnh địa chỉ thư điện tử', 'CHANGE'],
  ['V/v đổi tên hộp thư', 'CHANGE'],
  ['V/v chuyển công tác của bà Trần Thị B', 'TRANSFER'],
  ['V/v điều động công tác, đề nghị chuyển hộp thư sang đơn vị mới', 'TRANSFER'],
  ['V/v hủy hộp thư điện tử của cán bộ nghỉ hưu', 'CANCEL'],
  ['V/v huỷ hộp thư điện tử', 'CANCEL'],
  ['Thu hồi tài khoản thư công vụ', 'CANCEL'],
  ['Đề nghị chấm dứt sử dụng hộp thư', 'CANCEL'],
  ['V/v xóa các hộp thư không còn sử dụng', 'CANCEL'],
  ['CẤP LẠI MẬT KHẨU', 'PASSWORD_RESET'],
  ['V/v lấy lại mật khẩu hộp thư', 'PASSWORD_RESET'],
  ['Quên mật khẩu hộp thư annv.stttt', 'PASSWORD_RESET'],
  ['Đề nghị khôi phục mật khẩu thư công vụ', 'PASSWORD_RESET'],
  ['V/v mở lại hộp thư bị khóa', 'REOPEN'],
  ['Đề nghị khôi phục hộp thư điện tử', 'REOPEN'],
  ['Mở khóa tài khoản thư điện tử công vụ', 'REOPEN'],
  ['V/v lý do không sử dụng hộp thư trong thời gian nghỉ thai sản', 'ABSENCE_REASON'],
  ['Thông báo lý do chưa sử dụng hộp thư điện tử', 'ABSENCE_REASON'],
  ['V/v bàn giao hộp thư đơn vị', 'HANDOVER'],
  ['V/v giao người quản lý hộp thư điện tử của đơn vị', 'DELEGATION'],
  ['V/v cử cán bộ làm đầu mối quản lý thư điện tử công vụ', 'DELEGATION'],
  ['V/v ủy quyền sử dụng hộp thư cơ quan', 'DELEGATION'],
  ['V/v rà soát danh bạ thư điện tử', 'QUARTERLY_DECLARATION'],
  ['V/v bàn giao mật khẩu và hộp thư cơ quan do thay đổi thủ trưởng', 'HANDOVER'],
  ['Báo cáo thay đổi nhân sự, hộp thư quý III năm 2026', 'QUARTERLY_DECLARATION'],
  ['Kê khai hộp thư quý 4: không có thay đổi', 'QUARTERLY_DECLARATION'],
  ['Báo cáo tình hình sử dụng thư điện tử 6 tháng đầu năm', 'USAGE_REPORT'],
  ['Báo cáo kết quả khai thác, sử dụng hệ thống thư điện tử', 'USAGE_REPORT'],
  ['Thông báo sự cố hệ thống thư điện tử', 'INCIDENT'],
  ['Hộp thư đơn vị bị xâm nhập trái phép', 'INCIDENT'],
  ['Báo thư rác', 'ABUSE_REPORT'],
  ['Phản ánh thư có nội dung xấu gửi đến cơ quan', 'ABUSE_REPORT'],
  ['Cập nhật hộp thư theo Quyết định số 12/QĐ-SNV của Sở Nội vụ', 'AUTHORITY_DECISION'],
  ['Gửi quyết định tuyển dụng để cấp hộp thư', 'AUTHORITY_DECISION'],
];

describe('[requirements §7] what a letter asks for', () => {
  it.each(FIRST)('%s', (text, kind) => {
    expect(detectKinds(text)[0]).toBe(kind);
  });

  it('has wordings for every kind', () => {
    expect([...new Set(FIRST.map(([, kind]) => kind))].sort()).toEqual([...REQUEST_KINDS].sort());
  });

  it('names every kind of a mixed letter', () => {
    const kinds = detectKinds('V/v cấp mới, hủy hộp thư và cấp lại mật khẩu');
    expect(kinds).toContain('PASSWORD_RESET');
    expect(kinds).toContain('CANCEL');
    expect(kinds).toContain('CREATE_PERSON');
  });

  it.each([
    ['V/v đề nghị hủy hộp thư của cán bộ chuyển công tác', ['CANCEL']],
    ['V/v thu hồi tài khoản thư công vụ do điều động công tác', ['CANCEL']],
    ['V/v cấp mới hộp thư cho công chức mới điều động về Sở', ['CREATE_PERSON']],
    ['V/v cấp lại mật khẩu hộp thư của cán bộ luân chuyển', ['PASSWORD_RESET']],
    // Two acts stay two.
    ['V/v hủy hộp thư và chuyển công tác của ông Nguyễn Văn A', ['CANCEL', 'TRANSFER']],
    ['V/v hủy hộp thư của cán bộ nghỉ hưu. Chuyển công tác của bà Trần Thị B', ['CANCEL', 'TRANSFER']],
  ])('%s: a ground is no second request', (text, kinds) => {
    expect(detectKinds(text)).toEqual(kinds);
  });

  it('keeps persons beside units when both are asked for', () => {
    const kinds = detectKinds('V/v cấp mới hộp thư đơn vị; cấp mới hộp thư cho cán bộ');
    expect(kinds).toContain('CREATE_UNIT');
    expect(kinds).toContain('CREATE_PERSON');
  });

  it.each([
    ['a letter that only mentions other things', 'V/v mời họp giao ban tháng 11'],
    ['a name that reads like a verb without marks', 'Danh sách: Nguyễn Quang Huy, Lê Văn Mỡ'],
    ['a regulation cited', 'Căn cứ Quyết định số 41/2011/QĐ-UBND ban hành Quy chế'],
    ['words quoted from an earlier notice', '> V/v hủy hộp thư\n> cấp lại mật khẩu\nĐã rõ.'],
    ['wording torn over two sentences', 'Không hủy. Hộp thư giữ nguyên'],
  ])('says nothing about %s', (_, text) => {
    expect(detectKinds(text)).toEqual([]);
  });

  it('reads decomposed text alike', () => {
    const text = 'V/v mở lại hộp thư bị khóa';
    expect(detectKinds(text.normalize('NFD'))).toEqual(detectKinds(text));
  });

  it('ends quickly on a text made against the patterns', () => {
    const started = performance.now();
    detectKinds('cấp hộp thư thay đổi bao cao '.repeat(40_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
