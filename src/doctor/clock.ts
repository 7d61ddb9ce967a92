import { skipped, graded, text, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';
import { askTime } from './sntp.ts';

/** Deadlines run in hours at the finest; signatures and one-time passwords (30 s) are what a wrong clock breaks first. */
const LIMITS = { warning: 2000, failure: 30_000 };

export const clockProbe: Probe = {
  id: 'clock',
  title: text('Đồng hồ', 'Clock'),
  needs: 'nothing',
  async look({ config, clock }) {
    const { ntpServer } = config;
    if (ntpServer === undefined)
      return [
        skipped(
          text(
            'chưa đặt CONGTHU_NTP_SERVER, không so với máy chủ giờ',
            'CONGTHU_NTP_SERVER is not set: no time server was asked',
          ),
          text(
            'Đặt CONGTHU_NTP_SERVER (máy chủ giờ của tỉnh): thời điểm nhận và thời hạn xử lý tính theo đồng hồ này.',
            'Set CONGTHU_NTP_SERVER: moments of receipt and due dates come from this clock.',
          ),
        ),
      ];
    const { host, port } = ntpServer;
    const { offsetMs } = await askTime(host, port, () => clock.now().getTime());
    return [offsetFinding(offsetMs, `${host}:${port}`)];
  },
};

export const databaseClock: Probe = {
  id: 'clock.database',
  title: text('Đồng hồ so với cơ sở dữ liệu', 'Clock against the database'),
  needs: 'database',
  async look({ db, clock }) {
    await db.sql`select 1`;
    const before = clock.now().getTime();
    const [row] = await db.sql<
      { ms: number }[]
    >`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
    const after = clock.now().getTime();
    return [offsetFinding(row!.ms - (before + after) / 2, 'PostgreSQL')];
  },
};

export function offsetFinding(offsetMs: number, source: string): Finding {
  const ms = Math.round(Math.abs(offsetMs));
  return graded(
    ms,
    LIMITS,
    text(`lệch ${ms} ms so với ${source}`, `${ms} ms ${offsetMs < 0 ? 'ahead of' : 'behind'} ${source}`),
    text(
      'Bật đồng bộ giờ (chrony hoặc systemd-timesyncd) trên cả hai máy: thời hạn và chữ ký phụ thuộc vào giờ.',
      'Keep both machines on time (chrony or systemd-timesyncd): deadlines and signatures depend on it.',
    ),
  );
}
