import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOffice, type Office } from '../harness/office.ts';

/** threats.md "loops": what an automaton hears that does not say it is one. Whole loops: test/trouble/loop.test.ts. */
const UNIT = 'snv@quangbinh.gov.vn';
let office: Office;
beforeAll(async () => {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
  });
});
afterAll(() => office.close());

const templates = async (): Promise<string[]> => (await office.told()).map(({ template }) => template);

test('three reports of bad mail an hour are confirmed, all are kept', async () => {
  const states: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { id } = await office.send({
      from: UNIT,
      subject: `Báo thư rác ${n}`,
      signed: false,
      text: 'Thư rác kèm theo.',
      files: [{ name: 'x.eml', bytes: Buffer.from(`thu ${n}`) }],
    });
    states.push((await office.letter(id)).state);
  }
  expect(states).toEqual(Array<string>(5).fill('quarantine'));
  expect(await templates()).toEqual(['abuse', 'abuse', 'abuse']);
  expect((await office.log('decision')).filter((entry) => entry.includes('not answered')).length).toBe(2);
  office.at('2026-03-02T09:30:00+07:00');
  await office.send({ from: UNIT, subject: 'Báo thư rác', signed: false, text: 'Thư rác.' });
  expect(await templates()).toEqual(['abuse']);
});

test('letters with nothing in them lie before an officer in silence from the fourth in an hour on', async () => {
  office.at('2026-03-03T08:00:00+07:00');
  const seen: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { id } = await office.send({
      from: UNIT,
      subject: 'Tôi nghỉ phép',
      signed: false,
      text: `lần ${n}`,
    });
    const { state, dossier } = await office.letter(id);
    seen.push(`${state} ${dossier === null ? 'unnumbered' : 'numbered'} ${(await templates()).length}`);
  }
  expect(seen.slice(0, 3)).toEqual(Array<string>(3).fill('refused numbered 2'));
  expect(seen.slice(3)).toEqual(Array<string>(2).fill('officer unnumbered 0'));
});

test('a unit that sends signed lists is answered however many it sends', async () => {
  const heading = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
  for (let n = 0; n < 12; n += 1)
    await office.send({
      from: UNIT,
      subject: `V/v đề nghị cấp mới hộp thư (${n})`,
      list: [heading, [1, `Nguyễn Văn ${'ABCDEGHKLMNP'[n]!}nh`, 'Chuyên viên', `09051234${10 + n}`]],
    });
  expect((await templates()).filter((template) => template === 'received').length).toBe(12);
});
