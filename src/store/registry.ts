import { and, eq, inArray, isNotNull, max, sql } from 'drizzle-orm';
import { foldName } from '../rules/names.ts';
import type { LockReason, Mailbox, MailboxState, Sender, Unit } from '../rules/registry.ts';
import type { Orm, Tx } from './database.ts';
import { activation, dossierRow, formerMailbox, mailbox, unit } from './schema.ts';

type UnitRow = typeof unit.$inferSelect;
type MailboxRow = typeof mailbox.$inferSelect;
const asUnit = (row: UnitRow): Unit => row;
const asMailbox = (row: MailboxRow): Mailbox => row;

export async function allUnits(orm: Orm): Promise<Unit[]> {
  return (await orm.select().from(unit)).map(asUnit);
}

export async function unitByCode(orm: Orm, code: string): Promise<Unit | null> {
  const [row] = await orm.select().from(unit).where(eq(unit.code, code));
  if (row === undefined) return null;
  const former = await orm.select().from(formerMailbox).where(eq(formerMailbox.unit, code));
  return { ...asUnit(row), formerMailboxes: former.map(({ address }) => address) };
}

/**
 * Who each address is, units that were dissolved among them; the shape of an address says nothing. A unit that was renamed may write from its former address
 * until the day the registry names.
 * @param today ISO date in Việt Nam
 * @returns every address that somebody has; the others are unknown
 */
export async function sendersOf(
  tx: Tx,
  addresses: readonly string[],
  today: string,
): Promise<ReadonlyMap<string, Sender>> {
  if (addresses.length === 0) return new Map();
  const wanted = [...new Set(addresses)];
  // In one statement of one shape, which PostgreSQL prepares once: asked twice for every letter that comes.
  const rows = await tx.sql<SenderRow[]>`
    select 'unit' as source, u.mailbox as address, to_jsonb(u) as unit, null::jsonb as mailbox
    from unit u where u.mailbox = any (${wanted}::text[])
    union all
    select 'former', f.address, to_jsonb(u), null
    from former_mailbox f join unit u on u.code = f.unit and u.active
    where f.address = any (${wanted}::text[]) and (f.valid_to is null or f.valid_to >= ${today})
    union all
    select 'mailbox', m.address, to_jsonb(u), to_jsonb(m)
    from mailbox m left join unit u on u.code = m.unit where m.address = any (${wanted}::text[])`;
  const found = new Map<string, Sender>();
  const units = rows.filter(({ source }) => source === 'unit').map((row) => row.unit!);
  const speaking = (active: boolean): void => {
    for (const one of units) if (one.active === active) found.set(one.mailbox!, { kind: 'unit', unit: one });
  };
  // A dissolved unit is known, so that it is told why it is refused; a unit that was given its address goes before it.
  speaking(false);
  const mailboxes = rows
    .filter(({ source }) => source === 'mailbox')
    .map((row) => ({ ...row, mailbox: readMailbox(row.mailbox!) }));
  for (const { mailbox: own, unit: its } of mailboxes)
    if (own.kind === 'person' && its !== null)
      found.set(own.address, { kind: 'person', mailbox: own, unit: its });
  for (const row of rows)
    if (row.source === 'former') found.set(row.address, { kind: 'unit', unit: row.unit! });
  speaking(true);
  // A mailbox that was ended speaks for nobody any more, whatever the unit's entry says.
  for (const { mailbox: own } of mailboxes) if (own.state === 'cancelled') found.delete(own.address);
  return found;
}

interface SenderRow {
  readonly source: 'unit' | 'former' | 'mailbox';
  readonly address: string;
  readonly unit: Unit | null;
  readonly mailbox: Readonly<Record<string, string | null>> | null;
}

/** From a row as JSON, which names columns and writes moments as PostgreSQL does. */
function readMailbox(row: Readonly<Record<string, string | null>>): Mailbox {
  const moment = (value: string | null = null): Date | null => (value === null ? null : new Date(value));
  return {
    address: row['address']!,
    kind: row['kind'] as Mailbox['kind'],
    fullName: row['full_name']!,
    position: row['position'] ?? null,
    unit: row['unit']!,
    state: row['state'] as MailboxState,
    createdAt: new Date(row['created_at']!),
    lastLogin: moment(row['last_login']),
    lockedAt: moment(row['locked_at']),
    lockReason: row['lock_reason'] as LockReason | null,
  };
}

