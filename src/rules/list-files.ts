import type { Problem } from './mailbox-list.ts';

/** A file that could not be read, with a code of lists/port.ts. */
export interface UnreadFile {
  readonly filename: string;
  readonly code: string;
}

/** What a clerk is told of each code, with what to do about it. */
const TOLD: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  encrypted: ['được đặt mật khẩu, không đọc được', 'Gỡ mật khẩu của tệp rồi gửi lại'],
  too_large: [
    'vượt giới hạn xử lý an toàn (quá nhiều dòng, ô hoặc trang)',
    'Chia danh sách thành nhiều tệp nhỏ hơn, gửi dạng .xlsx',
  ],
  malformed: ['bị hỏng hoặc không đúng định dạng', 'Mở tệp, lưu lại dạng .xlsx rồi gửi lại'],
  forbidden_content: [
    'chứa nội dung không được phép (liên kết tới chương trình khác, cấu trúc tệp không rõ ràng)',
    'Chép danh sách sang một tệp .xlsx mới rồi gửi lại',
  ],
  unreadable_format: [
    'thuộc định dạng hệ thống không đọc được',
    'Gửi lại danh sách dạng .xlsx, .docx hoặc .csv, không nén',
  ],
};

/**
 * Files that are no list (pictures, scans, signatures) are passed over. One of another kind matters only where no list
 * was found elsewhere: the official letter itself often comes as .doc.
 */
export function unreadableProblems(files: readonly UnreadFile[], found: boolean): Problem[] {
  return files
    .filter(({ code }) => code !== 'unsupported' && !(found && code === 'unreadable_format'))
    .map(({ filename, code }) => {
      const [what, fix] = TOLD[code] ?? ['không đọc được', 'Gửi lại danh sách dạng .xlsx hoặc .csv'];
      return { code: `list_${code}`, column: null, text: `Tệp “${filename}” ${what}`, fix };
    });
}
