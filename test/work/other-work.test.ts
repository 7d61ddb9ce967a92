import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openManualOrders } from '../../src/store/manual-orders.ts';
import {
  closeNotice,
  decideDeletion,
  decideOrder,
  openLines,
  recordAnswer,
  sendNoticeAgain,
} from '../../src/work/desk/other-work.ts';
import { backlog } from '../../src/store/backlog.ts';
import { undelivered } from '../../src/store/notices.ts';
import { openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Nội dung đề nghị'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
const LAN = { name: 'lan', fullName: 'Nguyễn Thị Lan' };
const MINH = { name: 'minh', fullName: 'Trần Văn Minh' };

describe('mailboxes that people make (target `manual`)', () => {
  const UNIT = 'snv@quangbinh.gov.vn';
  let office: Office;
  let id: string | null;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      env: { CONGTHU_PROVISIONER: 'manual', CONGTHU_SIGN_REPLIES: 'yes' },
    });
  }, 60_000);
  afterAll(() => office.close());
  const orders = () => office.db.transaction((tx) => openManualOrders(tx.orm));
  const outcomes = async () =>
    (await office.log('decision'))
      .map((entry) => JSON.parse(entry) as Record<string, string>)
      .filter(({ outcome }) => outcome!.startsWith('manual order'));

  test('each row becomes an order; the unit reads Vietnamese, and no word of a link', async () => {
    const list = [
      HEAD,
      [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401', 'Cấp mới'],
      [2, 'Lê Quang Cường', 'Chuyên viên', '0905123402', 'Cấp mới'],
    ];
    ({ id } = await office.send({ from: UNIT, subject: SUBJECT, list }));
    expect(await office.letter(id)).toMatchObject({ state: 'officer' });
    expect((await orders()).map(({ action, address }) => `${action} ${address}`).toSorted()).toEqual([
      'create binhtt.snv@quangbinh.gov.vn',
      'create cuonglq.snv@quangbinh.gov.vn',
    ]);
    const words = (await office.told()).map(({ text }) => text).join('\n');
    expect(words).not.toContain('waits for an officer');
    expect(words).not.toContain('{{activation:');
  });

  test('of two officers one ticks an order off; the row is carried out and told, the other learns of it', async () => {
    const [first] = await orders();
    const both = await Promise.all([
      decideOrder(first!, null, LAN, office.deps),
      decideOrder(first!, 'không còn chỗ', MINH, office.deps),
    ]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
    expect(await orders()).toHaveLength(1);
    expect(await outcomes()).toHaveLength(1);
    expect(await office.letter(id)).toMatchObject({ state: 'officer' });
  });

  test('a refusal needs its reason; when the last order is decided the officer sees what is left', async () => {
    const [last] = await orders();
    expect(await decideOrder(last!, 'x', LAN, office.deps)).toMatchObject({ result: 'problems' });
    expect(await orders()).toHaveLength(1);
    expect(await decideOrder(last!, null, LAN, office.deps)).toMatchObject({ result: 'done' });
    const { dossier } = await office.letter(id);
    const rows = await office.rows(dossier);
    const decided = await outcomes();
    expect(decided.every(({ dossier: of, letter }) => of === dossier && letter === id)).toBe(true);
    // Whichever of the two officers was first with the other row.
    const refused = decided.some(({ outcome }) => outcome === 'manual order refused');
    expect(rows.filter((row) => row.endsWith('done'))).toHaveLength(refused ? 1 : 2);
    expect((await office.letter(id)).state).toBe(refused ? 'officer' : 'completed');
    expect((await office.told()).map(({ template }) => template)).toContain('completed');
  });

  test('an order that never was is nobody’s', async () => {
    const ghost = { id: 'a’ or 1=1', action: 'create' };
    expect(await decideOrder(ghost, null, LAN, office.deps)).toMatchObject({ result: 'conflict' });
  });
});

