import { probeImapAccount } from '../intake/imap-probe.ts';
import { causeText } from '../errors.ts';
import { failure, ok, skipped, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';
import type { ImapAccount } from '../imap-account.ts';

const ONLY_FOR_IMAP = text(
  'Chỉ cần khi thư đề nghị nằm trong một hộp thư của máy chủ khác; thư đến qua SMTP hoặc LMTP thì không.',
  'Only for letters that lie in a mailbox of another server; not for those that come by SMTP or LMTP.',
);

export const imap: Probe = {
  id: 'door.imap',
  title: text('Hộp thư tiếp nhận (IMAP)', 'Intake mailbox (IMAP)'),
  needs: 'nothing',
  look: ({ config }) =>
    config.imap.length === 0
      ? [skipped(text('chưa đặt CONGTHU_IMAP_URL', 'CONGTHU_IMAP_URL is not set'), ONLY_FOR_IMAP)]
      : Promise.all(config.imap.map(accountFinding)),
};

async function accountFinding(account: ImapAccount): Promise<Finding> {
  const who = `${account.user}@${account.host}:${account.port}/${account.folder}`;
  try {
    const { messages, lacking } = await probeImapAccount(account);
    if (lacking.length === 0)
      return ok(
        text(
          `${who}: đăng nhập được, ${messages} thư chưa lấy`,
          `${who}: logged in, ${messages} letters not taken yet`,
        ),
      );
    return warning(
      text(
        `${who}: máy chủ không có ${lacking.join(', ')}`,
        `${who}: the server lacks ${lacking.join(', ')}`,
      ),
      text(
        'Vẫn nhận được thư, nhưng chậm hơn (thăm dò mỗi phút) hoặc chuyển thư bằng COPY và xóa.',
        'Letters are taken all the same, but later (polled every minute) or moved by COPY and delete.',
      ),
    );
  } catch (error) {
    return failure(
      text(`${who}: ${causeText(error)}`, `${who}: ${causeText(error)}`),
      text(
        'Kiểm tra tên, mật khẩu (hoặc tệp oauth), thư mục và chứng thư (ca=) trong CONGTHU_IMAP_URL.',
        'Check user, password (or the oauth file), folder and certificate (ca=) in CONGTHU_IMAP_URL.',
      ),
    );
  }
}
