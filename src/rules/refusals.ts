/** Why an officer turns a request down: a closed list, in the words the unit reads. The officer adds what is particular. */
export const REFUSALS = [
  ['unreadable', 'Bản quét mờ hoặc thiếu trang, không đọc được nội dung, chữ ký hoặc con dấu'],
  ['no_signature', 'Văn bản chưa có chữ ký của Thủ trưởng cơ quan, đơn vị'],
  ['no_seal', 'Văn bản chưa có con dấu của cơ quan, đơn vị'],
  ['list_differs', 'Danh sách gửi kèm không khớp với văn bản đã ký, đóng dấu'],
  ['signer', 'Người ký văn bản không phải là người có thẩm quyền của cơ quan, đơn vị'],
  ['identity', 'Chưa xác thực được thông tin của người đề nghị'],
  ['not_managed', 'Cá nhân có tên trong danh sách không thuộc cơ quan, đơn vị quản lý'],
  ['not_competent', 'Nội dung đề nghị không thuộc thẩm quyền giải quyết'],
  ['other', 'Lý do khác'],
] as const;
/** Those that can be said of one row alone, whatever the request as a whole is. */
const OF_ONE_ROW: readonly string[] = ['identity', 'not_managed', 'not_competent', 'other'];
export const ROW_REFUSALS = REFUSALS.filter(([code]) => OF_ONE_ROW.includes(code));

export type RefusalCode = (typeof REFUSALS)[number][0];

export const refusalText = (code: RefusalCode): string => REFUSALS.find(([known]) => known === code)![1];

export const refusalCode = (value: string): RefusalCode | null =>
  REFUSALS.find(([known]) => known === value)?.[0] ?? null;