describe('Quảng Bình: deletions and notices', () => {
  const UNIT = 'snv@quangbinh.gov.vn';
  const OLD = 'annv.snv@quangbinh.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      mailboxes: [{ address: OLD, unit: 'snv' }],
      env: { CONGTHU_SIGN_REPLIES: 'yes' },
    });
    await office.db.sql`insert into deletion_candidate (address, since, holds_on, source, proposed_at)
      values (${OLD}, '2025-01-01', '2025-07-01', 'QB-7.1', now())`;
  }, 60_000);
  afterAll(() => office.close());

  test('a deletion is decided once', async () => {
    const both = await Promise.all([
      decideDeletion(OLD, true, LAN, office.deps),
      decideDeletion(OLD, false, MINH, office.deps),
    ]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
    expect(await decideDeletion(OLD, true, LAN, office.deps)).toMatchObject({ result: 'conflict' });
    expect(await decideDeletion('ai@quangbinh.gov.vn', true, LAN, office.deps)).toMatchObject({
      result: 'conflict',
    });
  });

  test('a notice that bounced is sent again as it was, once; one that is on its way is left alone', async () => {
    const list = [HEAD, [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401', 'Cấp mới']];
    await office.send({ from: UNIT, subject: SUBJECT, list });
    const { sql } = office.db;
    const [notice] = await sql<{ id: string; message_id: string }[]>`
      select id, message_id from notice where template = 'completed'`;
    const state = async () =>
      (await sql`select state, attempts, message_id from notice where id = ${notice!.id}`)[0];
    const again = () => sendNoticeAgain(notice!.id, LAN, office.deps);
    expect(await again()).toMatchObject({ result: 'conflict' });
    await sql`update notice set state = 'bounced', attempts = 3, last_error = '550' where id = ${notice!.id}`;
    expect(await again()).toMatchObject({ result: 'done' });
    expect(await state()).toEqual({ state: 'queued', attempts: 0, message_id: notice!.message_id });
    const entry = (await office.log('decision')).find((one) => one.includes('notice sent again'))!;
    expect(JSON.parse(entry)).toMatchObject({ actor: 'lan' });
    expect(entry).toContain(UNIT);
    expect(await again()).toMatchObject({ result: 'conflict' });
    expect(await sendNoticeAgain('không có', LAN, office.deps)).toMatchObject({ result: 'conflict' });
  });

  test('not with links that have ended: it stays where it is and the officer is told what to do', async () => {
    const { sql } = office.db;
    await sql`update notice set state = 'failed' where template = 'completed'`;
    office.at('2026-04-02T08:00:00+07:00');
    const [{ id }] = await sql<[{ id: string }]>`select id from notice where template = 'completed'`;
    const done = await sendNoticeAgain(id, LAN, office.deps);
    expect(done.result === 'problems' && done.problems[0]).toContain('cấp lại mật khẩu');
    expect(await sql`select state from notice where id = ${id}`).toEqual([{ state: 'failed' }]);
  });
});

describe('a notice that did not arrive and need not', () => {
  const UNIT = 'snv@quangbinh.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    });
    await office.send({
      from: UNIT,
      subject: SUBJECT,
      list: [HEAD, [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401', 'Cấp mới']],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('it is closed once, with a reason that stands in the log, and is neither listed, counted nor sent again', async () => {
    const { sql } = office.db;
    const [notice] = await sql<{ id: string }[]>`select id from notice where template = 'received'`;
    const id = notice!.id;
    const close = (reason: string, who = LAN) => closeNotice(id, reason, who, office.deps);
    expect(await close('đã báo qua điện thoại')).toMatchObject({ result: 'conflict' });
    await sql`update notice set state = 'bounced', last_error = '550 5.1.1 unknown' where id = ${id}`;
    const listed = () => office.db.transaction((tx) => undelivered(tx.orm));
    const counted = async () => (await backlog(sql, office.deps.clock.now())).notices.bounced;
    expect([await counted(), (await listed()).length]).toEqual([1, 1]);
    expect(await close(' ')).toMatchObject({ result: 'problems' });
    const both = await Promise.all([close('đã báo qua điện thoại'), close('trùng', MINH)]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
    expect([await counted(), (await listed()).length]).toEqual([0, 0]);
    expect(await sendNoticeAgain(id, LAN, office.deps)).toMatchObject({ result: 'conflict' });
    const entries = (await office.log('decision')).filter((one) => one.includes('notice closed'));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toContain(both[0].result === 'done' ? 'đã báo qua điện thoại' : 'trùng');
    expect(await sql`select state, closed_by is not null as closed from notice where id = ${id}`).toEqual([
      { state: 'bounced', closed: true },
    ]);
  });
});

describe('Sóc Trăng: the executor’s answer came by telephone (ST-4.2)', () => {
  const STC = 'stc@soctrang.gov.vn';
  const CENTRE = 'ttcns.sotttt@soctrang.gov.vn';
  let office: Office;
  let order: string;
  let id: string | null;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-soctrang-59-2024',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'stc', name: 'Sở Tài chính', mailbox: STC },
        { code: 'ttcns', name: 'Trung tâm Công nghệ số', mailbox: CENTRE, level: 'phong' },
      ],
    });
    const list = [
      HEAD,
      [1, 'Dương Chí Nguyên', 'Chuyên viên', '0905123401', 'Cấp mới'],
      [2, 'Lê Văn Bình', 'Chuyên viên', '0905123402', 'Cấp mới'],
    ];
    ({ id } = await office.send({ from: STC, subject: SUBJECT, list }));
    office.at('2026-03-03T06:00:00+07:00');
    await office.work();
    order = (await office.db.sql<{ number: string }[]>`select number from work_order`)[0]!.number;
    await office.told();
  }, 60_000);
  afterAll(() => office.close());
  const record = (...lines: { line: number; done?: boolean; address?: string; reason?: string }[]) =>
    recordAnswer(
      order,
      lines.map((line) => ({ done: true, address: null, reason: null, ...line })),
      LAN,
      office.deps,
    );

  test('line by line, with reasons; each unit hears its own results, a line is answered once', async () => {
    expect(await record()).toMatchObject({ result: 'problems' });
    expect(await record({ line: 1, done: false })).toMatchObject({ result: 'problems' });
    const twice = await Promise.all([record({ line: 1 }), record({ line: 1 })]);
    expect(twice.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
    expect((await office.db.transaction((tx) => openLines(tx, order))).map(({ line }) => line)).toEqual([2]);
    const told = await office.told();
    expect(told.map(({ template, recipient }) => `${template} ${recipient}`)).toEqual([`completed ${STC}`]);
    const refused = { line: 2, done: false, reason: 'Trùng người đã có hộp thư' };
    expect(await record(refused)).toMatchObject({ result: 'done' });
    const { dossier, state } = await office.letter(id);
    expect(await office.rows(dossier)).toEqual([
      'dcnguyen@soctrang.gov.vn done',
      'lvbinh@soctrang.gov.vn failed',
    ]);
    expect(state).toBe('officer');
    expect(await record({ line: 2 })).toMatchObject({ result: 'conflict' });
    const entry = (await office.log('decision')).find((one) => one.includes('"order answered"'))!;
    expect(JSON.parse(entry)).toMatchObject({ actor: 'lan' });
  });
});
