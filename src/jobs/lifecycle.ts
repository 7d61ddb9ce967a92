import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE, mailboxChanged } from '../mail-log/events.ts';
import { shortDate } from '../notices/dates.ts';
import { articleOf, cite } from '../rules/articles.ts';
import { addDays, localTime } from '../rules/calendar.ts';
import {
  lifecycleOn,
  loginSource,
  needsLogins,
  withoutLogins,
  type LifecycleMatter,
} from '../rules/lifecycle.ts';
import type { Unit } from '../rules/registry.ts';
import type { Regulation } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import { allAbsences } from '../store/absences.ts';
import type { Tx } from '../store/database.ts';
import { proposeDeletion, startPeriod } from '../store/jobs.ts';
import { allUnits, mailboxesOf, setMailboxState, takeLastLogins } from '../store/registry.ts';
import { queue } from '../work/queue-notice.ts';
import type { ActDeps } from '../work/step.ts';
import { eachMorning, type Job } from './job.ts';
import { officeHoles, tellOfficers } from './tell-officers.ts';

/**
 * Mailboxes nobody uses: warned, locked, and in the end put before an officer for deletion (HCM-9.1, HCM-9.3b,
 * QB-7.2). Nothing is ever deleted by the machine.
 */
export const lifecycle: Job = {
  name: 'lifecycle',
  period: eachMorning,
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const today = localTime(deps.clock.now()).date;
    await takeLastLogins(tx);
    const units = (await allUnits(tx.orm)).filter((unit) =>
      governs(regulation, unit.regulation, today, deps.regulations),
    );
    const mailboxes = await mailboxesOf(
      tx.orm,
      units.map(({ code }) => code),
    );
    const absences = await allAbsences(tx.orm);
    // A reason speaks about the time since the last use; a mailbox used again needs a new one.
    const excused = (address: string): boolean => {
      const used = mailboxes.find((known) => known.address === address);
      const since = used === undefined ? null : (used.lastLogin ?? used.createdAt);
      return since !== null && absences.some((known) => known.address === address && known.at >= since);
    };
    const all = lifecycleOn(mailboxes, regulation, today, excused);
    const { silent, newest } = loginSource(mailboxes, today);
    const matters = silent ? withoutLogins(all, regulation) : all;
    const log: LogEvent[] = [];
    if (silent && needsLogins(regulation) && mailboxes.length > 0)
      log.push(...(await tellSilence(tx, newest, regulation, today, deps)));
    for (const matter of matters.warn) log.push(...(await warn(tx, matter, units, regulation, deps)));
    for (const matter of matters.lock) log.push(...(await lock(tx, matter, units, regulation, deps)));
    log.push(...(await propose(tx, matters.deletion, regulation, today, deps)));
    return log;
  },
};

/** Once a month while it lasts: without last logins nothing is locked for lack of use, and somebody has to know. */
async function tellSilence(
  tx: Tx,
  newest: string | null,
  regulation: Regulation,
  today: string,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const month = today.slice(0, 7);
  if (!(await startPeriod(tx, `logins silent ${regulation.id}`, month, deps.clock.now()))) return [];
  return tellOfficers(tx, regulation, deps, {
    event: `logins-silent/${regulation.id}/${month}`,
    template: 'logins-silent',
    holes: {
      state:
        newest === null
          ? 'Hệ thống chưa nhận được số liệu đăng nhập của hộp thư nào'
          : `Hệ thống không nhận được số liệu đăng nhập mới từ sau ngày ${shortDate(newest)}`,
      ground: cite(regulation, regulation.articles.lock),
    },
  });
}

async function warn(
  tx: Tx,
  matter: LifecycleMatter,
  units: readonly Unit[],
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const { mailbox, since, on } = matter;
  if (!(await startPeriod(tx, `warned ${mailbox.address}`, on, deps.clock.now()))) return [];
  const holes = { since: shortDate(since), lock_date: shortDate(on), last_day: shortDate(addDays(on, -1)) };
  return tellOwner(tx, matter, units, regulation, deps, 'lock-warning', holes);
}

const REASONS: Readonly<Record<LifecycleMatter['reason'], string>> = {
  inactive: 'không được sử dụng quá thời hạn quy định',
  first_password: 'chưa đổi mật khẩu được cấp lần đầu',
  officer: 'theo quyết định của cán bộ quản lý',
};

