import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ParserPool } from '../../src/parser-process/pool.ts';
import { ParserCrash } from '../../src/parser-process/pool.ts';
import type { Database } from '../../src/store/database.ts';
import { openOffice, type Office } from '../harness/office.ts';

/** A letter is given up when it has killed three children, whatever else went wrong in between. */
const UNIT = 'snv@quangbinh.gov.vn';
let office: Office;
/** Which bytes kill their child; a child that does not work kills with all of them. */
let kills = (raw: Uint8Array): boolean => Buffer.from(raw).includes('chet');
/** The database fails when a kill is to be written down. */
let databaseFails = false;
let due = false;

beforeAll(async () => {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    through: <T extends object>(port: string, real: T): T => {
      if (port === 'parsers') return deadly(real as unknown as ParserPool) as unknown as T;
      if (port === 'database') return shaky(real as unknown as Database) as unknown as T;
      return real;
    },
  });
});
afterAll(() => office.close());

const deadly = (real: ParserPool): ParserPool => ({
  ...real,
  examine(job) {
    if (!kills(job.raw)) return real.examine(job);
    due = databaseFails;
    return Promise.reject(new ParserCrash('time', 'the parsing child reached its time limit'));
  },
});
const shaky = (real: Database): Database => ({
  ...real,
  transaction: (fn) =>
    real.transaction((tx) => {
      if (!due) return fn(tx);
      due = false;
      throw new Error('trouble');
    }),
});

const statesOf = async (id: string) => {
  const [row] = await office.db.sql`select state, attempts, kills, reason from letter where id = ${id}`;
  return { ...row };
};
let hour = 8;
const later = async (): Promise<void> => {
  office.at(`2026-03-02T${String((hour += 1)).padStart(2, '0')}:00:00+07:00`);
  await office.work().catch(() => undefined);
};

test('three kills, counted across trouble of another kind, seal a letter', async () => {
  databaseFails = true;
  const sent = office.send({ from: UNIT, subject: 'V/v cap moi', text: 'chet', signed: false });
  await sent.catch(() => undefined);
  const [row] = await office.db.sql<{ id: string }[]>`select id from letter`;
  const id = row!.id;
  await later();
  databaseFails = false;
  expect(await statesOf(id)).toEqual({ state: 'received', attempts: 2, kills: 0, reason: null });
  await later();
  expect(await statesOf(id)).toMatchObject({ state: 'received', attempts: 3, kills: 1 });
  await later();
  expect(await statesOf(id)).toMatchObject({ state: 'received', attempts: 4, kills: 2 });
  await later();
  expect(await statesOf(id)).toEqual({
    state: 'quarantine',
    attempts: 0,
    kills: 0,
    reason: 'Vượt giới hạn kiểm tra: the parsing child reached its time limit',
  });
});

test('where no letter passes none is blamed, and it goes its way once the children work', async () => {
  kills = () => true;
  const { id } = await office.send({ from: UNIT, subject: 'V/v cap moi', text: 'binh an', signed: false });
  for (let round = 0; round < 4; round += 1) await later();
  expect(await statesOf(id!)).toMatchObject({ state: 'received', attempts: 5, kills: 0 });
  kills = () => false;
  await later();
  expect((await statesOf(id!)).state).not.toBe('received');
});
