import type { Reply } from '../rules/reply.ts';

/** Codes no rule ever speaks: 555 for unknown MAIL and RCPT parameters (RFC 5321 §4.1.1.11), 535 for AUTH. */
export type DoorReply = Reply | { readonly code: 535 | 555; readonly status: string; readonly text: string };

/** What the door itself refuses, before any rule is asked. Vietnamese first, as everything a clerk may read. */
const reply = <T extends DoorReply>(value: T): T => Object.freeze(value);

export const TOO_MANY_CONNECTIONS = reply({
  code: 421,
  status: '4.3.2',
  text: 'Máy chủ đang quá nhiều kết nối, đề nghị gửi lại sau. / Too many connections, please try again later.',
});

export const TOO_MANY_FROM_YOU = reply({
  code: 421,
  status: '4.7.0',
  text: 'Địa chỉ này mở quá nhiều kết nối cùng lúc. / Too many connections from your address.',
});

export const TOO_MANY_FROM_AROUND = reply({
  code: 421,
  status: '4.7.0',
  text: 'Mạng này mở quá nhiều kết nối cùng lúc. / Too many connections from your network.',
});

export const SHUTTING_DOWN = reply({
  code: 421,
  status: '4.3.2',
  text: 'Hệ thống đang dừng để bảo trì, đề nghị gửi lại sau. / Shutting down, please try again later.',
});

export const TLS_FIRST = reply({
  code: 530,
  status: '5.7.0',
  text: 'Phải dùng STARTTLS trước khi gửi thư. / Must issue a STARTTLS command first.',
});

export const UNKNOWN_PARAMETER = reply({
  code: 555,
  status: '5.5.4',
  text: 'Tham số không được hỗ trợ. / MAIL FROM or RCPT TO parameter not recognised.',
});

export const UTF8_NOT_ANNOUNCED = reply({
  code: 553,
  status: '5.6.7',
  text: 'Địa chỉ có ký tự ngoài ASCII nhưng không khai báo SMTPUTF8. / Non-ASCII address without SMTPUTF8.',
});

export const TOO_MANY_RECIPIENTS = reply({
  code: 452,
  status: '4.5.3',
  text: 'Quá nhiều người nhận trong một thư. / Too many recipients.',
});

export const TOO_LARGE = reply({
  code: 552,
  status: '5.3.4',
  text: 'Thư vượt quá dung lượng cho phép. / Message exceeds the maximum size.',
});

export const NOT_CLEAN_TEXT = reply({
  code: 550,
  status: '5.6.0',
  text: 'Thư chứa ký tự NUL hoặc ngắt dòng sai (CR, LF đơn lẻ). / Message contains NUL or a bare CR or LF.',
});

export const TOO_MANY_HOPS = reply({
  code: 554,
  status: '5.4.6',
  text: 'Thư đi qua quá nhiều máy chủ, có thể bị lặp vòng. / Too many hops, mail loop suspected.',
});

export const TOO_SLOW = reply({
  code: 421,
  status: '4.4.2',
  text: 'Quá thời gian nhận nội dung thư. / Message took too long.',
});

export const NO_SPACE = reply({
  code: 452,
  status: '4.3.1',
  text: 'Hệ thống tạm hết chỗ lưu, đề nghị gửi lại sau. / Insufficient system storage.',
});

export const WRONG_PASSWORD = reply({
  code: 535,
  status: '5.7.8',
  text: 'Sai tài khoản hoặc mật khẩu. / Authentication credentials invalid.',
});

export const TOO_MANY_PASSWORDS = reply({
  code: 421,
  status: '4.7.0',
  text: 'Sai mật khẩu quá nhiều lần. / Too many failed logins.',
});

export const NO_SUCH_RETURN_PATH = reply({
  code: 550,
  status: '5.1.1',
  text: 'Địa chỉ nhận thư trả lại không đúng. / No notice of ours has this return path.',
});
