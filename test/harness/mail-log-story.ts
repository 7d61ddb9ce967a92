import { append } from '../../src/mail-log/append.ts';
import type { LogKey } from '../../src/mail-log/checkpoint.ts';
import type { LogEvent } from '../../src/mail-log/event.ts';
import * as log from '../../src/mail-log/events.ts';
import { prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { upsertUnits } from '../../src/store/registry.ts';
import type { OpenDatabase } from '../../src/store/database.ts';

export const UNIT_MAIL = 'snv@quangbinh.gov.vn';
export const INTAKE_MAIL = 'stttt@quangbinh.gov.vn';
export const LETTER = '11111111-1111-4111-8111-111111111111';
export const DOSSIER = 'TN-2026-000007';
export const MESSAGE_ID = '<cv-12@snv.quangbinh.gov.vn>';
export const SUBJECT = 'V/v đề nghị cấp mới hộp thư cho đồng chí Nguyễn Thị Hường';
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** Some weeks of a gateway's life as its log tells them, ending a few minutes before `now`; all is numbered. */
export async function writeStory(db: OpenDatabase, key: LogKey, now: Date): Promise<void> {
  await db.transaction((tx) => upsertUnits(tx, [unit('snv', 'Sở Nội vụ'), unit('stc', 'Sở Tài chính')]));
  await dossiers(db, now);
  await prepareMonths(db.sql, now);
  const write = (before: number, ...events: LogEvent[]) =>
    append(db.sql, new Date(now.getTime() - before), ...events);
  for (let day = 12; day > 0; day--) await ordinaryDay(write, day);
  await theLetter(write);
  await write(
    30 * MINUTE,
    log.letterQuarantined({
      ...mail('stc', 'Danh sách cán bộ'),
      letter: uuid(900),
      unit: 'stc',
      why: 'secrecy mark MẬT',
    }),
    log.failure({ where: 'step check', error: 'Error: connection reset' }),
  );
  await sequenceAll(db.sql, key, now);
}

/** Seven closed in time, two late, three open of which one is overdue; overviews count them. */
async function dossiers(db: OpenDatabase, now: Date): Promise<void> {
  const hours = (n: number | null): string | null =>
    n === null ? null : new Date(now.getTime() + n * 60 * MINUTE).toISOString();
  const rows = Array.from({ length: 12 }, (_, i) => ({
    number: `TN-2026-${String(500 + i).padStart(6, '0')}`,
    unit: i % 3 === 0 ? 'snv' : 'stc',
    due: hours(i === 11 ? -1 : i < 9 ? -5 : 20),
    closed: hours(i < 7 ? -6 : i < 9 ? -2 : null),
  }));
  for (const { number, unit: of, due, closed } of rows)
    await db.sql`insert into dossier (number, regulation, unit, kinds, state, received_at, due_at, closed_at)
      values (${number}, 'vn-quangbinh-41-2015', ${of}, '{}', ${closed === null ? 'officer' : 'completed'},
        ${hours(-30)}::timestamptz, ${due}::timestamptz, ${closed}::timestamptz)`;
}

type Write = (before: number, ...events: LogEvent[]) => Promise<void>;

async function ordinaryDay(write: Write, day: number): Promise<void> {
  for (let n = 0; n < 1 + (day % 4); n++) {
    const letter = uuid(day * 10 + n);
    const dossier = `TN-2026-${String(100 + day * 10 + n).padStart(6, '0')}`;
    const matter = { letter, dossier, unit: 'stc' };
    const recipient = 'stc@quangbinh.gov.vn';
    const at = day * DAY - n * 20 * MINUTE;
    await write(
      at,
      log.letterReceived({ ...mail('stc', `V/v cấp hộp thư đợt ${day}`), letter, unit: 'stc' }),
    );
    await write(at - MINUTE, log.decision({ ...matter, outcome: 'approved', actor: log.MACHINE }));
    const bounced = log.noticeBounced({ ...matter, recipient, error: '550 mailbox full' });
    const sent = log.noticeSent({ ...matter, recipient, answer: '250 2.0.0 Ok' });
    await write(at - 2 * MINUTE, day === 3 ? bounced : sent);
  }
  for (let n = 0; n < (day * 7) % 5; n++) {
    const reasons = ['public_mail', 'unregistered', 'unproven_sender', 'lookalike_domain'];
    const sender = `nguoi-gui-${day}-${n}@gmail.com`;
    const reason = reasons[(day + n) % 4]!;
    const refused = { sender, client: '203.0.113.9', recipient: INTAKE_MAIL, size: 2048 };
    await write(
      day * DAY - n * MINUTE,
      log.senderRefused({ ...refused, reason, detail: '550 5.7.1 khong duoc phep' }),
    );
  }
}

async function theLetter(write: Write): Promise<void> {
  const matter = { letter: LETTER, dossier: DOSSIER, unit: 'snv' };
  const person = 'huongnt.snv@quangbinh.gov.vn';
  const notice = {
    ...matter,
    recipient: UNIT_MAIL,
    messageId: '<tb-7@congthu.localhost>',
    subject: `[${DOSSIER}] Kết quả`,
  };
  await write(90 * MINUTE, log.letterReceived({ ...mail('snv', SUBJECT), letter: LETTER, unit: 'snv' }));
  await write(
    89 * MINUTE,
    log.evidenceFound({
      letter: LETTER,
      unit: 'snv',
      sender: UNIT_MAIL,
      verdict: 'PASSED',
      detail: 'chữ ký số hợp lệ của Sở Nội vụ',
    }),
    log.decision({ ...matter, outcome: 'approved', actor: log.MACHINE, detail: 'QB-4.1' }),
    log.rowProvisioned({
      ...matter,
      address: person,
      kind: 'CREATE_PERSON',
      detail: 'Nguyễn Thị Hường',
      actor: log.MACHINE,
    }),
    log.noticeQueued({ ...notice, template: 'result' }),
  );
  await write(88 * MINUTE, log.noticeSent({ ...notice, answer: '250 2.0.0 Ok: queued as 4F1' }));
  await write(80 * MINUTE, log.deadlineMet({ ...matter, due: new Date('2026-12-01T10:00:00Z') }));
}

const mail = (unitCode: string, subject: string) => ({
  sender: `${unitCode}@quangbinh.gov.vn`,
  recipient: INTAKE_MAIL,
  client: '192.0.2.25',
  size: 84_211,
  subject,
  messageId: subject === SUBJECT ? MESSAGE_ID : `<${subject.length}-${unitCode}@quangbinh.gov.vn>`,
});

const uuid = (n: number): string => `22222222-2222-4222-8222-${String(n).padStart(12, '0')}`;

const unit = (code: string, name: string) => ({
  code,
  name,
  regulation: 'vn-quangbinh-41-2015',
  mailbox: `${code}@quangbinh.gov.vn`,
  parent: null,
  level: 'so',
  abbreviation: code,
});
