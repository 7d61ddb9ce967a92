import { append } from '../../mail-log/append.ts';
import { logExported, logRead } from '../../mail-log/events.ts';
import type { Inside } from '../deps.ts';
import { me, type Page } from '../web.ts';

/** Every look into the log stands in the log, before it is shown (threats.md "log search by an insider"). */
export async function recordRead(
  c: Page,
  { db, clock }: Inside,
  what: string,
  result: string,
): Promise<void> {
  const { client } = c.get('visit');
  await append(db.sql, clock.now(), logRead({ what, result, actor: me(c).name, client }));
}

export async function recordExport(
  c: Page,
  { db, clock }: Inside,
  what: string,
  result: string,
): Promise<void> {
  const { client } = c.get('visit');
  await append(db.sql, clock.now(), logExported({ what, result, actor: me(c).name, client }));
}
