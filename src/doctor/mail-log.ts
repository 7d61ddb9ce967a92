import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { configuredRegulations } from '../configured.ts';
import type { LogKey } from '../mail-log/checkpoint.ts';
import { approvedMonths, forgettableMonths, keptMonths } from '../mail-log/forget.ts';
import { loadLogKey } from '../mail-log/key-file.ts';
import { logState } from '../mail-log/state.ts';
import { verifyLog } from '../mail-log/verify.ts';
import { failure, graded, ok, plain, skipped, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

const MINUTE_MS = 60_000;

/** Looks without making one: the first start does that. */
function presentKey({ dataDir, hostname }: Config): LogKey | null {
  const file = path.join(dataDir, 'mail-log.key');
  return fs.existsSync(file) ? loadLogKey(file, `${hostname}/mail-log`) : null;
}

const BEGINS_WITH_SERVE = text(
  'Nhật ký bắt đầu khi cổng thư chạy lần đầu (congthu serve).',
  'The log begins with the first run of congthu serve.',
);
const WITHOUT_QUICK = text(
  'Chạy lại không có --quick, ít nhất mỗi tháng một lần.',
  'Run again without --quick, once a month at least.',
);

export const mailLog: Probe = {
  id: 'mail-log',
  title: text('Nhật ký thư', 'Mail log'),
  needs: 'tables',
  async look({ config, db, quick, progress }) {
    const key = presentKey(config);
    const { size } = await logState(db.sql);
    if (key === null)
      return [
        size === 0 ? skipped(text('nhật ký còn trống', 'the log is empty'), BEGINS_WITH_SERVE) : keyLost,
      ];
    if (quick)
      return [skipped(text('bỏ qua kiểm chứng toàn bộ (--quick)', 'not verified (--quick)'), WITHOUT_QUICK)];
    const { faults, checkpoints, pending } = await verifyLog(db.sql, key, { progress });
    if (faults.length === 0)
      return [
        ok(
          text(
            `kiểm chứng đúng: ${size} mục, ${checkpoints} điểm chốt, ${pending} mục chờ đánh số`,
            `verified: ${size} entries, ${checkpoints} checkpoints, ${pending} waiting for a number`,
          ),
        ),
      ];
    return faults.map((fault) =>
      failure(
        plain(fault),
        text(
          'Giữ nguyên hiện trạng, sao lưu cơ sở dữ liệu, báo kiểm toán; đối chiếu bằng "congthu log verify --from" với điểm chốt lưu ở ngoài.',
          'Leave everything as it is, back the database up, tell the auditors; compare with a checkpoint kept outside: "congthu log verify --from".',
        ),
      ),
    );
  },
};

const keyLost = failure(
  text('mất tệp mail-log.key trong thư mục dữ liệu', 'mail-log.key is missing from the data directory'),
  text(
    'Khôi phục tệp từ bản sao lưu: khóa khác không thể ký tiếp nhật ký này.',
    'Put the file back from the backup: no other key can sign this log on.',
  ),
);

/** The heartbeat makes an entry every five minutes; three missing ones mean that nobody signs. */
export const checkpointAge: Probe = {
  id: 'mail-log.checkpoint',
  title: text('Điểm chốt nhật ký', 'Checkpoints of the log'),
  needs: 'tables',
  async look({ db, clock }) {
    const { checkpointAt, pending, oldestPending } = await logState(db.sql);
    const now = clock.now().getTime();
    const start = text(
      'Xem nhật ký của tiến trình (dòng "sequencer"); cổng thư phải đang chạy và giữ đúng mail-log.key.',
      'See the process log ("sequencer"); the gateway has to run and to hold the right mail-log.key.',
    );
    if (checkpointAt === null)
      return [skipped(text('chưa có điểm chốt nào', 'there is no checkpoint yet'), BEGINS_WITH_SERVE)];
    const minutes = Math.floor((now - checkpointAt.getTime()) / MINUTE_MS);
    const age = graded(
      minutes,
      { warning: 15, failure: 24 * 60 },
      text(
        `điểm chốt gần nhất cách đây ${minutes} phút`,
        `the latest kept checkpoint is ${minutes} minutes old`,
      ),
      start,
    );
    const waited = oldestPending === null ? 0 : Math.floor((now - oldestPending.getTime()) / MINUTE_MS);
    const lag = graded(
      waited,
      { warning: 2, failure: 60 },
      text(
        `${pending} mục chờ đánh số, lâu nhất ${waited} phút`,
        `${pending} entries wait for a number, the oldest for ${waited} minutes`,
      ),
      start,
    );
    return [age, lag];
  },
};

/** Without a checkpoint outside, whoever holds the database and the key can rewrite history unseen. */
export const outsideCheckpoints: Probe = {
  id: 'mail-log.outside',
  title: text('Điểm chốt lưu ở ngoài', 'Checkpoints kept outside'),
  needs: 'tables',
  async look({ config, db, clock }) {
    const { file, syslog, tsaUrl } = config.checkpointPlaces;
    const places = [file, syslog, tsaUrl].filter((place) => place !== undefined).length;
    if (places === 0) return [config.auditors.length === 0 ? nowhere : onlyMailed(config.auditors.length)];
    const rows = await db.sql<{ place: string; at: Date }[]>`
      select place, max(at) as at from mail_log.anchor group by place order by place`;
    if (rows.length === 0) return [warning(text('chưa lưu được lần nào', 'none was laid down yet'), PLACES)];
    return rows.map(({ place, at }) => placeFinding(place, at, clock.now()));
  },
};

/** Personal data is kept no longer than the regulation says; forgetting needs a person's word. */
export const pastRetention: Probe = {
  id: 'mail-log.retention',
  title: text('Nhật ký hết hạn lưu', 'Log past its retention'),
  needs: 'tables',
  async look({ config, db, clock }) {
    const keep = keptMonths(configuredRegulations(config));
    const now = clock.now();
    const months = await forgettableMonths(db.sql, now, keep);
    const approved = (await approvedMonths(db.sql, now, keep)).map(({ month }) => month);
    const waiting = months.filter((month) => !approved.includes(month));
    if (waiting.length === 0)
      return [
        ok(text(`không có tháng nào quá ${keep} tháng`, `no month is older than ${keep} whole months`)),
      ];
    return [
      warning(
        text(
          `quá ${keep} tháng, chưa duyệt xóa: ${waiting.join(', ')}`,
          `older than ${keep} months, not approved to be forgotten: ${waiting.join(', ')}`,
        ),
        text(
          'Người có thẩm quyền duyệt bằng "congthu log prune --approve-by TÊN".',
          'Whoever may decide it approves with "congthu log prune --approve-by NAME".',
        ),
      ),
    ];
  },
};

function placeFinding(place: string, at: Date, now: Date): Finding {
  const hours = Math.floor((now.getTime() - new Date(at).getTime()) / (60 * MINUTE_MS));
  const seen = text(`${place}: lần cuối cách đây ${hours} giờ`, `${place}: last ${hours} hours ago`);
  return graded(hours, { warning: 3, failure: 48 }, seen, PLACES);
}

const PLACES = text(
  'Kiểm tra nơi lưu có ghi được không (xem mục log.anchored: congthu log search).',
  'Check that the place can be written to (see log.anchored entries: congthu log search).',
);

const nowhere = warning(
  text('không lưu điểm chốt ở đâu ngoài cơ sở dữ liệu', 'no checkpoint leaves the database'),
  text(
    'Đặt CONGTHU_AUDITORS và một trong CONGTHU_CHECKPOINT_FILE, _SYSLOG, _TSA.',
    'Set CONGTHU_AUDITORS and one of CONGTHU_CHECKPOINT_FILE, _SYSLOG, _TSA.',
  ),
);

const onlyMailed = (auditors: number): Finding =>
  ok(text(`gửi hằng ngày cho ${auditors} kiểm toán viên`, `mailed to ${auditors} auditors every morning`));
