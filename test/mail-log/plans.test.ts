import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sequenceAll } from '../../src/mail-log/sequencer.ts';
import { runConsole, visitor, type RunningConsole } from '../harness/console.ts';
import { DOSSIER, LETTER, MESSAGE_ID, UNIT_MAIL, writeStory } from '../harness/mail-log-story.ts';

/**
 * No page of the auditor reads a month: every statement a page sends is explained with the figures it really made, on
 * a log whose months hold far more entries than a page may look at.
 */
const MONTH = 12_000;
const MONTHS = 4;
/** The probe over the newest entries (search.ts) reads 5,000, its index a few beside them. */
const MOST_ROWS = 6_000;
let run: RunningConsole;
let auditor: ReturnType<typeof visitor>;

beforeAll(async () => {
  run = await runConsole();
  await writeStory(run.db, run.key, run.clock.now());
  const { sql } = run.db;
  for (let back = 0; back < MONTHS; back++)
    await sql`select mail_log.ensure_month(now() - make_interval(months => ${back}))`;
  await sql.begin(async (tx) => {
    await tx`create temp table filling on commit drop as
    select now() - make_interval(secs => n * ${(MONTHS * 28 * 86_400) / (MONTHS * MONTH)}::float8) as at, gen_random_uuid() as id,
      json_build_object('at', now(), 'event', 'letter.received', 'letter', 'x' || n / 8, 'outcome', 'accepted', 'sender',
        'unit' || n % 50 || '@quangbinh.gov.vn', 'subject', 'V/v đề nghị cấp hộp thư số ' || n, 'unit', 'unit' || n % 50)::text as entry
    from generate_series(1, ${MONTHS * MONTH}) as n`;
    await tx`insert into mail_log.mail_event (at, id, entry, salt, leaf)
    select at, id, entry, decode(repeat('00', 16), 'hex'), sha256(convert_to(entry, 'UTF8')) from filling`;
    await tx`insert into mail_log.pending (at, id, leaf)
    select at, id, sha256(convert_to(entry, 'UTF8')) from filling order by at`;
  });
  await sequenceAll(sql, run.key, run.clock.now());
  for (const table of ['mail_event', 'sequenced', 'pending', 'tile', 'tally', 'tally_unit'])
    await sql.unsafe(`vacuum analyze mail_log.${table}`);
  auditor = visitor(run.url);
  await auditor.login(await run.account('kiem', 'auditor'));
}, 180_000);
afterAll(() => run.close());

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

/** Rows of the log's months that a plan touched. */
function touched(plan: Plan): number {
  const own = /^(mail_event|sequenced)_/.test(plan['Relation Name'] ?? '')
    ? (plan['Actual Rows'] +
        (plan['Rows Removed by Filter'] ?? 0) +
        (plan['Rows Removed by Index Recheck'] ?? 0)) *
      plan['Actual Loops']
    : 0;
  return own + (plan.Plans ?? []).reduce((sum, below) => sum + touched(below), 0);
}

/** The statements that a page sends, as the server saw them. */
async function statementsOf(page: string): Promise<{ text: string; parameters: unknown[] }[]> {
  const seen: { text: string; parameters: unknown[] }[] = [];
  const options = run.db.sql.options as { debug: unknown };
  const before = options.debug;
  options.debug = (_connection: number, text: string, parameters: unknown[]) =>
    seen.push({ text, parameters });
  try {
    const { status } = await auditor.get(page);
    expect(status, page).toBe(200);
  } finally {
    options.debug = before;
  }
  return seen.filter(({ text }) => text.includes('mail_log.') && !/\b(insert|update|delete)\b/.test(text));
}

async function rowsOf({ text, parameters }: { text: string; parameters: unknown[] }): Promise<number> {
  const values = parameters as postgres.ParameterOrJSON<never>[];
  const [row] = await run.db.sql.unsafe(`explain (analyze, format json) ${text}`, values);
  const [{ Plan: plan }] = (row as unknown as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'];
  return touched(plan);
}

const ask = (fields: Record<string, string>): string => `/nhat-ky?${new URLSearchParams(fields).toString()}`;
test.each([
  '/nhat-ky',
  ask({ q: 'de nghi cap hop thu' }),
  ask({ q: 'nguyen thi huong' }),
  ask({ q: 'số 777' }),
  ask({ q: 'khong-co-tu-nay' }),
  ask({ gui: UNIT_MAIL }),
  ask({ dv: 'unit7', q: 'hop thu' }),
  ask({ q: MESSAGE_ID }),
  ask({ so: DOSSIER }),
  ask({
    tu: new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10),
    den: new Date(Date.now() - 39 * 86_400_000).toISOString().slice(0, 10),
  }),
  ask({ 'su-kien': 'tat-ca' }),
  `/nhat-ky/ho-so/${DOSSIER}`,
  `/nhat-ky/thu/${LETTER}`,
  '/nhat-ky/muc/3',
  '/nhat-ky/thang',
  `/nhat-ky/thang?ky=${new Date().getFullYear()}`,
  '/nhat-ky/kiem-chung',
  '/nhat-ky/truy-cap',
])('%s never reads a month', async (page) => {
  const statements = await statementsOf(page);
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of statements) expect(await rowsOf(statement), statement.text).toBeLessThan(MOST_ROWS);
});

test('a statement that does read a month is caught', async () => {
  const scan = { text: `select count(*) from mail_log.mail_event where entry like '%x%'`, parameters: [] };
  expect(await rowsOf(scan)).toBeGreaterThan(MOST_ROWS);
});
