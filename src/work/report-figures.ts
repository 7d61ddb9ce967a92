import { statistics } from '../mail-log/statistics.ts';
import { localTime } from '../rules/calendar.ts';
import type { Mailbox, Unit } from '../rules/registry.ts';
import type { Regulation, RequestKind } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import {
  dossiersReceived,
  rowsOfDossiers,
  unitsThatReported,
  type CountedDossier,
} from '../store/figures.ts';
import type { Tx } from '../store/database.ts';
import { allMailboxes, allUnits } from '../store/registry.ts';
import type { CheckedRow } from '../rules/check-rows.ts';

/** Days of Việt Nam, both included, ISO dates. */
export interface ReportPeriod {
  readonly first: string;
  readonly last: string;
}

interface Boxes {
  readonly total: number;
  readonly units: number;
  readonly persons: number;
  readonly active: number;
  readonly pending: number;
  readonly locked: number;
  /** Made in the period. */
  readonly created: number;
  /** Logged in since the first day of the period. */
  readonly used: number;
}

interface Requests {
  readonly received: number;
  readonly completed: number;
  readonly refused: number;
  readonly open: number;
  readonly onTime: number;
  /** Past a deadline of the regulation; internal targets are counted apart (requirements.md §6.7). */
  readonly overdue: number;
  readonly pastTarget: number;
}

export interface UnitFigures {
  readonly code: string;
  readonly name: string;
  readonly boxes: Boxes;
  readonly requests: Requests;
  readonly reported: boolean;
}

/** Use of the system in figures (HCM-10.4, HCM-15.1b, QB-16.9, ST-10.3), by unit for HCM-16. */
export interface ReportFigures {
  readonly regulation: string;
  readonly period: ReportPeriod;
  readonly boxes: Boxes;
  readonly requests: Requests;
  /** Dossiers by what they ask first. */
  readonly byKind: Readonly<Partial<Record<RequestKind | 'unknown', number>>>;
  /** Mailboxes carried out in these dossiers, by kind of request. */
  readonly doneByKind: Readonly<Partial<Record<RequestKind, number>>>;
  /** Letters of the whole gateway refused at the door, by reason. */
  readonly refusedByReason: Readonly<Record<string, number>>;
  readonly sealed: number;
  /** The units that use their mailboxes most first (HCM-16): by share, then by number. */
  readonly units: readonly UnitFigures[];
}

const midnight = (date: string): Date => new Date(`${date}T00:00:00+07:00`);

export async function reportFigures(
  tx: Tx,
  regulation: Regulation,
  period: ReportPeriod,
  now: Date,
  regulations: readonly Regulation[],
): Promise<ReportFigures> {
  const from = midnight(period.first);
  const to = new Date(midnight(period.last).getTime() + 86_400_000);
  const today = localTime(now).date;
  const units = (await allUnits(tx.orm)).filter((unit) =>
    governs(regulation, unit.regulation, today, regulations),
  );
  const codes = units.map(({ code }) => code);
  const boxes = (await allMailboxes(tx.orm)).filter(({ unit }) => codes.includes(unit));
  const dossiers = await dossiersReceived(tx.orm, codes, from, to);
  const reported = await unitsThatReported(tx.orm, from, to);
  const rows = await rowsOfDossiers(
    tx.orm,
    dossiers.map(({ number }) => number),
  );
  const log = await statistics(tx.sql, { name: `${period.first}/${period.last}`, ...period }, now);
  const span = { from, to, now };
  return {
    regulation: regulation.id,
    period,
    boxes: boxesOf(boxes, span),
    requests: requestsOf(dossiers, span),
    byKind: counted(dossiers.map(({ kinds }) => kinds[0] ?? 'unknown')),
    doneByKind: counted(
      rows
        .filter(({ state }) => state === 'done')
        .flatMap(({ row }) => (row as Pick<CheckedRow, 'kind'>).kind ?? []),
    ),
    refusedByReason: log.refusedByReason,
    sealed: log.quarantined,
    units: ranked(units, boxes, dossiers, reported, span),
  };
}

interface Span {
  readonly from: Date;
  readonly to: Date;
  readonly now: Date;
}

function boxesOf(all: readonly Mailbox[], { from, to }: Span): Boxes {
  const boxes = all.filter(({ state, createdAt }) => state !== 'cancelled' && createdAt < to);
  const count = (test: (box: Mailbox) => boolean): number => boxes.filter(test).length;
  return {
    total: boxes.length,
    units: count(({ kind }) => kind === 'unit'),
    persons: count(({ kind }) => kind === 'person'),
    active: count(({ state }) => state === 'active'),
    pending: count(({ state }) => state === 'pending'),
    locked: count(({ state }) => state === 'locked'),
    created: all.filter(({ createdAt }) => createdAt >= from && createdAt < to).length,
    used: count(({ lastLogin }) => lastLogin !== null && lastLogin >= from),
  };
}

function requestsOf(dossiers: readonly CountedDossier[], { now }: Span): Requests {
  const count = (test: (dossier: CountedDossier) => boolean): number => dossiers.filter(test).length;
  const late = ({ dueAt, closedAt }: CountedDossier): boolean => dueAt !== null && dueAt < (closedAt ?? now);
  return {
    received: dossiers.length,
    completed: count(({ state }) => state === 'completed'),
    refused: count(({ state }) => state === 'refused'),
    open: count(({ state }) => state !== 'completed' && state !== 'refused'),
    onTime: count((one) => one.closedAt !== null && !late(one)),
    overdue: count((one) => late(one) && one.dueLegal === true),
    pastTarget: count((one) => late(one) && one.dueLegal !== true),
  };
}

function counted<K extends string>(keys: readonly K[]): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function ranked(
  units: readonly Unit[],
  boxes: readonly Mailbox[],
  dossiers: readonly CountedDossier[],
  reported: ReadonlySet<string>,
  span: Span,
): UnitFigures[] {
  const figures = units
    .filter(({ active }) => active)
    .map(({ code, name }) => ({
      code,
      name,
      boxes: boxesOf(
        boxes.filter(({ unit }) => unit === code),
        span,
      ),
      requests: requestsOf(
        dossiers.filter(({ unit }) => unit === code),
        span,
      ),
      reported: reported.has(code),
    }));
  const share = ({ used, total }: Boxes): number => (total === 0 ? -1 : used / total);
  return figures.sort(
    (a, b) =>
      share(b.boxes) - share(a.boxes) || b.boxes.used - a.boxes.used || a.name.localeCompare(b.name, 'vi'),
  );
}
