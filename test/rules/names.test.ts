import { describe, expect, it } from 'vitest';
import { proposeLocalPart, wantedProblems } from '../../src/rules/addresses.ts';
import { foldName, leadershipRank, nameDoubt, nameKey } from '../../src/rules/names.ts';
import type { Regulation } from '../../src/rules/regulation.ts';
import { BN, DT, HCM, QB, ST, TH, unit } from './harness.ts';

const stttt = unit({ code: 'stttt', abbreviation: 'stttt', mailbox: 'stttt@quangbinh.gov.vn' });
const propose = (
  regulation: Regulation,
  fullName: string,
  taken: readonly string[] = [],
  over: { birthDate?: string; idNumber?: string; wanted?: string } = {},
) =>
  proposeLocalPart(
    regulation,
    { fullName, birthDate: null, idNumber: null, wanted: null, ...over },
    stttt,
    (name) => taken.includes(name),
  );

describe('[QB-5.2a] [ST-3.3] local parts (domain.md §3.3)', () => {
  it.each([
    ['Nguyễn Văn An', 'annv', 'nvan', false],
    ['Ngô Vĩnh An', 'annv', 'nvan', false],
    ['Nguyễn Vân Ân', 'annv', 'nvan', false],
    ['Dương Chí Nguyên', 'nguyendc', 'dcnguyen', false],
    ['Đặng Chí Nguyên', 'nguyendc', 'dcnguyen', false],
    ['Lê An', 'anl', 'lan', false],
    ['Tôn Nữ Thị Ninh', 'ninhtnt', 'tntninh', false],
    ['Âu Dương Lân', 'lanad', 'adlan', false],
    ['Hoàng Phủ Ngọc Tường', 'tuonghpn', 'hpntuong', false],
    ['Công Tằng Tôn Nữ Diệu Huyền', 'huyencttnd', 'cttndhuyen', false],
    ['Đỗ Đình Đức', 'ducdd', 'ddduc', false],
    ['Phạm Quỳnh Giang', 'giangpq', 'pqgiang', false],
    ['Trương Thị Thuỷ', 'thuytt', 'ttthuy', false],
    ['Nguyễn Thị Tuyết Nghiêm', 'nghiemntt', 'nttnghiem', false],
    ['Huỳnh Quốc Khuê', 'khuehq', 'hqkhue', false],
    ['Trần Thị Uyên', 'uyentt', 'ttuyen', false],
    ['NGUYỄN VĂN AN', 'annv', 'nvan', false],
    ['Nguyễn Văn An'.normalize('NFD'), 'annv', 'nvan', false],
    ['H’Hen Niê', 'nieh', 'hnie', true],
    ['Y Thịnh', 'thinhy', 'ythinh', true],
    ['K’ Brếp', 'brepk', 'kbrep', true],
    ['Lâm Es', 'esl', 'les', true],
    ['A', 'a', 'a', true],
  ])('%s → %s.stttt, %s (officer: %s)', (name, qb, st, officer) => {
    expect(propose(QB, name).localPart).toBe(`${qb}.stttt`);
    expect(propose(ST, name).localPart).toBe(st);
    expect(nameDoubt(name) !== null).toBe(officer);
    expect(propose(QB, name).needsOfficer !== null).toBe(officer);
  });

  it('folds đ before stripping and drops apostrophes', () => {
    expect(foldName('  ĐẶNG  Đình-Đức ')).toBe('dang dinh duc');
    expect(foldName('H’Hen ʼY')).toBe('hhen y');
  });

  it('compares names by letters and tone, wherever the tone mark stands', () => {
    expect(nameKey('Nguyễn Văn Hoà')).toBe(nameKey('Nguyễn văn Hòa'));
    expect(nameKey('Trần Thuỷ')).toBe(nameKey('Trần Thủy'.normalize('NFD')));
    expect(nameKey('Nguyễn An')).not.toBe(nameKey('Nguyễn Ân'));
    expect(nameKey('Nguyễn Hoa')).not.toBe(nameKey('Nguyễn Hòa'));
  });
});