export async function senderOf(tx: Tx, address: string, today: string): Promise<Sender> {
  return (await sendersOf(tx, [address], today)).get(address) ?? { kind: 'unknown' };
}

export async function mailboxByAddress(orm: Orm, address: string): Promise<Mailbox | null> {
  const [row] = await orm.select().from(mailbox).where(eq(mailbox.address, address));
  return row === undefined ? null : asMailbox(row);
}

export async function mailboxesByAddress(orm: Orm, addresses: readonly string[]): Promise<Mailbox[]> {
  if (addresses.length === 0) return [];
  return (
    await orm
      .select()
      .from(mailbox)
      .where(inArray(mailbox.address, [...addresses]))
  ).map(asMailbox);
}

export async function mailboxesOf(orm: Orm, units: readonly string[]): Promise<Mailbox[]> {
  if (units.length === 0) return [];
  return (
    await orm
      .select()
      .from(mailbox)
      .where(inArray(mailbox.unit, [...units]))
  ).map(asMailbox);
}

/** Which of these local parts are taken in a domain, by mailboxes in any state and by units' own mailboxes. */
export async function takenAddresses(orm: Orm, addresses: readonly string[]): Promise<Set<string>> {
  if (addresses.length === 0) return new Set();
  const boxes = await orm
    .select({ address: mailbox.address })
    .from(mailbox)
    .where(inArray(mailbox.address, [...addresses]));
  const units = await orm
    .select({ address: unit.mailbox })
    .from(unit)
    .where(inArray(unit.mailbox, [...addresses]));
  return new Set([...boxes, ...units].map((row) => row.address!));
}

/** Holds the entry until the transaction ends: two people do not change it at once. */
export async function lockUnit(tx: Tx, code: string): Promise<void> {
  await tx.sql`select 1 from unit where code = ${code} for update`;
}

/** Nobody else changes any unit until the transaction ends: what was compared with all the others stays true. */
export async function lockRegistry(tx: Tx): Promise<void> {
  await tx.sql`lock table unit in share row exclusive mode`;
}

export async function addUnit(tx: Tx, row: typeof unit.$inferInsert): Promise<void> {
  await tx.orm.insert(unit).values(row);
}

export async function changeUnit(
  tx: Tx,
  code: string,
  change: Partial<Omit<typeof unit.$inferInsert, 'code'>>,
): Promise<void> {
  await tx.orm.update(unit).set(change).where(eq(unit.code, code));
}

export async function upsertUnits(tx: Tx, rows: readonly (typeof unit.$inferInsert)[]): Promise<void> {
  const fresh = (name: string) => sql.raw(`excluded.${name}`);
  await tx.orm
    .insert(unit)
    .values([...rows])
    .onConflictDoUpdate({
      target: unit.code,
      set: {
        regulation: fresh('regulation'),
        name: fresh('name'),
        mailbox: fresh('mailbox'),
        parent: fresh('parent'),
        level: fresh('level'),
        abbreviation: fresh('abbreviation'),
        certificates: fresh('certificates'),
        active: fresh('active'),
        successor: fresh('successor'),
      },
    });
}

