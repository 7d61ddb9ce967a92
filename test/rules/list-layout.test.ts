import { describe, expect, it } from 'vitest';
import { understandLists } from '../../src/rules/list-layout.ts';
import { gridOf, readCases, tell } from './list-cases.ts';

const cases = [
  ...readCases('test/cases/lists'),
  // A folder git ignores: lists nobody may see.
  ...readCases('test/cases/lists/private'),
];

describe('lists as clerks write them', () => {
  it.each(cases)('$name', ({ grids, expected }) => {
    expect(tell(understandLists(grids))).toEqual(expected);
  });

  it('finds its cases', () => {
    expect(cases.length).toBeGreaterThan(15);
  });

  it('reads 5,000 rows in a moment', () => {
    const rows = Array.from(
      { length: 5000 },
      (_, i) => `${i + 1} | Nguyễn Văn ${i} | Chuyên viên | 0905${String(i).padStart(6, '0')}`,
    );
    const grid = gridOf('lớn.xlsx', false, ['STT | Họ và tên | Chức vụ | Điện thoại', ...rows]);
    // Time of the processor: other work on the machine must not fail it.
    const started = process.cpuUsage();
    expect(understandLists([grid]).entries).toHaveLength(5000);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(2000);
  });

  it('is not stopped by a merge over the whole sheet', () => {
    const grid = gridOf('xấu.xlsx', false, ['STT | Họ và tên | Chức vụ', '1 | Lê Thị Hoa | Văn thư']);
    const merges = Array.from({ length: 5000 }, () => ({
      top: 3,
      left: 0,
      bottom: 1_048_576,
      right: 16_383,
    }));
    expect(understandLists([{ ...grid, merges }]).entries).toHaveLength(1);
  });
});
