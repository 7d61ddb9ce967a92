import { describe, expect, it } from 'vitest';
import { checkRows } from '../../src/rules/check-rows.ts';
import type { ListEntry, MailboxList } from '../../src/rules/mailbox-list.ts';
import type { RequestKind } from '../../src/rules/regulation.ts';
import { HCM, QB, ST, TH, mailbox, rowContext, unit } from './harness.ts';

const entry = (values: ListEntry['values'], over: Partial<ListEntry> = {}): ListEntry => ({
  source: 'ds.xlsx › Sheet1',
  line: 6,
  no: '1',
  values,
  kind: null,
  doubts: [],
  ...over,
});
const list = (...entries: ListEntry[]): MailboxList => ({ entries, problems: [] });
const AN = { fullName: 'Nguyễn Văn An', position: 'Chuyên viên' };
const codes = (problems: readonly { readonly code: string }[]) => problems.map(({ code }) => code);
const stUnit = unit({ regulation: ST.id, mailbox: 'snv@soctrang.gov.vn' });

describe('new mailboxes', () => {
  it('[QB-5.2b] leaders choose first, whatever their line', () => {
    const result = checkRows(
      list(
        entry(AN),
        entry({ fullName: 'Nguyễn Văn An', position: 'Trưởng phòng' }, { line: 7 }),
        entry({ fullName: 'Ngô Vĩnh An', position: 'Văn thư' }, { line: 8 }),
      ),
      rowContext(),
    );
    expect(result.rows.map(({ address }) => address)).toEqual([
      'annv1.snv@quangbinh.gov.vn',
      'annv.snv@quangbinh.gov.vn',
      'annv2.snv@quangbinh.gov.vn',
    ]);
    expect(result.rows.every(({ ok, needsOfficer }) => ok && needsOfficer === null)).toBe(true);
  });

  it('[QB-5.2b] never renames for a leader: numbered, and an officer decides', () => {
    const result = checkRows(
      list(entry({ fullName: 'Nguyễn Văn An', position: 'Giám đốc' })),
      rowContext({}, [mailbox()]),
    );
    expect(result.rows[0]).toMatchObject({ ok: true, address: 'annv1.snv@quangbinh.gov.vn' });
    expect(result.rows[0]?.needsOfficer).toContain('lãnh đạo');
  });

  it('[ST-3.4b] waits for the end of the day of receipt', () => {
    const context = rowContext({ regulation: ST, unit: stUnit, units: [stUnit] });
    expect(checkRows(list(entry(AN)), context).rows[0]).toMatchObject({
      address: 'nvan@soctrang.gov.vn',
      allocateAfter: '2026-03-02',
    });
  });

  it('shows officers what the unit wrote besides, and decides nothing by it', () => {
    const beside = entry({ ...AN, note: 'kiêm nhiệm' }, { aside: ['Giới tính: Nam', 'Đơn vị cũ: Phòng A'] });
    const [row, plain] = checkRows(list(beside, entry({ ...AN, fullName: 'Lê Thị Hoa' })), rowContext()).rows;
    expect(row).toMatchObject({ ok: true, problems: [], needsOfficer: null, remark: null });
    expect(row?.aside).toEqual(['Ghi chú: kiêm nhiệm', 'Giới tính: Nam', 'Đơn vị cũ: Phòng A']);
    expect(plain).not.toHaveProperty('aside');
  });

  it('says what is missing, row by row, and lets the good rows go on', () => {
    const result = checkRows(
      list(entry({ fullName: 'Trần Thị Bình' }), entry(AN, { line: 7 })),
      rowContext(),
    );
    expect(result.rows[0]?.problems).toMatchObject([
      { code: 'missing_position', text: 'Thiếu chức vụ', fix: 'Bổ sung chức vụ' },
    ]);
    expect(result.rows.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('keeps a wanted address that is free and offers another for one that is not', () => {
    const wanted = (address: string) =>
      checkRows(
        list(entry({ ...AN, proposedAddress: address })),
        rowContext({}, [mailbox({ fullName: 'Khác' })]),
      ).rows[0];
    expect(wanted('vanan.snv')?.address).toBe('vanan.snv@quangbinh.gov.vn');
    expect(wanted('annv.snv')?.problems).toMatchObject([
      { code: 'address_taken', fix: 'Chấp thuận annv1.snv hoặc đề xuất tên khác' },
    ]);
  });

  it('[QB-4.1] only for the own unit and its descendants', () => {
    const child = unit({
      code: 'vtlt',
      name: 'Chi cục Văn thư',
      abbreviation: 'vtlt',
      parent: 'snv',
      mailbox: null,
    });
    const context = rowContext({ units: [...rowContext().units, child] });
    const unitOf = (name: string) => checkRows(list(entry({ ...AN, unit: name })), context).rows[0];
    expect(unitOf('Sở Y tế')?.problems).toMatchObject([
      { code: 'not_own_unit', text: 'Không thuộc đơn vị quản lý' },
    ]);
    expect(unitOf('Chi cục Văn thư')).toMatchObject({
      ok: true,
      unit: 'vtlt',
      address: 'annv.vtlt@quangbinh.gov.vn',
    });
    expect(unitOf('Phòng Tổ chức')).toMatchObject({ ok: true, unit: 'snv', needsOfficer: null });
    expect(unitOf('Sở Không Có')?.needsOfficer).toContain('Chưa có trong danh mục');
  });

  it('[TH-5.1a] wants the decision', () => {
    const own = unit({ regulation: TH.id, mailbox: 'snv@thanhhoa.gov.vn' });
    const context = rowContext({ regulation: TH, unit: own, units: [own] });
    const row = (decision: string) =>
      checkRows(list(entry({ ...AN, proposedAddress: 'annv', decision })), context).rows[0];
    expect(codes(row('')?.problems ?? [])).toEqual(['missing_decision']);
    expect(row('12/QĐ-UBND')?.problems[0]?.text).toContain('Thiếu ngày quyết định');
    expect(row('Quyết định số 45 ngày 01/02/2026')?.problems[0]?.text).toContain('Thiếu cơ quan ban hành');
    expect(row('Quyết định số 45 ngày 01 tháng 02 năm 2026 của Giám đốc Sở Y tế')?.problems).toEqual([]);
    expect(row('12/QĐ-UBND ngày 01/02/2026')).toMatchObject({ ok: true, address: 'annv@thanhhoa.gov.vn' });
  });

  it('[HCM-8.5] [ST-5.2] returns legacy encodings where TCVN 6909 is compulsory, converts them elsewhere', () => {
    const doubt = {
      code: 'legacy_encoding',
      column: 'fullName',
      text: 'Dùng bảng mã cũ (TCVN3)',
      fix: 'Gõ lại bằng phông Unicode',
      proposal: 'Nguyễn Văn An',
    } as const;
    const legacy = list(entry({ fullName: 'NguyÔn V¨n An', position: 'Chuyên viên' }, { doubts: [doubt] }));
    const converted = checkRows(legacy, rowContext()).rows[0];
    expect(converted).toMatchObject({ ok: true, fullName: 'Nguyễn Văn An' });
    expect(converted?.remark).toContain('đọc là “Nguyễn Văn An”');
    const strict = checkRows(legacy, rowContext({ regulation: HCM })).rows[0];
    expect(strict?.problems[0]).toMatchObject({ code: 'legacy_encoding' });
    expect(strict?.problems[0]?.fix).toContain('“Nguyễn Văn An”');
  });

  it('a converted position is what the directory holds and what makes a leader', () => {
    const doubt = {
      code: 'legacy_encoding',
      column: 'position',
      text: 'Dùng bảng mã cũ (TCVN3)',
      fix: 'Gõ lại bằng phông Unicode',
      proposal: 'Giám đốc',
    } as const;
    const values = { fullName: 'Nguyễn Văn An', position: 'Gi¸m ®èc' };
    const row = checkRows(list(entry(values, { doubts: [doubt] })), rowContext()).rows[0];
    expect(row).toMatchObject({ ok: true, position: 'Giám đốc', leader: true });
  });

  it('an officer looks at names of other peoples', () => {
    const row = checkRows(list(entry({ fullName: 'H’Hen Niê', position: 'Chuyên viên' })), rowContext())
      .rows[0];
    expect(row?.needsOfficer).not.toBeNull();
  });

  it('[HCM-5.1b] the mailbox of a unit is named in the right form, and never like one the regulation names', () => {
    const ask = (proposedAddress: string, regulation = QB) =>
      checkRows(
        list(entry({ fullName: 'Trung tâm Lưu trữ', proposedAddress })),
        rowContext({ kinds: ['CREATE_UNIT'], regulation }),
      ).rows[0]!;
    expect(ask('ttlt.snv')).toMatchObject({ ok: true, address: 'ttlt.snv@quangbinh.gov.vn' });
    expect(codes(ask('Trung tâm').problems)).toEqual(['address_form']);
    expect(codes(ask('postmaster').problems)).toEqual(['address_reserved']);
    expect(codes(ask('stttt@quangbinh.gov.vn').problems)).toEqual(['address_reserved']);
    expect(codes(ask('ttlt@quangbinh.vn').problems)).toEqual(['address_domain']);
    // Sóc Trăng has one namespace for persons and units: nobody becomes its spam desk or executor.
    const person = (proposedAddress: string) =>
      checkRows(
        list(entry({ fullName: 'Trần Thị Bình', position: 'Chuyên viên', proposedAddress })),
        rowContext({ regulation: ST }),
      ).rows[0]!;
    expect(codes(person('sotttt').problems)).toEqual(['address_reserved']);
    expect(codes(person('ttcns.sotttt').problems)).toEqual(['address_reserved']);
  });

  it('[QB-5.1a] a unit’s mailbox is renamed without a person’s part', () => {
    const own = mailbox({ address: 'snv@quangbinh.gov.vn', kind: 'unit', fullName: 'Sở Nội vụ' });
    const row = checkRows(
      list(entry({ currentAddress: own.address, proposedAddress: 'sonoivu' })),
      rowContext({ kinds: ['CHANGE'] }, [own]),
    ).rows[0];
    expect(row).toMatchObject({ ok: true, newAddress: 'sonoivu@quangbinh.gov.vn' });
  });

  it('[TH-7.1] a unit has one mailbox only', () => {
    const own = mailbox({ address: 'snv@quangbinh.gov.vn', kind: 'unit' });
    const row = checkRows(
      list(entry({ fullName: 'Sở Nội vụ' })),
      rowContext({ kinds: ['CREATE_UNIT'] }, [own]),
    ).rows[0];
    expect(codes(row?.problems ?? [])).toEqual(['unit_mailbox_exists']);
  });
});

describe('existing mailboxes', () => {
  const other = mailbox({ address: 'binhtt.syt@quangbinh.gov.vn', fullName: 'Trần Thị Bình', unit: 'syt' });
  const ask = (kind: RequestKind, values: ListEntry['values'], boxes = [mailbox(), other]) =>
    checkRows(list(entry(values)), rowContext({ kinds: [kind] }, boxes)).rows[0];

  it('[QB-7.1] found by address or by a unique name', () => {
    expect(ask('CANCEL', { currentAddress: 'annv.snv' })).toMatchObject({
      ok: true,
      address: 'annv.snv@quangbinh.gov.vn',
    });
    expect(ask('CANCEL', { fullName: 'Nguyễn Văn An' })).toMatchObject({ ok: true });
    const twins = [mailbox(), mailbox({ address: 'annv1.snv@quangbinh.gov.vn' })];
    expect(codes(ask('CANCEL', { fullName: 'Nguyễn Văn An' }, twins)?.problems ?? [])).toEqual([
      'mailbox_ambiguous',
    ]);
  });

  it('[QB-4.1] another unit’s mailbox is answered like none at all', () => {
    const theirs = ask('CANCEL', { currentAddress: other.address });
    const none = ask('CANCEL', { currentAddress: 'khongco.syt@quangbinh.gov.vn' });
    expect(codes(theirs?.problems ?? [])).toEqual(['mailbox_unknown']);
    expect(codes(none?.problems ?? [])).toEqual(['mailbox_unknown']);
  });

  it('a name that is not the owner’s is a doubt', () => {
    expect(ask('CANCEL', { currentAddress: 'annv.snv', fullName: 'Lê Bá' })?.needsOfficer).toContain(
      'Nguyễn Văn An',
    );
  });

  it('a cancelled mailbox stays closed; only a locked one can be reopened', () => {
    expect(
      codes(
        ask('PASSWORD_RESET', { currentAddress: 'annv.snv' }, [mailbox({ state: 'cancelled' })])?.problems ??
          [],
      ),
    ).toEqual(['mailbox_cancelled']);
    expect(codes(ask('REOPEN', { currentAddress: 'annv.snv' })?.problems ?? [])).toEqual(['not_locked']);
  });

  it('[HCM-9.3b] reopening is done five days after the lock at the earliest', () => {
    const own = unit({ regulation: HCM.id, mailbox: 'snv@tphcm.gov.vn' });
    const box = mailbox({
      address: 'annv.snv@tphcm.gov.vn',
      state: 'locked',
      lastLogin: null,
      lockedAt: new Date('2026-02-28T02:00:00Z'),
    });
    const context = rowContext({ regulation: HCM, unit: own, units: [own], kinds: ['REOPEN'] }, [box]);
    expect(checkRows(list(entry({ currentAddress: 'annv.snv' })), context).rows[0]).toMatchObject({
      ok: true,
      notBefore: '2026-03-05',
    });
  });

  it('[QB-11.3] a transfer is settled by an officer', () => {
    expect(ask('TRANSFER', { fullName: 'Nguyễn Văn An', unit: 'Sở Y tế' })?.needsOfficer).toContain(
      'Chuyển công tác',
    );
  });

  it('[QB-11.3] a transfer names the unit that takes the mailbox over, and never goes on by itself', () => {
    const own = unit();
    const health = unit({
      code: 'syt',
      name: 'Sở Y tế',
      mailbox: 'syt@quangbinh.gov.vn',
      abbreviation: 'syt',
    });
    const context = rowContext({ kinds: ['TRANSFER'], units: [own, health] }, [mailbox()]);
    const transfer = (values: Record<string, string>) =>
      checkRows(list(entry({ fullName: 'Nguyễn Văn An', ...values })), context).rows[0];
    expect(transfer({ unit: 'Sở Y tế' })).toMatchObject({
      ok: true,
      unit: 'syt',
      needsOfficer: 'Chuyển công tác đến Sở Y tế: thống nhất với đơn vị mới, xác nhận địa chỉ mới',
    });
    expect(transfer({ unit: 'Sở Y tế', proposedAddress: 'annv.syt' })).toMatchObject({
      unit: 'syt',
      newAddress: 'annv.syt@quangbinh.gov.vn',
      needsOfficer: expect.stringContaining('thống nhất với đơn vị mới') as string,
    });
    // The column tells where the person comes from.
    expect(transfer({ unit: own.name })).toMatchObject({
      unit: own.code,
      needsOfficer: 'Chuyển công tác: xác nhận đơn vị mới và địa chỉ mới',
    });
  });

  it('the same order twice is one', () => {
    const twice = list(
      entry({ currentAddress: 'annv.snv' }),
      entry({ currentAddress: 'annv.snv' }, { line: 7, no: '2' }),
    );
    const rows = checkRows(twice, rowContext({ kinds: ['CANCEL'] }, [mailbox()])).rows;
    expect(rows.map(({ ok }) => ok)).toEqual([true, false]);
    expect(codes(rows[1]?.problems ?? [])).toEqual(['duplicate_row']);
  });

  it('a row without a kind goes back when the letter asks for several things', () => {
    const rows = checkRows(list(entry(AN)), rowContext({ kinds: ['CREATE_PERSON', 'CANCEL'] })).rows;
    expect(codes(rows[0]?.problems ?? [])).toEqual(['kind_unknown']);
  });
});

describe('merged provinces', () => {
  const next = { ...QB, id: 'vn-quangbinh-9-2026', legal: { ...QB.legal, replaces: QB.id } };
  const sameSystem = (id: string) => id === QB.id || id === next.id;

  it('[QB-11.3] under the next version units are those registered under the one it replaced', () => {
    const moving = entry(
      { currentAddress: 'annv.snv@quangbinh.gov.vn', unit: 'Sở Y tế' },
      { kind: 'TRANSFER' },
    );
    const context = rowContext({ regulation: next, kinds: ['TRANSFER'], sameSystem }, [mailbox()]);
    expect(checkRows(list(moving), context).rows[0]).toMatchObject({ unit: 'syt', problems: [] });
  });

  it('[HCM-7.2c] an authority keeps its say over them', () => {
    const theirs = mailbox({ address: 'binhtt.syt@quangbinh.gov.vn', unit: 'syt' });
    const row = entry({ currentAddress: theirs.address, decision: '12/QĐ-SNV' }, { kind: 'CANCEL' });
    const context = rowContext(
      { regulation: next, kinds: ['AUTHORITY_DECISION'], authority: true, sameSystem },
      [theirs],
    );
    expect(checkRows(list(row), context).rows[0]).toMatchObject({ ok: true, address: theirs.address });
  });

  it('a unit taken over from another system is spoken for, but an officer acts', () => {
    const old = unit({
      code: 'cu',
      name: 'Sở Nội vụ Sóc Trăng',
      regulation: ST.id,
      active: false,
      successor: 'snv',
    });
    const theirs = mailbox({ address: 'lvbinh@soctrang.gov.vn', unit: 'cu' });
    const context = rowContext({ kinds: ['CANCEL'], units: [unit(), old] }, [theirs]);
    const row = (values: ListEntry['values'], kind: RequestKind) =>
      checkRows(list(entry(values, { kind })), context).rows[0];
    const cancelled = row({ currentAddress: theirs.address }, 'CANCEL');
    expect(cancelled).toMatchObject({ ok: true, address: theirs.address });
    expect(cancelled?.needsOfficer).toContain('quy chế khác');
    expect(row({ ...AN, unit: old.name }, 'CREATE_PERSON')?.needsOfficer).toContain('quy chế khác');
    expect(row(AN, 'CREATE_PERSON')?.needsOfficer).toBeNull();
  });
});

describe('requests without a list', () => {
  const bodyText =
    'Đề nghị cấp lại mật khẩu hộp thư annv.snv@quangbinh.gov.vn. Trân trọng, snv@quangbinh.gov.vn';
  it('[QB-6.1] a reset names its mailbox in the text', () => {
    const result = checkRows(list(), rowContext({ kinds: ['PASSWORD_RESET'], bodyText }, [mailbox()]));
    expect(result.rows).toMatchObject([{ ok: true, address: 'annv.snv@quangbinh.gov.vn' }]);
    expect(result.problems).toEqual([]);
  });
  it('[QB-6.1] a person only ever resets the own mailbox', () => {
    const person = mailbox();
    const text = 'Mật khẩu của binhtt.snv@quangbinh.gov.vn';
    const boxes = [person, mailbox({ address: 'binhtt.snv@quangbinh.gov.vn' })];
    const context = rowContext({ kinds: ['PASSWORD_RESET'], bodyText: text, person }, boxes);
    expect(checkRows(list(), context).rows.map(({ address }) => address)).toEqual([person.address]);
    const listed = checkRows(list(entry({ currentAddress: 'binhtt.snv' })), context).rows[0];
    expect(listed?.ok).toBe(false);
  });
  it('[QB-7.1] [HCM-7.1b] a termination needs its list', () => {
    const qb = checkRows(list(), rowContext({ kinds: ['CANCEL'], bodyText }, [mailbox()]));
    expect(codes(qb.problems)).toEqual(['list_missing']);
    expect(
      codes(checkRows(list(), rowContext({ regulation: HCM, kinds: ['CREATE_PERSON'] })).problems),
    ).toContain('list_missing');
  });
  it.each([
    'Sở có cán bộ tuyển mới.',
    'Ông Nguyễn Văn An thay đổi công tác.',
    'Bà Trần Thị Bình thôi không làm việc tại Sở.',
  ])('[HCM-7.0] a reason of the text itself is one: %s', (reason) => {
    const bodyText = `${reason} Nhu cầu sử dụng hộp thư phục vụ công tác. Đề nghị cấp, hủy hộp thư theo danh sách.`;
    const context = rowContext({ regulation: HCM, kinds: ['CREATE_PERSON'], bodyText });
    expect(codes(checkRows(list(entry(AN)), context).problems)).toEqual([]);
  });

  it('[HCM-7.1b] reason, need and demand must be stated', () => {
    const ask = (text: string) =>
      codes(checkRows(list(entry(AN)), rowContext({ regulation: HCM, bodyText: text })).problems);
    expect(ask('Kính gửi Sở')).toEqual(['missing_reason', 'missing_need', 'missing_demand']);
    expect(
      ask(
        'Do tuyển dụng mới công chức, đơn vị có nhu cầu sử dụng thư điện tử; đề nghị cấp mới hộp thư theo danh sách.',
      ),
    ).toEqual([]);
  });
  it('[HCM-13.2] [QB-10.3] a handover is about the unit’s own mailbox', () => {
    const own = mailbox({ address: 'snv@quangbinh.gov.vn', kind: 'unit', fullName: 'Sở Nội vụ' });
    expect(checkRows(list(), rowContext({ kinds: ['HANDOVER'] }, [own])).rows).toMatchObject([
      { ok: true, mailboxKind: 'unit', address: 'snv@quangbinh.gov.vn' },
    ]);
  });
  it('a report has no rows and no complaint', () => {
    expect(checkRows(list(), rowContext({ regulation: QB, kinds: ['USAGE_REPORT'] }))).toEqual({
      rows: [],
      problems: [],
    });
  });
});