/** Former addresses of units, as an import states them. */
export async function upsertFormerMailboxes(
  tx: Tx,
  rows: readonly (typeof formerMailbox.$inferInsert)[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.orm
    .insert(formerMailbox)
    .values([...rows])
    .onConflictDoUpdate({
      target: formerMailbox.address,
      set: { unit: sql.raw('excluded.unit'), validTo: sql.raw('excluded.valid_to') },
    });
}

export async function upsertMailboxes(tx: Tx, rows: readonly (typeof mailbox.$inferInsert)[]): Promise<void> {
  const fresh = (name: string) => sql.raw(`excluded.${name}`);
  await tx.orm
    .insert(mailbox)
    .values([...rows])
    .onConflictDoUpdate({
      target: mailbox.address,
      set: {
        kind: fresh('kind'),
        fullName: fresh('full_name'),
        position: fresh('position'),
        unit: fresh('unit'),
        state: fresh('state'),
        createdAt: fresh('created_at'),
        lastLogin: fresh('last_login'),
      },
    });
}

/** Brings the registry's last logins up to what the mail server has written; never back. */
export async function takeLastLogins(tx: Tx): Promise<void> {
  await tx.sql`update mailbox set last_login = to_timestamp(l.last_login)
    from mail.last_login l
    where l.username = mailbox.address
      and (mailbox.last_login is null or mailbox.last_login < to_timestamp(l.last_login))`;
}

/** When each mailbox's password was last set over a link of ours. */
export async function passwordDates(orm: Orm): Promise<ReadonlyMap<string, Date>> {
  const rows = await orm
    .select({ address: activation.address, at: max(activation.usedAt) })
    .from(activation)
    .where(isNotNull(activation.usedAt))
    .groupBy(activation.address);
  return new Map(rows.flatMap(({ address, at }) => (at === null ? [] : [[address, at] as const])));
}

export async function allMailboxes(orm: Orm): Promise<Mailbox[]> {
  return (await orm.select().from(mailbox).orderBy(mailbox.unit, mailbox.address)).map(asMailbox);
}

export async function addMailbox(orm: Orm, row: typeof mailbox.$inferInsert): Promise<void> {
  await orm.insert(mailbox).values(row);
}

export async function setMailboxState(
  orm: Orm,
  address: string,
  state: MailboxState,
  at: Date,
  reason: LockReason | null = null,
): Promise<void> {
  await orm
    .update(mailbox)
    .set({ state, lockedAt: state === 'locked' ? at : null, lockReason: state === 'locked' ? reason : null })
    .where(eq(mailbox.address, address));
}

export async function describeMailbox(
  orm: Orm,
  address: string,
  change: { fullName?: string; position?: string; unit?: string; address?: string },
): Promise<void> {
  await orm.update(mailbox).set(change).where(eq(mailbox.address, address));
}

/** The registered unit of this name gets its first mailbox; a body the registry does not have stays the officer's. */
export async function giveUnitMailbox(tx: Tx, code: string, name: string, address: string): Promise<void> {
  const found = await unitByCode(tx.orm, code);
  if (found?.mailbox !== null || foldName(found.name) !== foldName(name)) return;
  await tx.orm.update(unit).set({ mailbox: address }).where(eq(unit.code, code));
}

/** A unit whose mailbox was renamed writes from the new address; the former one still reaches it and is still known. */
export async function renameUnitMailbox(tx: Tx, address: string, renamed: string): Promise<void> {
  const changed = await tx.orm
    .update(unit)
    .set({ mailbox: renamed })
    .where(eq(unit.mailbox, address))
    .returning({ code: unit.code });
  for (const { code } of changed) await upsertFormerMailboxes(tx, [{ address, unit: code, validTo: null }]);
}

/**
 * Local parts ever given out in a domain: mailboxes in any state, units' own mailboxes, and addresses that rows of
 * other dossiers have been promised. Rows that wait for the end of their day of receipt promise nothing yet (ST-3.4b).
 */
export async function localPartsOf(orm: Orm, domain: string): Promise<Set<string>> {
  const boxes = await orm.select({ address: mailbox.address }).from(mailbox);
  const units = await orm.select({ address: unit.mailbox }).from(unit);
  const promised = await orm
    .select({
      address: sql<string | null>`coalesce(${dossierRow.row} ->> 'newAddress', ${dossierRow.address})`,
    })
    .from(dossierRow)
    .where(
      and(
        inArray(dossierRow.state, ['valid', 'officer', 'waiting', 'ordered']),
        sql`${dossierRow.row} ->> 'allocateAfter' is null`,
        sql`${dossierRow.row} ->> 'kind' in ('CREATE_PERSON', 'CREATE_UNIT', 'CHANGE', 'TRANSFER')`,
      ),
    );
  // A mailbox that was renamed keeps its former address for ever (requirements.md ST-2.3).
  const former = await orm
    .select({ address: sql<string | null>`${dossierRow.row} ->> 'address'` })
    .from(dossierRow)
    .where(and(eq(dossierRow.state, 'done'), sql`${dossierRow.row} ->> 'newAddress' is not null`));
  const suffix = `@${domain}`;
  const inDomain = [...boxes, ...units, ...promised, ...former].flatMap(({ address }) =>
    address?.endsWith(suffix) === true ? [address.slice(0, -suffix.length)] : [],
  );
  return new Set(inDomain);
}
