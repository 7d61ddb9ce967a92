import type { Config } from '../config.ts';
import { configuredLdap } from '../configured.ts';
import { probeLdap } from '../provisioners/ldap.ts';
import type { OpenDatabase } from '../store/database.ts';
import { failure, graded, ok, plain, text, type Finding } from './finding.ts';
import type { Probe, ReachedPatient } from './probe.ts';

export const provisioner: Probe = {
  id: 'provisioner',
  title: text('Nơi tạo hộp thư', 'Provisioner'),
  needs: 'tables',
  look: (patient) => TARGETS[patient.config.provisioner](patient),
};

const TARGETS: Readonly<Record<Config['provisioner'], (patient: ReachedPatient) => Promise<Finding[]>>> = {
  'postgres-mail': ({ db }) => postgresMail(db),
  ldap: ({ config }) => ldap(config),
  manual: ({ db, clock }) => manual(db, clock.now()),
};

/** What carrying out an order writes to (provisioners/postgres-mail.ts). */
const TABLES = ['mail.domain', 'mail.mailbox', 'mail.alias', 'mail.carried_out'];

async function postgresMail({ sql }: OpenDatabase): Promise<Finding[]> {
  const rows = await sql<{ name: string }[]>`
    select name from unnest(${TABLES}::text[]) as name
    where not has_table_privilege(name, 'insert') or not has_table_privilege(name, 'update')`;
  if (rows.length === 0)
    return [
      ok(text('postgres-mail: ghi được schema "mail"', 'postgres-mail: the schema "mail" can be written to')),
    ];
  const names = rows.map(({ name }) => name).join(', ');
  return [
    failure(
      text(`postgres-mail: không có quyền ghi ${names}`, `postgres-mail: no right to write ${names}`),
      text('Cấp quyền: GRANT congthu_gateway TO <tài khoản>.', 'Grant it: GRANT congthu_gateway TO <login>.'),
    ),
  ];
}

async function ldap(config: Config): Promise<Finding[]> {
  const target = configuredLdap(config);
  try {
    await probeLdap(target);
    return [ok(text(`ldap: đăng nhập được, có ${target.base}`, `ldap: bound, ${target.base} is there`))];
  } catch (error) {
    return [
      failure(
        plain(`ldap: ${(error as Error).message}`),
        text(
          'Kiểm tra CONGTHU_LDAP_URL, _BIND_DN, _PASSWORD, _BASE và chứng thư của máy chủ thư mục.',
          'Check CONGTHU_LDAP_URL, _BIND_DN, _PASSWORD, _BASE and the directory’s certificate.',
        ),
      ),
    ];
  }
}

const HOUR_MS = 3_600_000;

async function manual({ sql }: OpenDatabase, now: Date): Promise<Finding[]> {
  const [row] = await sql<{ open: number; oldest: Date | null }[]>`
    select count(*)::int as open, min(ordered_at) as oldest from mail.manual_order where decided_at is null`;
  const { open, oldest } = row!;
  const hours = oldest === null ? 0 : Math.floor((now.getTime() - new Date(oldest).getTime()) / HOUR_MS);
  return [
    graded(
      hours,
      { warning: 24, failure: Infinity },
      text(
        `manual: ${open} việc chờ cán bộ, lâu nhất ${hours} giờ`,
        `manual: ${open} orders wait for people, the oldest for ${hours} hours`,
      ),
      text(
        'Cán bộ thực hiện và đánh dấu xong trên trang làm việc.',
        'Officers carry them out and tick them off at the desk.',
      ),
    ),
  ];
}
