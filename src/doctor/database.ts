import type postgres from 'postgres';
import { pendingMigrations } from '../store/database.ts';
import { failure, graded, ok, plain, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** README: PostgreSQL 15 or newer (SQL the mail log uses). */
const OLDEST = 150_000;

export const database: Probe = {
  id: 'database',
  title: text('Cơ sở dữ liệu', 'Database'),
  needs: 'database',
  async look({ db }) {
    const [row] = await db.sql<{ number: number; version: string }[]>`
      select current_setting('server_version_num')::int as number, current_setting('server_version') as version`;
    return [versionFinding(row!.number, row!.version)];
  },
};

export function versionFinding(number: number, version: string): Finding {
  if (number >= OLDEST) return ok(plain(`PostgreSQL ${version}`));
  return failure(
    plain(`PostgreSQL ${version}`),
    text('Nâng cấp lên PostgreSQL 15 trở lên.', 'Upgrade to PostgreSQL 15 or newer.'),
  );
}

/** Settings under which a commit may be lost, or a page torn, when the machine dies. */
export const durability: Probe = {
  id: 'database.durability',
  title: text('Độ bền của giao dịch', 'Durability of commits'),
  needs: 'database',
  async look({ db }) {
    const rows = await db.sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name`;
    return rows.map(({ name, setting }) => durabilityFinding(name, setting));
  },
};

export function durabilityFinding(name: string, setting: string): Finding {
  if (setting !== 'off') return ok(plain(`${name} = ${setting}`));
  return failure(
    plain(`${name} = off`),
    text(
      `Đặt ${name} = on (ALTER SYSTEM SET ${name} = on; SELECT pg_reload_conf();): nếu không, thư đã trả lời 250 có thể mất khi máy chủ dừng đột ngột.`,
      `Set ${name} = on (ALTER SYSTEM SET ${name} = on; SELECT pg_reload_conf();): else letters answered with 250 may be lost when the machine dies.`,
    ),
  );
}

export const migrations: Probe = {
  id: 'database.migrations',
  title: text('Cấu trúc bảng', 'Migrations'),
  needs: 'database',
  async look({ db }) {
    const { applied, missing, newer } = await pendingMigrations(db.sql);
    if (missing.length > 0)
      return [
        failure(
          text(`chưa áp dụng: ${missing.join(', ')}`, `not applied: ${missing.join(', ')}`),
          text('Chạy: congthu migrate', 'Run: congthu migrate'),
        ),
      ];
    if (newer)
      return [
        warning(
          text('cơ sở dữ liệu mới hơn phần mềm này', 'the database is newer than this program'),
          text(
            'Chạy phiên bản phần mềm đã cập nhật bảng.',
            'Run the version of the program that made the tables.',
          ),
        ),
      ];
    return [ok(text(`đủ ${applied} bước`, `all ${applied} applied`))];
  },
};

/** What one gateway holds at most (store/database.ts), and as much again for a restart beside it. */
const NEEDED_CONNECTIONS = 27;

export const connections: Probe = {
  id: 'database.connections',
  title: text('Số kết nối còn lại', 'Free connections'),
  needs: 'database',
  async look({ db }) {
    const [row] = await db.sql<{ most: number; used: number }[]>`
      select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
        (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`;
    return [connectionsFinding(row!.used, row!.most)];
  },
};

export function connectionsFinding(used: number, most: number): Finding {
  const left = most - used;
  const seen = text(`${used} trong ${most} kết nối đang dùng`, `${used} of ${most} connections in use`);
  const hint = text(
    `Một cổng thư cần tới ${NEEDED_CONNECTIONS} kết nối: tăng max_connections.`,
    `A gateway takes up to ${NEEDED_CONNECTIONS} connections: raise max_connections.`,
  );
  return graded(-left, { warning: 1 - NEEDED_CONNECTIONS, failure: -2 }, seen, hint);
}

/** A gateway that may rewrite its own log is held back by triggers only (README "The mail log"). */
export const databaseRights: Probe = {
  id: 'database.rights',
  title: text('Quyền đối với nhật ký thư', 'Rights over the mail log'),
  needs: 'tables',
  async look({ db, config }) {
    const mighty = await mayRewriteLog(db.sql);
    if (mighty === null) return [ok(text('tài khoản chỉ được ghi thêm', 'the login may only append'))];
    if (config.databaseUrl === undefined)
      return [
        ok(
          text(
            'cơ sở dữ liệu đi kèm: tài khoản là chủ sở hữu, chỉ có trigger ngăn sửa nhật ký',
            'the embedded database: its login owns the log, only triggers protect it',
          ),
        ),
      ];
    return [
      warning(
        text(
          `tài khoản ${mighty} có thể sửa nhật ký (chủ sở hữu hoặc superuser)`,
          `the login ${mighty} could change the log (owner or superuser)`,
        ),
        text(
          'Chạy "congthu migrate" bằng chủ sở hữu; chạy cổng thư bằng tài khoản thuộc nhóm congthu_gateway.',
          'Run "congthu migrate" as the owner, and the gateway as a login that is a member of congthu_gateway.',
        ),
      ),
    ];
  },
};

async function mayRewriteLog(sql: postgres.Sql): Promise<string | null> {
  const [row] = await sql<{ login: string; mighty: boolean }[]>`
    select current_user as login, (select rolsuper from pg_roles where rolname = current_user)
      or pg_has_role(current_user, (select relowner from pg_class where oid = 'mail_log.mail_event'::regclass), 'usage')
      as mighty`;
  return row!.mighty ? row!.login : null;
}
