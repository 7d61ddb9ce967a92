import { backlog } from '../store/backlog.ts';
import { failure, graded, ok, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

const MINUTE_MS = 60_000;

export const letters: Probe = {
  id: 'queue.letters',
  title: text('Thư chờ xử lý', 'Letters to be worked on'),
  needs: 'tables',
  async look({ db, clock }) {
    const now = clock.now();
    const found = await backlog(db.sql, now);
    const minutes = minutesSince(found.oldestDueLetter, now);
    const { officer, quarantine } = found.letters;
    return [
      graded(
        minutes,
        { warning: 15, failure: 120 },
        text(
          `thư đến lượt chờ lâu nhất ${minutes} phút`,
          `the longest-waiting due letter has waited ${minutes} minutes`,
        ),
        text(
          'Kiểm tra cổng thư có chạy không; tăng CONGTHU_WORKERS; xem dòng "worker" trong nhật ký tiến trình.',
          'Check that a gateway runs; raise CONGTHU_WORKERS; see "worker" in the process log.',
        ),
      ),
      ok(
        text(
          `${officer} thư chờ cán bộ, ${quarantine} thư bị niêm phong`,
          `${officer} letters wait for an officer, ${quarantine} are sealed`,
        ),
      ),
      deadlines(found.dossiersOverdue, found.dossiersDueWithinDay),
    ];
  },
};

function deadlines(overdue: number, soon: number): Finding {
  const seen = text(
    `${overdue} hồ sơ quá hạn, ${soon} hồ sơ đến hạn trong 24 giờ`,
    `${overdue} dossiers overdue, ${soon} due within 24 hours`,
  );
  if (overdue === 0) return ok(seen);
  return warning(
    seen,
    text('Cán bộ xử lý các hồ sơ quá hạn.', 'Officers have overdue dossiers to deal with.'),
  );
}

export const outbox: Probe = {
  id: 'queue.notices',
  title: text('Thông báo chờ gửi', 'Notices to be sent'),
  needs: 'tables',
  async look({ db, clock }) {
    const now = clock.now();
    const { notices, oldestUnsentNotice } = await backlog(db.sql, now);
    const minutes = minutesSince(oldestUnsentNotice, now);
    const waiting = notices.queued + notices.sending;
    const age = graded(
      minutes,
      { warning: 30, failure: 24 * 60 },
      text(
        `${waiting} thông báo chờ, lâu nhất ${minutes} phút`,
        `${waiting} notices wait, the oldest for ${minutes} minutes`,
      ),
      text('Kiểm tra máy chủ gửi thư (CONGTHU_RELAY_URL).', 'Check the relay (CONGTHU_RELAY_URL).'),
    );
    if (notices.failed === 0) return [age];
    const seen = text(
      `${notices.failed} thông báo không gửi được`,
      `${notices.failed} notices could not be sent`,
    );
    const hint = text(
      'Xem lý do: congthu log search --event notice.failed',
      'See why: congthu log search --event notice.failed',
    );
    return [age, notices.failed > 50 ? failure(seen, hint) : warning(seen, hint)];
  },
};

const minutesSince = (at: Date | null, now: Date): number =>
  at === null ? 0 : Math.max(0, Math.floor((now.getTime() - at.getTime()) / MINUTE_MS));
