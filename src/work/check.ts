import { randomUUID } from 'node:crypto';
import type { ExaminedLetter } from '../evidence/port.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import type { Approval } from '../rules/approval.ts';
import { checkRows, type CheckedRow, type CheckedRows } from '../rules/check-rows.ts';
import { placeCorrected, type Place } from '../rules/corrections.ts';
import type { RowState } from '../rules/dossier.ts';
import type { MailboxList } from '../rules/mailbox-list.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { RowContext } from '../rules/row-context.ts';
import { ofOneSystem } from '../rules/regulations.ts';
import { rowPermission } from '../rules/row-permission.ts';
import { channelOfUnit } from '../rules/sender-channel.ts';
import type { Tx } from '../store/database.ts';
import {
  addRows,
  changeRow,
  dossierByNumber,
  lockNamespace,
  standingRows,
  type DossierRow,
} from '../store/dossiers.ts';
import { lettersOfDossier, type Letter } from '../store/letters.ts';
import { checkedRow } from './carry-out.ts';
import { completeInformation } from './clock.ts';
import { recordReports } from './record-report.ts';
import { recordReview, type Reviewed } from './record-review.ts';
import type { ActDeps, Case, Step } from './step.ts';
import { worldOf, type World } from './world.ts';

/** Kinds that bring a report and no rows of their own. */
const WITHOUT_ROWS: readonly RequestKind[] = ['USAGE_REPORT'];
const EMPTY: MailboxList = { entries: [], problems: [] };

/** Checks each row against regulation and registry and gives it its place in the dossier. */
export const check: Step<null> = {
  name: 'check',
  look: () => Promise.resolve(null),
  async act(tx, work, _seen, deps) {
    const { letter, regulation } = work;
    // Two letters must not be promised one address.
    await lockNamespace(tx, regulation.id);
    const standing = await standingRows(tx.orm, letter.dossier!);
    const { checked, reviewed } = await rowsOf(tx, work, standing, deps);
    const problems = [...checked.problems, ...reviewed.problems];
    const places = placeCorrected(standing.map(asStanding), checked.rows);
    await addRows(
      tx,
      checked.rows.map((row, position) => newRow(letter, row, position, places[position]!)),
    );
    for (const place of places)
      if (place.place === 'replaces') await changeRow(tx, place.id, { state: 'replaced' });
    const dossier = (await dossierByNumber(tx.orm, letter.dossier!))!;
    const log: LogEvent[] = [
      ...(await completeInformation(tx, dossier, letter.id, regulation, deps)),
      ...(await recordReports(
        tx,
        work,
        dossier,
        { answered: checked.rows.length + problems.length > 0, kept: reviewed.kept },
        deps,
      )),
    ];
    const faulty = checked.rows.filter((row) => !row.ok).length;
    const replaced = places.filter(({ place }) => place === 'replaces').length;
    const detail = `${checked.rows.length} rows, ${faulty} faulty, ${replaced} in place of earlier ones, ${problems.length} problems of the list, ${reviewed.kept} kept`;
    const about = { letter: letter.id, dossier: letter.dossier, unit: letter.unit };
    log.push(decision({ ...about, outcome: 'rows checked', detail, actor: MACHINE }));
    return { course: 'on', finding: { problems, kept: reviewed.kept }, log };
  },
};

const asStanding = (row: DossierRow) => ({ id: row.id, state: row.state, row: checkedRow(row) });

function newRow(letter: Letter, row: CheckedRow, position: number, place: Place) {
  const { state, result } = fateOf(row, place);
  return {
    id: randomUUID(),
    dossier: letter.dossier!,
    letter: letter.id,
    position,
    state,
    address: row.address,
    row,
    result,
    notBefore: row.notBefore,
  };
}

function fateOf(row: CheckedRow, { place }: Place): { state: RowState; result: string | null } {
  if (place === 'settled') return { state: 'replaced', result: 'Đã giải quyết trong hồ sơ này' };
  if (!row.ok) return { state: 'faulty', result: null };
  if (place === 'extra')
    return { state: 'officer', result: 'Dòng không có trong các trường hợp cần chỉnh sửa của hồ sơ' };
  if (row.needsOfficer !== null) return { state: 'officer', result: row.needsOfficer };
  return { state: row.notBefore === null ? 'valid' : 'waiting', result: null };
}

async function rowsOf(
  tx: Tx,
  work: Case,
  standing: readonly DossierRow[],
  deps: ActDeps,
): Promise<{ checked: CheckedRows; reviewed: Reviewed }> {
  const kinds = kindsOf(work);
  const reportOnly = kinds.length > 0 && kinds.every((kind) => WITHOUT_ROWS.includes(kind));
  const list = reportOnly ? EMPTY : (work.letter.findings['read-list'] as MailboxList);
  const { context, world } = await rowContextOf(tx, work, list, standing.length > 0, deps);
  return { checked: checkRows(list, context), reviewed: await recordReview(tx, work.letter, list, world) };
}

const kindsOf = ({ letter }: Case): RequestKind[] =>
  (letter.findings['register'] as { kinds: RequestKind[] }).kinds;

/**
 * What the rows of an approved letter are checked against.
 * @param completes the dossier has rows already
 */
export async function rowContextOf(
  tx: Tx,
  work: Case,
  list: MailboxList,
  completes: boolean,
  deps: ActDeps,
): Promise<{ context: RowContext; world: World }> {
  const { letter, regulation } = work;
  const kinds = kindsOf(work);
  const authority = kinds.includes('AUTHORITY_DECISION');
  const world = await worldOf(tx, work, list, authority);
  const unit = world.units.find(({ code }) => code === letter.unit)!;
  const channel = channelOfUnit(unit, world.person, regulation);
  const { route } = letter.findings['approve'] as Extract<Approval, { decision: 'approved' }>;
  const context: RowContext = {
    regulation,
    unit,
    person: world.person,
    kinds,
    units: world.units,
    mailboxByAddress: (address) =>
      world.named.get(address) ?? world.own.find((box) => box.address === address) ?? null,
    mailboxesOf: (code) => world.own.filter((box) => box.unit === code),
    takenLocalPart: (name) => world.taken.has(name),
    now: deps.clock.now(),
    receivedAt: letter.receivedAt,
    bodyText: await wordsOf(tx, letter),
    completesDossier: completes,
    mayAsk: rowPermission(regulation, channel, route),
    authority: authority && channel === 'authority_mailbox',
    sameSystem: (registered) => ofOneSystem(regulation.id, registered, deps.regulations),
  };
  return { context, world };
}

/** The words of the letter and of the approved ones it completes. */
async function wordsOf(tx: Tx, letter: Letter): Promise<string> {
  const letters = (await lettersOfDossier(tx.orm, letter.dossier!)).filter(
    ({ id, findings }) => id === letter.id || findings['check'] !== undefined,
  );
  return letters
    .map(({ findings }) => findings['examine'] as ExaminedLetter)
    .map(({ subject, bodyText }) => `${subject}\n${bodyText}`)
    .join('\n');
}
