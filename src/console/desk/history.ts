import { html } from 'hono/html';
import type { FoundEntry } from '../../mail-log/search.ts';
import { moment } from '../format.ts';
import type { Markup } from '../web.ts';
import type { Say } from '../words.ts';

const BAD = /refused|failed|failure|bounced|missed|quarantin/;

/** What happened to a letter, oldest first, from the log itself: nothing is told here that an auditor does not see. */
export function historyView(entries: readonly FoundEntry[], sealed: boolean, say: Say): Markup {
  const oldest = entries.toReversed();
  // A sealed letter is not quoted, not even its subject (requirements.md §6.5).
  const fields = ['outcome', ...(sealed ? [] : ['subject']), 'detail', 'error'];
  return html`<section class="card" aria-labelledby="history">
    <h2 id="history">${say('Diễn biến', 'History')}</h2>
    <ol class="timeline">
      ${oldest.map(({ entry }) => {
        const { event } = entry;
        const outcome = String(entry['outcome'] ?? '');
        return html`<li class="${BAD.test(`${event} ${outcome}`) ? 'wrong' : ''}">
          ${moment(new Date(entry['at']))} <strong>${eventWords(event, say)}</strong>
          ${entry['actor'] === undefined || entry['actor'] === 'machine' ? '' : html`<span class="small">– ${entry['actor']}</span>`}
          <div class="small">${fields.flatMap((field) => entry[field] ?? []).join(' · ')}</div>
        </li>`;
      })}
    </ol>
  </section>`;
}

/** The log's event names as people read them; a name that is not here stands as it is. */
export function eventWords(event: string, say: Say): string {
  const words = EVENT_WORDS[event];
  return words === undefined ? event : say(...words);
}

export const EVENT_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  'connection.refused': ['Từ chối kết nối', 'Connection refused'],
  'sender.refused': ['Từ chối người gửi', 'Sender refused'],
  'letter.received': ['Nhận thư', 'Letter received'],
  'letter.duplicate': ['Thư trùng', 'Duplicate'],
  'letter.quarantined': ['Niêm phong', 'Quarantined'],
  'letter.ignored': ['Bỏ qua thư tự động', 'Automatic mail ignored'],
  'evidence.found': ['Kiểm tra chữ ký số', 'Signatures examined'],
  decision: ['Quyết định', 'Decision'],
  'row.provisioned': ['Thực hiện hộp thư', 'Mailbox carried out'],
  'row.failed': ['Chưa thực hiện được hộp thư', 'Mailbox failed'],
  'notice.queued': ['Soạn thông báo', 'Notice written'],
  'notice.sent': ['Đã gửi thông báo', 'Notice sent'],
  'notice.deferred': ['Thông báo gửi lại sau', 'Notice deferred'],
  'notice.bounced': ['Thông báo bị trả lại', 'Notice bounced'],
  'notice.failed': ['Không gửi được thông báo', 'Notice failed'],
  'deadline.met': ['Đúng hạn', 'In time'],
  'deadline.missed': ['Quá hạn', 'Overdue'],
  'job.run': ['Việc định kỳ', 'Job'],
  'mailbox.activated': ['Chủ hộp thư đặt mật khẩu', 'Owner set a password'],
  'mailbox.changed': ['Thay đổi hộp thư', 'Mailbox changed'],
  'registry.imported': ['Nhập sổ đăng ký', 'Registry imported'],
  'configuration.loaded': ['Khởi động', 'Started'],
  'configuration.changed': ['Thay đổi cấu hình, tài khoản', 'Configuration changed'],
  'regulation.changed': ['Thay đổi quy định', 'Regulation changed'],
  'log.read': ['Tra cứu nhật ký', 'Log read'],
  'log.exported': ['Kết xuất nhật ký', 'Log exported'],
  'log.prune': ['Hủy nhật ký hết hạn lưu', 'Log pruned'],
  'log.anchored': ['Gửi mốc kiểm chứng', 'Checkpoint anchored'],
  'login.ok': ['Đăng nhập', 'Login'],
  'login.failed': ['Đăng nhập không thành công', 'Login failed'],
  'key.rotated': ['Thay khóa', 'Key rotated'],
  'mail.transferred': ['Thư qua hệ thống', 'Mail transferred'],
  heartbeat: ['Nhịp kiểm tra', 'Heartbeat'],
  failure: ['Trục trặc', 'Trouble'],
};
