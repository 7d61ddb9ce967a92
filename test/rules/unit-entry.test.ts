import { describe, expect, test } from 'vitest';
import { isRegistryAddress } from '../../src/rules/mail-address.ts';
import type { Unit } from '../../src/rules/registry.ts';
import { regulationById } from '../../src/rules/regulations.ts';
import { readUnitEntry, type TypedUnit } from '../../src/rules/unit-entry.ts';

const regulation = regulationById('vn-quangbinh-41-2015')!;
const level = regulation.unitLevels[0]!.code;
const unit = (code: string, more: Partial<Unit> = {}): Unit => ({
  code,
  name: `Đơn vị ${code}`,
  mailbox: `${code}@quangbinh.gov.vn`,
  parent: null,
  level,
  regulation: regulation.id,
  abbreviation: code,
  certificates: [],
  active: true,
  successor: null,
  ...more,
});
const world = {
  regulations: [regulation],
  units: [unit('snv'), unit('ubnd.a', { parent: 'snv' }), unit('ubnd.b', { parent: 'ubnd.a' })],
  isPersons: (address: string) => address === 'namdh.snv@quangbinh.gov.vn',
};
const typed = (more: Partial<TypedUnit> = {}): TypedUnit => ({
  code: 'sct',
  name: ' Sở  Công Thương ',
  mailbox: 'SCT@quangbinh.gov.vn',
  parent: '',
  level,
  abbreviation: '',
  regulation: regulation.id,
  successor: '',
  active: true,
  ...more,
});

test('what is typed well is read; the abbreviation comes from the mailbox where none is typed', () => {
  expect(readUnitEntry(typed(), world)).toEqual({
    entry: {
      code: 'sct',
      name: 'Sở Công Thương',
      mailbox: 'sct@quangbinh.gov.vn',
      parent: null,
      level,
      abbreviation: 'sct',
      regulation: regulation.id,
      successor: null,
      active: true,
    },
    problems: [],
  });
});

describe('what is wrong is told, nothing is read', () => {
  test.each<[why: string, more: Partial<TypedUnit>, words: RegExp]>([
    ['another unit’s mailbox', { mailbox: 'snv@quangbinh.gov.vn' }, /đã là hộp thư của Đơn vị snv/],
    ['a person’s mailbox', { mailbox: 'namdh.snv@quangbinh.gov.vn' }, /hộp thư cá nhân/],
    ['no address', { mailbox: 'sct' }, /không phải là một địa chỉ thư/],
    ['two addresses', { mailbox: 'a@b.vn, c@d.vn' }, /không phải là một địa chỉ thư/],
    ['no such manager', { parent: 'khong-co' }, /đơn vị quản lý nào mang mã “khong-co”/],
    ['no such successor', { successor: 'khong-co' }, /đơn vị kế thừa/],
    ['its own manager', { code: 'snv', mailbox: '', parent: 'ubnd.b' }, /không thể quản lý ngược lại/],
    ['its own successor', { code: 'snv', mailbox: '', successor: 'ubnd.a' }, /không thể quản lý ngược lại/],
    ['another regulation’s level', { level: 'x' }, /cấp của đơn vị/],
    ['no regulation', { regulation: 'x' }, /quy chế/],
    ['no name', { name: ' ' }, /tên đầy đủ/],
    ['a code with accents', { code: 'sở' }, /Mã đơn vị/],
    ['an abbreviation with blanks', { abbreviation: 's ct' }, /viết tắt/],
  ])('%s', (_why, more, words) => {
    const { entry, problems } = readUnitEntry(typed(more), world);
    expect(entry).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(words);
  });

  test('a unit keeps its own mailbox', () => {
    const own = typed({ code: 'snv', mailbox: 'snv@quangbinh.gov.vn' });
    expect(readUnitEntry(own, world).entry?.mailbox).toBe('snv@quangbinh.gov.vn');
  });
});

test.each([
  ['snv@quangbinh.gov.vn', true],
  ['an-ninh_1.ubnd@x.gov.vn', true],
  ['a..b@x.vn', false],
  ['.a@x.vn', false],
  ['a@x', false],
  ['a@x..vn', false],
  ['a b@x.vn', false],
  ['A@x.vn', false],
  ['a@x.vn\n', false],
])('%j is an address of the registry: %s', (text, expected) => {
  expect(isRegistryAddress(text)).toBe(expected);
});
