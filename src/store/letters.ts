import { and, asc, desc, eq, gte, isNotNull, sql } from 'drizzle-orm';
import type postgres from 'postgres';
import type { LetterState } from '../rules/letter.ts';
import type { Orm, Tx } from './database.ts';
import { addBytes } from './letter-bytes.ts';
import { letter } from './schema.ts';

export type Letter = typeof letter.$inferSelect;
export type NewLetter = Pick<
  Letter,
  | 'id'
  | 'receivedAt'
  | 'door'
  | 'client'
  | 'regulation'
  | 'unit'
  | 'sender'
  | 'person'
  | 'messageId'
  | 'size'
  | 'digest'
  | 'kinds'
  | 'facts'
  | 'state'
  | 'reason'
  | 'dueAt'
> &
  Partial<Pick<Letter, 'findings'>>;

/**
 * Writes letters without their bytes; the ids of those that were not here already. In one statement of one shape, which
 * PostgreSQL prepares once: every letter that comes passes here.
 */
export async function addLetters(tx: Tx, rows: readonly NewLetter[]): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const added = await tx.sql<{ id: string }[]>`
    insert into letter (
      id, received_at, door, client, regulation, unit, sender, person, message_id, size, digest, kinds, facts, state, reason,
      findings, due_at
    )
    select
      id, received_at, door, client, regulation, unit, sender, person, message_id, size, decode(digest, 'hex'), kinds, facts,
      state, reason, coalesce(findings, '{}'), due_at
    from jsonb_to_recordset(${JSON.stringify(rows.map(asRecord))}::jsonb) as row (
      id uuid, received_at timestamptz, door text, client text, regulation text, unit text, sender text, person text,
      message_id text, size integer, digest text, kinds text[], facts jsonb, state letter_state, reason text,
      findings jsonb, due_at timestamptz
    )
    on conflict do nothing
    returning id`;
  return new Set(added.map(({ id }) => id));
}

const asRecord = ({ receivedAt, messageId, digest, dueAt, ...same }: NewLetter): Record<string, unknown> => ({
  ...same,
  received_at: receivedAt,
  message_id: messageId,
  digest: digest.toString('hex'),
  due_at: dueAt,
});

/** Writes one letter and its bytes; false when the very same letter is here already. */
export async function addLetter(tx: Tx, row: NewLetter, raw: Buffer): Promise<boolean> {
  const added = await addLetters(tx, [row]);
  if (added.size === 0) return false;
  await addBytes(tx, [{ letter: row.id, size: raw.length, chunks: [raw] }]);
  return true;
}

export async function letterByDigest(orm: Orm, digest: Buffer): Promise<Letter | null> {
  return (await orm.select().from(letter).where(eq(letter.digest, digest)))[0] ?? null;
}

export async function letterById(orm: Orm, id: string): Promise<Letter | null> {
  return (await orm.select().from(letter).where(eq(letter.id, id)))[0] ?? null;
}

/** Letters sealed since a moment that nobody has looked at, but for reports of bad mail. */
export async function sealedSince(
  orm: Orm,
  regulation: string,
  since: Date,
): Promise<Pick<Letter, 'id' | 'unit' | 'receivedAt' | 'reason'>[]> {
  return orm
    .select({ id: letter.id, unit: letter.unit, receivedAt: letter.receivedAt, reason: letter.reason })
    .from(letter)
    .where(
      and(
        eq(letter.regulation, regulation),
        eq(letter.state, 'quarantine'),
        gte(letter.receivedAt, since),
        sql`${letter.kinds} <> array['ABUSE_REPORT']::text[]`,
      ),
    )
    .orderBy(asc(letter.receivedAt));
}

/** A unit's letters with a dossier since a moment: which files they brought and whether they were let through. */
export async function requestsOfUnitSince(
  orm: Orm,
  unit: string,
  since: Date,
): Promise<
  { id: string; dossier: string; documents: { sha256: string; mediaType: string }[]; approved: boolean }[]
> {
  const rows = await orm
    .select({
      id: letter.id,
      dossier: letter.dossier,
      documents: sql<
        { sha256: string; mediaType: string }[] | null
      >`jsonb_path_query_array(${letter.findings}, '$.examine.documents[*]')`,
      approved: sql<boolean>`coalesce(${letter.findings} #>> '{approve,decision}' = 'approved', false)`,
    })
    .from(letter)
    .where(and(eq(letter.unit, unit), isNotNull(letter.dossier), gte(letter.receivedAt, since)))
    .orderBy(desc(letter.receivedAt));
  return rows.map(({ dossier, documents, ...row }) => ({
    ...row,
    dossier: dossier!,
    documents: documents ?? [],
  }));
}

