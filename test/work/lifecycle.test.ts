import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decideOnDeletion } from '../../src/work/delete-mailbox.ts';
import { openOffice, type Office } from '../harness/office.ts';

describe('Ho Chi Minh City: mailboxes nobody uses (HCM-9.1, HCM-9.3b)', () => {
  const UNIT = 'stc@tphcm.gov.vn';
  const box = (name: string) => `${name}.stc@tphcm.gov.vn`;
  let office: Office;
  beforeAll(async () => {
    const used = (iso: string) => ({ createdAt: new Date('2024-01-01T00:00:00Z'), lastLogin: new Date(iso) });
    office = await openOffice({
      regulation: 'vn-hcm-41-2011',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'stc', name: 'Sở Tài chính', mailbox: UNIT }],
      mailboxes: [
        { address: box('warned'), unit: 'stc', ...used('2025-12-10T02:00:00Z') },
        { address: box('idle'), unit: 'stc', ...used('2025-12-01T02:00:00Z') },
        { address: box('excused'), unit: 'stc', ...used('2025-12-01T02:00:00Z') },
        { address: box('gone'), unit: 'stc', ...used('2025-08-20T02:00:00Z') },
        {
          address: box('first'),
          unit: 'stc',
          state: 'pending',
          createdAt: new Date('2026-02-20T00:00:00Z'),
          lastLogin: new Date('2026-02-27T02:00:00Z'),
        },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());
  const state = async (name: string): Promise<string> => {
    const [row] = await office.db.sql<
      { state: string }[]
    >`select state from mailbox where address = ${box(name)}`;
    return row!.state;
  };

  test('a stated reason holds back the lock', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v thông báo lý do không sử dụng hộp thư điện tử',
      text: `Đề nghị ghi nhận lý do không sử dụng hộp thư ${box('excused')} do cán bộ đi học dài hạn, nhu cầu giữ hộp thư để phục vụ công tác. Đề nghị không khóa, cấp lại khi trở về.`,
      signed: false,
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const [absence] = await office.db.sql`select address from absence`;
    expect(absence).toEqual({ address: box('excused') });
  });

  test('the morning job warns, locks, proposes deletion and tells; a second round changes nothing', async () => {
    await office.told();
    await Promise.all([office.jobs(), office.jobs()]); // two gateways at once
    expect(await state('warned')).toBe('active');
    expect(await state('idle')).toBe('locked');
    expect(await state('gone')).toBe('locked');
    expect(await state('first')).toBe('locked');
    expect(await state('excused')).toBe('active');
    const told = await office.told();
    const about = (template: string) =>
      told.filter((one) => one.template === template).map(({ text }) => text);
    expect(about('lock-warning')).toHaveLength(2); // unit and owner
    expect(about('locked').join()).toContain(box('idle'));
    expect(about('locked')).toHaveLength(3);
    expect(about('deletion-candidates').join()).toContain(box('gone'));
    expect(await office.log('mailbox.changed')).toHaveLength(3);
    await office.jobs();
    expect(await office.told()).toEqual([]);
    const [target] = await office.db
      .sql`select locked_reason is not null as locked from mail.mailbox where username = ${box('idle')}`;
    expect(target).toEqual({ locked: true });
  });

  test('[HCM-9.3b] reopening asked too early is accepted, dated, and done on its day', async () => {
    const ask = (name: string) =>
      office.send({
        from: UNIT,
        subject: 'V/v đề nghị mở lại hộp thư bị khóa',
        text: `Do cán bộ trở lại công tác, có nhu cầu sử dụng để phục vụ công việc, đề nghị mở lại hộp thư ${box(name)}.`,
        signed: false,
      });
    office.at('2026-03-03T09:00:00+07:00');
    const early = await office.letter((await ask('first')).id);
    expect(early.state).toBe('scheduled');
    expect(await office.rows(early.dossier)).toEqual([`${box('first')} waiting`]);
    expect((await office.told()).find(({ template }) => template === 'scheduled')!.text).toContain(
      '07/03/2026',
    );
    // Locked for lack of use: at once.
    expect((await office.letter((await ask('idle')).id)).state).toBe('completed');
    expect(await state('idle')).toBe('active');
    office.at('2026-03-06T23:00:00+07:00');
    await office.jobs();
    expect(await state('first')).toBe('locked');
    office.at('2026-03-07T00:05:00+07:00');
    await office.jobs();
    expect(await state('first')).toBe('active');
    expect(await office.dossier(early.dossier)).toMatchObject({ state: 'completed' });
    expect((await office.told()).map(({ template }) => template)).toContain('completed');
  });

  test('[HCM-9.1b] only an officer deletes; the address stays taken', async () => {
    await office.told();
    const decide = (approved: boolean) =>
      office.db.transaction((tx) => decideOnDeletion(tx, box('gone'), approved, 'canbo', office.deps));
    expect(await decide(true)).toBeNull();
    expect(await state('gone')).toBe('cancelled');
    expect(await decide(true)).toContain('không chờ');
    expect((await office.told()).map(({ template, recipient }) => [template, recipient])).toEqual([
      ['deleted', UNIT],
    ]);
  });
});

describe('Đồng Tháp counts days (domain.md §1.3)', () => {
  let office: Office;
  const UNIT = 'snv@dongthap.gov.vn';
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-dongthap-143-2025',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      mailboxes: [
        {
          address: 'a@dongthap.gov.vn',
          unit: 'snv',
          lastLogin: new Date('2026-01-15T02:00:00Z'),
          createdAt: new Date('2025-12-20T00:00:00Z'),
        },
        {
          address: 'b@dongthap.gov.vn',
          unit: 'snv',
          lastLogin: new Date('2026-01-16T02:00:00Z'),
          createdAt: new Date('2025-12-20T00:00:00Z'),
        },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());
  const states = async (): Promise<string[]> =>
    (await office.db.sql`select address, state from mailbox order by address`).map(
      (one) => one['state'] as string,
    );

  test('no logins at all for weeks say something about the source, not about persons: nobody is locked, officers are told', async () => {
    await office.told();
    await office.jobs();
    expect(await states()).toEqual(['active', 'active']);
    const told = (await office.told()).filter(({ template }) => template === 'logins-silent');
    expect(told).toHaveLength(1);
    expect(told[0]!.text).toContain('từ sau ngày 16/01/2026');
    office.at('2026-03-03T08:00:00+07:00');
    await office.jobs();
    expect((await office.told()).map(({ template }) => template)).not.toContain('logins-silent');
  });

  test('more than 45 days without use lock once the source speaks again', async () => {
    office.at('2026-03-04T08:00:00+07:00');
    await office.db.sql`insert into mail.last_login (username, last_login)
      values ('b@dongthap.gov.vn', ${Math.floor(Date.parse('2026-03-03T02:00:00Z') / 1000)})`;
    await office.jobs();
    expect(await states()).toEqual(['locked', 'active']);
  });
});