async function lock(
  tx: Tx,
  matter: LifecycleMatter,
  units: readonly Unit[],
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const { mailbox, reason, source, since } = matter;
  const now = deps.clock.now();
  const about = { unit: mailbox.unit, address: mailbox.address, actor: MACHINE };
  const order = { id: `lock/${mailbox.address}/${matter.on}`, at: now, address: mailbox.address };
  const outcome = await deps.provisioner.carryOut({ ...order, action: 'lock', reason: REASONS[reason] }, tx);
  if (!outcome.done && 'refused' in outcome)
    return [mailboxChanged({ ...about, action: 'lock refused', detail: outcome.refused })];
  await setMailboxState(tx.orm, mailbox.address, 'locked', now, reason);
  const log = [mailboxChanged({ ...about, action: 'locked', detail: `${reason}, ${source}` })];
  if (!regulation.lifecycle.notifyOn.includes('lock')) return log;
  const { deleteAfter } = regulation.lifecycle;
  const holes = {
    since: shortDate(since),
    reason: REASONS[reason],
    today: shortDate(localTime(now).date),
    still_receives: regulation.lifecycle.lockedStillReceives
      ? 'Trong thời gian tạm khóa, hộp thư vẫn nhận thư đến nhưng không đăng nhập được.'
      : '',
    intake:
      regulation.intake.find(({ kind }) => kind === 'request')?.address?.value ??
      regulation.identity.operatorName,
    deletion:
      deleteAfter === undefined
        ? ''
        : 'Nếu tiếp tục không sử dụng quá thời hạn quy định, hộp thư được đưa vào danh sách xem xét xóa.',
  };
  return [...log, ...(await tellOwner(tx, matter, units, regulation, deps, 'locked', holes))];
}

/** The managing unit, and the owner who can still read it before a lock. */
async function tellOwner(
  tx: Tx,
  { mailbox, on, source }: LifecycleMatter,
  units: readonly Unit[],
  regulation: Regulation,
  deps: ActDeps,
  template: 'lock-warning' | 'locked',
  holes: Record<string, string>,
): Promise<LogEvent[]> {
  const unit = units.find(({ code }) => code === mailbox.unit);
  const to = [unit?.mailbox ?? null, template === 'lock-warning' ? mailbox.address : null];
  const article = articleOf(source);
  const log: LogEvent[] = [];
  for (const recipient of new Set(to.filter((address) => address !== null))) {
    const event = `${template}/${mailbox.address}/${on}/${recipient}`;
    log.push(
      ...(await queue(tx, deps, {
        event,
        stem: event.replaceAll(/[^\w-]+/g, '.'),
        folder: regulation.templates,
        template,
        recipient,
        unit: mailbox.unit,
        holes: officeHoles(regulation, {
          ...holes,
          unit: unit?.name ?? '',
          mailbox: mailbox.address,
          // A body's mailbox has no owner to name beside the body.
          also: mailbox.kind === 'unit' ? '' : `; đồng gửi: Ông/Bà ${mailbox.fullName}`,
          owner: mailbox.kind === 'unit' ? '' : ` (${mailbox.fullName})`,
          ground: cite(regulation, article ?? regulation.articles.lock),
        }),
      })),
    );
  }
  return log;
}

/** Candidates only; a filed reason is shown to the officer who decides (HCM-9.1b, requirements.md §8 no. 11). */
async function propose(
  tx: Tx,
  matters: readonly LifecycleMatter[],
  regulation: Regulation,
  today: string,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const fresh: LifecycleMatter[] = [];
  for (const matter of matters) {
    const { mailbox, since, on, source } = matter;
    const row = { address: mailbox.address, since, holdsOn: on, source, proposedAt: deps.clock.now() };
    if (await proposeDeletion(tx, row)) fresh.push(matter);
  }
  if (fresh.length === 0) return [];
  const rows = fresh.map(({ mailbox, since, source }) => [
    mailbox.address,
    mailbox.fullName,
    shortDate(since),
    articleOf(source) ?? source,
  ]);
  return [
    ...fresh.map(({ mailbox }) =>
      decision({ unit: mailbox.unit, outcome: 'deletion proposed', detail: mailbox.address, actor: MACHINE }),
    ),
    ...(await tellOfficers(tx, regulation, deps, {
      event: `deletion/${regulation.id}/${today}`,
      template: 'deletion-candidates',
      holes: {
        count: String(rows.length).padStart(2, '0'),
        rows: { headings: ['Hộp thư', 'Họ và tên', 'Không sử dụng từ', 'Căn cứ'], rows },
      },
    })),
  ];
}
