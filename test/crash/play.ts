import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from '../../src/notices/send.ts';
import { unitAddress } from '../harness/many-units.ts';
import { INTAKE, type Stage } from './stage.ts';

export interface PlayOptions {
  readonly letters: number;
  readonly kills: number;
  readonly stops: number;
  readonly senders: number;
  /** The control carries nothing on, so nothing would come to rest. */
  readonly untilRest: boolean;
  /** Between two blows. */
  readonly pauseMs: number;
  readonly progress: (words: string) => void;
}

/** What the end of the play shows. All but the first four must be 0; see README "Crash test". */
export interface Outcome {
  readonly acknowledged: number;
  readonly crashes: number;
  /** Gateways that ended by themselves, e.g. because PostgreSQL went away while they started. */
  readonly ended: number;
  readonly resent: number;
  readonly lost: number;
  readonly duplicateDossiers: number;
  readonly unfinished: number;
  readonly missingNotices: number;
  readonly duplicateNotices: number;
  /** 5xx answers: trouble of ours must never refuse. */
  readonly refused: number;
}

const messageId = (n: number): string => `<${n}@crash.test>`;

function letter(n: number): Buffer {
  const from = unitAddress(n);
  return Buffer.from(
    `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${from}\r\nTo: ${INTAKE}\r\nSubject: =?utf-8?B?${Buffer.from(`V/v cấp mới hộp thư ${n}`).toString('base64')}?=\r\nMessage-ID: ${messageId(n)}\r\n\r\nKinh gui So, so ${n}.\r\n`,
  );
}

/** Sends letters as mail servers do (again until a clear answer) while gateways and PostgreSQL are struck. */
export async function play(stage: Stage, options: PlayOptions): Promise<Outcome> {
  const acknowledged = new Set<number>();
  let resent = 0;
  let refused = 0;
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < options.letters) {
      const n = next;
      next += 1;
      for (let tries = 0; ; tries += 1) {
        const port = stage.smtpPorts[(n + tries) % stage.smtpPorts.length]!;
        const url = `smtp://127.0.0.1:${port}?ignoreTLS=true&connectionTimeout=5000&socketTimeout=40000`;
        const answer = await deliver(url, unitAddress(n), INTAKE, letter(n)).catch(() => null);
        if (answer !== null && answer.code < 300) break;
        if (answer !== null && answer.code >= 500) {
          refused += 1;
          break;
        }
        resent += 1;
        await sleep(200);
      }
      acknowledged.add(n);
    }
  };
  const senders = Array.from({ length: options.senders }, sender);
  const blows = strike(stage, options);
  await Promise.all(senders);
  options.progress(`${acknowledged.size} letters acknowledged, ${resent} sent again`);
  await blows;
  return judge(
    stage,
    [...acknowledged],
    { resent, refused, ended: stage.ended(), crashes: options.kills + options.stops },
    options,
  );
}

async function strike(stage: Stage, { kills, stops, pauseMs, progress }: PlayOptions): Promise<void> {
  const every = stops === 0 ? Infinity : Math.floor(kills / stops);
  for (let k = 0, s = 0; k < kills || s < stops;) {
    await sleep(pauseMs);
    if (k < kills) {
      await stage.killGateway(k % stage.smtpPorts.length);
      k += 1;
    }
    if (s < stops && (k % every === 0 || k === kills)) {
      await stage.crashPostgres();
      s += 1;
    }
    if (k % 10 === 0) progress(`${k} kills of gateways, ${s} stops of PostgreSQL`);
  }
}

/** Leases of the killed run out after 2 and 3 minutes; then everything must have come to rest. */
const REST_MS = 8 * 60_000;

async function judge(
  stage: Stage,
  acknowledged: readonly number[],
  told: Pick<Outcome, 'resent' | 'refused' | 'ended' | 'crashes'>,
  { progress, untilRest }: PlayOptions,
): Promise<Outcome> {
  const db = await stage.look();
  const count = async (query: Promise<readonly { count: number }[]>): Promise<number> =>
    (await query)[0]!.count;
  const underWay = (): Promise<number> =>
    count(db.sql`select (
        (select count(*) from letter where state in ('received','examined','registered','approved','listed','checked'))
      + (select count(*) from notice where state in ('queued','sending')))::int as count`);
  const until = untilRest ? Date.now() + REST_MS : 0;
  for (let left = await underWay(); left > 0 && Date.now() < until; left = await underWay()) {
    progress(`${left} letters and notices still under way`);
    await sleep(3000);
  }
  const rows = await db.sql<{ message_id: string; dossier: string | null; state: string }[]>`
    select message_id, dossier, state from letter`;
  const byId = Map.groupBy(rows, (row) => row.message_id);
  const lost = acknowledged.filter((n) => !byId.has(messageId(n))).length;
  const dossiers = rows.map(({ dossier }) => dossier).filter((dossier) => dossier !== null);
  const duplicateDossiers =
    rows.length -
    byId.size +
    (dossiers.length - new Set(dossiers).size) +
    (await count(
      db.sql`select count(*)::int as count from dossier where number not in (select dossier from letter where dossier is not null)`,
    ));
  const unfinished = (await underWay()) + rows.filter(({ state }) => state === 'officer').length;
  const notices = await db.sql<{ message_id: string }[]>`select message_id from notice`;
  const missingNotices =
    notices.filter(({ message_id: id }) => !stage.arrived.has(id)).length +
    (await count(db.sql`select count(*)::int as count from letter l
      where not exists (select 1 from notice n where n.letter = l.id and n.template = 'received')
         or not exists (select 1 from notice n where n.letter = l.id and n.template <> 'received')`));
  const duplicateNotices = [...stage.arrived.values()].reduce((sum, times) => sum + times - 1, 0);
  await db.close();
  return {
    acknowledged: acknowledged.length,
    ...told,
    lost,
    duplicateDossiers,
    unfinished,
    missingNotices,
    duplicateNotices,
  };
}
