import type postgres from 'postgres';

/**
 * Counts entries as they get their numbers: by day (Viet Nam), event and outcome, and by month, event and unit. Outcomes
 * are counted by for the events whose outcomes are a short list; `count` is respected where one entry stands for many.
 */
export async function count(
  tx: postgres.ISql,
  ats: readonly string[],
  ids: readonly string[],
): Promise<void> {
  await tx`
    with entries as materialized (
      select (e.at at time zone 'Asia/Ho_Chi_Minh')::date as day, e.event, coalesce(e.unit, '') as unit,
        case when e.event = any (${COUNTED_BY_OUTCOME}) then coalesce(left(e.entry::json ->> 'outcome', 100), '') else '' end as outcome,
        case when e.event = any (${MANY_IN_ONE}) then coalesce((e.entry::json ->> 'count')::bigint, 1) else 1 end as n
      from unnest(${[...ats]}::timestamptz[], ${[...ids]}::uuid[]) as batch (at, id)
      join mail_log.mail_event e on e.at = batch.at and e.id = batch.id
    ), of_units as (
      insert into mail_log.tally_unit (month, event, unit, n)
      select date_trunc('month', day::timestamp)::date as month, event, unit, sum(n) from entries where unit <> ''
      group by 1, event, unit
      on conflict (month, event, unit) do update set n = mail_log.tally_unit.n + excluded.n
    )
    insert into mail_log.tally (day, event, outcome, n)
    select day, event, outcome, sum(n) from entries group by day, event, outcome
    on conflict (day, event, outcome) do update set n = mail_log.tally.n + excluded.n`;
}

const COUNTED_BY_OUTCOME = [
  'connection.refused',
  'sender.refused',
  'letter.ignored',
  'decision',
  'row.provisioned',
  'evidence.found',
  'mail.transferred',
  'job.run',
  'deadline.missed',
];
const MANY_IN_ONE = ['connection.refused', 'sender.refused', 'login.failed', 'failure'];
