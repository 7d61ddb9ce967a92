import type postgres from 'postgres';

/** Days of Viet Nam, `first` and `last` inclusive, as "2026-07-01". */
export interface Period {
  readonly name: string;
  readonly first: string;
  readonly last: string;
}

/** "2026", "2026-H1", "2026-Q3", "2026-11" (domain words: năm, sáu tháng, quý, tháng); null for anything else. */
export function periodOf(name: string): Period | null {
  const match = /^(\d{4})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?$/.exec(name);
  if (match === null) return null;
  const year = Number(match[1]);
  const half = Number(match[2] ?? 0);
  const quarter = Number(match[3] ?? 0);
  const month = Number(match[4] ?? 0);
  const start = half > 0 ? half * 6 - 5 : quarter > 0 ? quarter * 3 - 2 : month > 0 ? month : 1;
  const months = half > 0 ? 6 : quarter > 0 ? 3 : month > 0 ? 1 : 12;
  const end = new Date(Date.UTC(year, start - 1 + months, 0)).toISOString().slice(0, 10);
  return { name, first: `${match[1]!}-${String(start).padStart(2, '0')}-01`, last: end };
}

export interface Counts {
  readonly received: number;
  readonly quarantined: number;
  readonly duplicates: number;
  /** Automatic mail. */
  readonly ignored: number;
  readonly refused: number;
  /** By the reason the sender was given. */
  readonly refusedByReason: Readonly<Record<string, number>>;
  readonly connectionsRefused: number;
  readonly noticesSent: number;
  readonly noticesFailed: number;
  readonly provisioned: number;
  readonly errors: number;
}

export interface DossierCounts {
  readonly opened: number;
  readonly closed: number;
  readonly onTime: number;
  /** Closed after its time, or open and overdue at the end of the period (or now). */
  readonly overdue: number;
  readonly openNow: number;
}

export interface Statistics extends Counts {
  readonly period: Period;
  readonly dossiers: DossierCounts;
  readonly byUnit: readonly (DossierCounts & { readonly unit: string; readonly received: number })[];
  readonly byDay: readonly ({ readonly day: string } & Counts)[];
}

interface TallyRow {
  readonly day: string;
  readonly event: string;
  readonly outcome: string;
  readonly n: string;
}

/**
 * A period of whole months in figures: letters and errors from the log's tallies, on time and overdue from the dossiers.
 * Never reads the log itself, and stays when the months are forgotten.
 */
export async function statistics(sql: postgres.ISql, period: Period, now: Date): Promise<Statistics> {
  const rows = await sql<TallyRow[]>`
    select day::text, event, outcome, n from mail_log.tally
    where day between ${period.first}::text::date and ${period.last}::text::date order by day`;
  const received = await receivedByUnit(sql, period);
  const perUnit = await dossiersByUnit(sql, period, now);
  const days = Map.groupBy(rows, ({ day }) => day);
  const units = new Set([...perUnit.keys(), ...received.keys()]);
  units.delete('');
  return {
    period,
    ...countsOf(rows),
    dossiers: [...perUnit.values()].reduce(sumOf, NONE),
    byUnit: [...units].sort().map((unit) => ({
      unit,
      ...(perUnit.get(unit) ?? NONE),
      received: received.get(unit) ?? 0,
    })),
    byDay: [...days].map(([day, ofDay]) => ({ day, ...countsOf(ofDay) })),
  };
}

async function receivedByUnit(sql: postgres.ISql, period: Period): Promise<Map<string, number>> {
  const rows = await sql<{ unit: string; n: string }[]>`
    select unit, sum(n) as n from mail_log.tally_unit
    where month between ${period.first}::text::date and ${period.last}::text::date and event = 'letter.received'
    group by unit`;
  return new Map(rows.map(({ unit, n }) => [unit, Number(n)]));
}

const total = (rows: readonly TallyRow[]): number => rows.reduce((sum, { n }) => sum + Number(n), 0);

function countsOf(rows: readonly TallyRow[]): Counts {
  const of = (...events: readonly string[]): number =>
    total(rows.filter(({ event }) => events.includes(event)));
  const refused = rows.filter(({ event }) => event === 'sender.refused');
  const byReason = Map.groupBy(refused, ({ outcome }) => outcome);
  return {
    received: of('letter.received'),
    quarantined: of('letter.quarantined'),
    duplicates: of('letter.duplicate'),
    ignored: of('letter.ignored'),
    refused: total(refused),
    refusedByReason: Object.fromEntries([...byReason].map(([reason, all]) => [reason, total(all)])),
    connectionsRefused: of('connection.refused'),
    noticesSent: of('notice.sent'),
    noticesFailed: of('notice.failed', 'notice.bounced'),
    provisioned: of('row.provisioned'),
    errors: of('failure', 'row.failed'),
  };
}

const NONE: DossierCounts = { opened: 0, closed: 0, onTime: 0, overdue: 0, openNow: 0 };

const sumOf = (a: DossierCounts, b: DossierCounts): DossierCounts => ({
  opened: a.opened + b.opened,
  closed: a.closed + b.closed,
  onTime: a.onTime + b.onTime,
  overdue: a.overdue + b.overdue,
  openNow: a.openNow + b.openNow,
});

/** The dossiers received in the period. */
async function dossiersByUnit(
  sql: postgres.ISql,
  period: Period,
  now: Date,
): Promise<Map<string, DossierCounts>> {
  const from = new Date(Date.parse(period.first) - 7 * 3_600_000);
  const to = new Date(Date.parse(period.last) + 86_400_000 - 7 * 3_600_000);
  const rows = await sql<(Record<keyof DossierCounts, string> & { unit: string })[]>`
    select unit, count(*) as opened, count(closed_at) as closed,
      count(*) filter (where closed_at is not null and (due_at is null or closed_at <= due_at)) as "onTime",
      count(*) filter (where due_at < coalesce(closed_at, ${now.toISOString()}::timestamptz)) as overdue,
      count(*) filter (where closed_at is null) as "openNow"
    from public.dossier
    where received_at >= ${from.toISOString()}::timestamptz and received_at < ${to.toISOString()}::timestamptz
    group by unit`;
  return new Map(
    rows.map(({ unit, opened, closed, onTime, overdue, openNow }) => [
      unit,
      {
        opened: Number(opened),
        closed: Number(closed),
        onTime: Number(onTime),
        overdue: Number(overdue),
        openNow: Number(openNow),
      },
    ]),
  );
}
