import { mayAsk } from './admission.ts';
import type { ApprovalRoute } from './approval.ts';
import { cite } from './articles.ts';
import type { Problem } from './mailbox-list.ts';
import type { Regulation, RequestKind, SenderKind } from './regulation.ts';
import { rowProblem } from './row-problems.ts';

/**
 * A list may ask for more than the letter's words, by which sender and evidence were judged: a "quarterly declaration"
 * without a signature whose rows say "cấp mới". Each row's own kind is therefore judged once more. An officer who
 * took a paper or confirmed a scan has seen the rows.
 */
export function rowPermission(
  regulation: Regulation,
  channel: SenderKind,
  route: ApprovalRoute,
): (kind: RequestKind) => Problem | null {
  return (kind) => {
    if (route !== 'paper' && !mayAsk(regulation, kind, channel)) {
      const ground = cite(regulation, regulation.senderArticle);
      const text = `Nội dung này không được đề nghị từ hộp thư đã gửi (${ground})`;
      return rowProblem('kind_not_allowed', 'action', text, 'Gửi từ hộp thư của đơn vị trực tiếp quản lý');
    }
    if (route === 'unit_mailbox' && !regulation.verification.unitMailboxSuffices.includes(kind)) {
      const ground = cite(regulation, regulation.verification.article);
      const text = `Nội dung này phải có chữ ký số hoặc bản quét có chữ ký, con dấu (${ground})`;
      return rowProblem('needs_signature', 'action', text, 'Gửi lại kèm văn bản đã ký');
    }
    return null;
  };
}
