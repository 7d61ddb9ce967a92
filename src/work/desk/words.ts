import type { ActionName } from '../../rules/desk-actions.ts';

/** What an action is called on its button and in the letter's history. */
export const ACTION_WORDS: Readonly<Record<ActionName, readonly [vi: string, en: string]>> = {
  'confirm-scan': ['Xác nhận bản quét', 'Confirm the scan'],
  'confirm-signature': ['Xác nhận chữ ký số', 'Settle the digital signature'],
  'confirm-identity': ['Xác nhận đã xác thực người đề nghị', 'Confirm the person’s identity'],
  'record-paper': ['Ghi nhận văn bản giấy', 'Record the paper original'],
  'ask-new-scan': ['Đề nghị gửi lại bản quét', 'Ask for a new scan'],
  'accept-row': ['Chấp nhận dòng', 'Accept a row'],
  'return-row': ['Trả lại dòng để sửa', 'Give a row back'],
  'refuse-row': ['Không giải quyết dòng', 'Refuse a row'],
  finish: ['Kết thúc hồ sơ', 'Close the dossier'],
  refuse: ['Từ chối', 'Refuse'],
  retry: ['Xử lý lại', 'Try again'],
  release: ['Mở niêm phong', 'Release'],
  'keep-sealed': ['Giữ niêm phong', 'Keep sealed'],
  'hand-over': ['Chuyển người xử lý', 'Hand over'],
};