/** A dossier's letters, oldest first. */
export async function lettersOfDossier(orm: Orm, dossier: string): Promise<Letter[]> {
  return orm.select().from(letter).where(eq(letter.dossier, dossier)).orderBy(asc(letter.receivedAt));
}

/** How many questions of a unit were answered since a moment. */
export async function answeredSince(orm: Orm, unit: string, since: Date): Promise<number> {
  const [row] = await orm
    .select({ n: sql<number>`count(*)::int` })
    .from(letter)
    .where(and(eq(letter.unit, unit), eq(letter.state, 'answered'), gte(letter.receivedAt, since)));
  return row?.n ?? 0;
}

/**
 * How many letters of a sender since a moment were found bare (work/register.ts). Whoever asks for the same sender waits
 * until this transaction has ended, so that two runners do not both take theirs for the last one.
 */
export async function bareLettersSince(tx: Tx, sender: string, since: Date): Promise<number> {
  await tx.sql`select pg_advisory_xact_lock(hashtext(${`bare ${sender}`}))`;
  const [row] = await tx.orm
    .select({ n: sql<number>`count(*)::int` })
    .from(letter)
    .where(
      and(
        eq(letter.sender, sender),
        gte(letter.receivedAt, since),
        sql`${letter.findings} #>> '{register,bare}' = 'true'`,
      ),
    );
  return row?.n ?? 0;
}

export async function letterBySignedDigest(orm: Orm, digest: Buffer): Promise<Letter | null> {
  return (await orm.select().from(letter).where(eq(letter.signedDigest, digest)))[0] ?? null;
}

/**
 * Claims one due letter for `leaseMs`. Others skip it (SKIP LOCKED); if the claimer dies, the lease runs out and
 * another takes it. Every claim counts as an attempt.
 */
export async function claimLetter(tx: Tx, now: Date, leaseMs: number): Promise<string | null> {
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const [row] = await tx.sql<{ id: string }[]>`
    update letter set lease_until = ${until}::timestamptz, attempts = attempts + 1
    where id = (
      select id from letter
      where state in ('received','registered','examined','approved','listed','checked')
        and due_at <= ${now.toISOString()}::timestamptz
        and (lease_until is null or lease_until < ${now.toISOString()}::timestamptz)
      order by due_at limit 1 for update skip locked)
    returning id`;
  return row?.id ?? null;
}

export interface Move {
  readonly state: LetterState;
  readonly reason?: string | null;
  readonly dossier?: string;
  /** Where a letter joins a dossier of an earlier version of its regulation. */
  readonly regulation?: string;
  readonly signedDigest?: Buffer | null;
  readonly step: string;
  readonly finding: unknown;
  /** Further findings to replace, by step. */
  readonly findings?: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

/** The guarded change of state: only from the version that was seen; false when somebody else acted meanwhile. */
export async function moveLetter(tx: Tx, seen: Letter, move: Move): Promise<boolean> {
  const findings = JSON.stringify({ ...move.findings, [move.step]: move.finding });
  const rows = await tx.sql`
    update letter set state = ${move.state}, version = version + 1, attempts = 0, kills = 0, lease_until = null,
      reason = ${move.reason ?? null}, regulation = coalesce(${move.regulation ?? null}, regulation), dossier = coalesce(${move.dossier ?? null}, dossier),
      signed_digest = coalesce(${move.signedDigest ?? null}, signed_digest),
      findings = findings || ${findings}::jsonb, due_at = ${move.now.toISOString()}::timestamptz
    where id = ${seen.id} and version = ${seen.version} returning 1`;
  return rows.length === 1;
}

/** Gives a letter back to wait until `dueAt`: what it waits for is no trouble, so this was no attempt. */
export async function letWait(tx: Tx, id: string, dueAt: Date): Promise<void> {
  await tx.orm
    .update(letter)
    .set({ dueAt, leaseUntil: null, attempts: sql`greatest(${letter.attempts} - 1, 0)` })
    .where(eq(letter.id, id));
}

/** Gives a letter back to be tried again at `dueAt`; `killed` counts one more child it has killed. */
export async function postponeLetter(tx: Tx, id: string, dueAt: Date, killed: boolean): Promise<void> {
  await tx.orm
    .update(letter)
    .set({ dueAt, leaseUntil: null, kills: sql`${letter.kills} + ${killed ? 1 : 0}` })
    .where(eq(letter.id, id));
}

/** When the next letter comes due, for a runner that sleeps. */
export async function nextDue(sql: postgres.ISql): Promise<Date | null> {
  const [row] = await sql<{ due: Date | null }[]>`
    select min(greatest(due_at, coalesce(lease_until, due_at))) as due from letter
    where state in ('received','registered','examined','approved','listed','checked')`;
  return row?.due ?? null;
}
