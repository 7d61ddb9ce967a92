import { expect, test } from 'vitest';
import { rowsView } from '../../src/console/desk/rows-view.ts';
import type { DossierRow } from '../../src/store/dossiers.ts';

/* An officer who decides about a row sees all the unit wrote in it, also what no rule asks for. */

const say = (vi: string): string => vi;
const forms = (): string => '';
const DOUBT = 'Số điện thoại 0168… là đầu số cũ, đọc là “0388…”';

test('a checked row shows what it says besides and how a doubtful cell was understood', async () => {
  const row = {
    id: '1',
    state: 'valid',
    address: 'annv@quangbinh.gov.vn',
    result: null,
    row: {
      no: '1',
      line: 5,
      fullName: 'Nguyễn Văn An',
      position: 'Chuyên viên',
      newAddress: null,
      problems: [],
      remark: DOUBT,
      aside: ['Giới tính: Nam <b>'],
    },
  } as unknown as DossierRow;
  const page = String(await rowsView({ rows: [row], entries: [], reading: null, forms }, say));
  expect(page).toContain(DOUBT);
  expect(page).toContain('Giới tính: Nam &lt;b&gt;');
});

test('so does a row beside its scan, before anything is checked', async () => {
  const entry = {
    no: '1',
    line: 5,
    values: { fullName: 'Nguyễn Văn An' },
    kind: null,
    doubts: [{ code: 'x', column: 'phone', text: DOUBT }],
    aside: ['Giới tính: Nam'],
  } as unknown as Parameters<typeof rowsView>[0]['entries'][number];
  const page = String(await rowsView({ rows: [], entries: [entry], reading: null, forms }, say));
  expect(page).toContain(DOUBT);
  expect(page).toContain('Giới tính: Nam');
});