describe('collisions', () => {
  it('[QB-5.2b] numbers before the dot', () => {
    expect(propose(QB, 'Nguyễn Văn An', ['annv.stttt']).localPart).toBe('annv1.stttt');
    expect(propose(QB, 'Nguyễn Văn An', ['annv.stttt', 'annv1.stttt']).localPart).toBe('annv2.stttt');
  });
  it('[ST-3.4a] numbers at the end', () => {
    expect(propose(ST, 'Đặng Chí Nguyên', ['dcnguyen']).localPart).toBe('dcnguyen1');
  });
  it('Bắc Ninh: three digits of the id, then four, then an officer', () => {
    const id = { idNumber: '027090001234' };
    expect(propose(BN, 'Nguyễn Văn An', [], id).localPart).toBe('annv234');
    expect(propose(BN, 'Nguyễn Văn An', ['annv234'], id).localPart).toBe('annv1234');
    expect(propose(BN, 'Nguyễn Văn An', ['annv234', 'annv1234'], id).localPart).toBeNull();
    expect(propose(BN, 'Nguyễn Văn An').localPart).toBeNull();
  });
  it('Đồng Tháp: full name, then the year of birth', () => {
    expect(propose(DT, 'Nguyễn Văn An').localPart).toBe('nguyenvanan');
    const born = { birthDate: '03/05/1980' };
    expect(propose(DT, 'Nguyễn Văn An', ['nguyenvanan'], born).localPart).toBe('nguyenvanan1980');
  });
  it('[HCM-5.1c] has no rule for the user part: proposed, an officer confirms', () => {
    expect(propose(HCM, 'Nguyễn Văn An')).toMatchObject({ localPart: 'annv.stttt' });
    expect(propose(HCM, 'Nguyễn Văn An').needsOfficer).not.toBeNull();
    expect(propose(HCM, 'Nguyễn Văn An', [], { wanted: 'vanan.stttt' })).toEqual({
      localPart: 'vanan.stttt',
      needsOfficer: null,
    });
  });
  it('[TH-4b] never invents a name', () => {
    expect(propose(TH, 'Nguyễn Văn An').localPart).toBeNull();
    expect(propose(TH, 'Nguyễn Văn An', [], { wanted: 'annv' }).localPart).toBe('annv');
  });
  it('reserved names are passed over', () => {
    expect(propose(ST, 'Trần Est').localPart).toBe('test1');
  });
});

describe('wanted addresses', () => {
  it.each([
    [QB, 'annv.stttt', []],
    [QB, 'annv.stttt@quangbinh.gov.vn', []],
    [QB, 'annv', ['address_unit']],
    [QB, 'ann v.stttt', ['address_form']],
    [QB, 'ân.stttt', ['address_form']],
    [QB, 'admin.stttt', ['address_reserved']],
    [QB, 'annv.stttt@quangninh.gov.vn', ['address_domain']],
    [ST, 'nvan@socstrang.gov.vn', ['address_domain']],
    [TH, 'ten_sd', ['address_form']],
  ] as const)('[QB-5.1a] [TH-4a] [ST-3.1a] %#: %s', (regulation, wanted, codes) => {
    expect(wantedProblems(regulation, wanted, stttt).map(({ code }) => code)).toEqual(codes);
  });
  it('[ST-3.1a] offers the true domain for a misspelt one', () => {
    expect(wantedProblems(ST, 'nvan@socstrang.gov.vn', stttt)[0]?.fix).toContain('@soctrang.gov.vn');
  });
});

describe('[QB-5.2b] [ST-3.4b] leadership', () => {
  it.each([
    ['Giám đốc', 0],
    ['Chủ tịch UBND', 0],
    ['Phó Giám đốc Sở', 1],
    ['Chánh Văn phòng', 2],
    ['Trưởng phòng', 2],
    ['Quyền Trưởng phòng', 2],
    ['Phó Trưởng phòng', 3],
    ['Phó Chánh Văn phòng', 3],
    ['Chuyên viên', null],
    ['Văn thư', null],
    [null, null],
  ])('%s: %s', (position, rank) => {
    expect(leadershipRank(position)).toBe(rank);
  });
});
