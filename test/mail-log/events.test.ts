import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENT_WORDS } from '../../src/console/entry-words.ts';
import { append } from '../../src/mail-log/append.ts';
import { EVENTS } from '../../src/mail-log/event.ts';
import * as events from '../../src/mail-log/events.ts';
import { startEntries, type InForce } from '../../src/mail-log/in-force.ts';
import { prepareMonths } from '../../src/mail-log/sequencer.ts';
import { freshDatabase } from '../harness/database.ts';

/** The table of event.ts, the list, the functions and the running code say the same. */
const SRC = path.resolve(import.meta.dirname, '../../src');
const source = (file: string): string => fs.readFileSync(path.join(SRC, file), 'utf8');
const rows = source('mail-log/event.ts')
  .split('\n')
  .map((line) => /^ \* \| ([a-z.]*) *\| (.*?) *\| (.*?) *\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, name = '', when = '', fields = '']) => ({ name, when, fields }))
  .slice(1);
const code = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== path.join('mail-log', 'events.ts'))
  .map((file) => source(file))
  .join('\n');

test('the table names every event of the list, in its order', () => {
  expect(rows.map(({ name }) => name).filter((name) => name !== '')).toEqual([...EVENTS]);
  expect(Object.keys(EVENT_WORDS).sort()).toEqual([...EVENTS].sort());
});

test.each([...EVENTS])('%s has one function, and the running code calls it', (name) => {
  const parts = source('mail-log/events.ts').split(/^export function /m);
  const own = parts.filter((part) => part.includes(`logEvent('${name}'`));
  expect(own).toHaveLength(1);
  const called = /^\w+/.exec(own[0]!)![0];
  expect(Object.keys(events)).toContain(called);
  expect(code.match(new RegExp(`(?<!function )\\b${called}\\(`))).not.toBeNull();
});

let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, new Date('2026-11-24'));
});
afterAll(() => db.drop());

test('a start tells which part of a regulation or of the settings became another one, never a value', async () => {
  let at = Date.parse('2026-11-24T03:00:00Z');
  const start = async (change: Partial<InForce>): Promise<string[]> => {
    const entries = await startEntries(db.sql, {
      hostname: 'gw1',
      secret: 'geheim',
      settings: { smtp: '127.0.0.1:25', password: 'mat-khau-rat-dai', domains: new Set(['a', 'b']) },
      regulations: [{ id: 'qb', deadlines: { days: 5 }, words: [/^a/] }],
      ...change,
    });
    await append(db.sql, new Date((at += 1000)), ...entries);
    return entries.map(({ event, outcome, detail }) =>
      [event, outcome ?? '', (detail ?? '').replaceAll(/ [0-9a-f]{8}/g, ' #')].join(' | '),
    );
  };
  const started = 'configuration.loaded |  | gw1: domains #, password #, smtp #';
  expect(await start({})).toEqual([
    'regulation.changed | qb | in force; deadlines #, id #, words #',
    started,
  ]);
  expect(await start({})).toEqual([started]);
  expect(await start({ regulations: [{ id: 'qb', deadlines: { days: 15 }, words: [/^b/] }] })).toEqual([
    'regulation.changed | qb | changed: deadlines words; deadlines #, id #, words #',
    started,
  ]);
  // Another gateway of the same log has its own settings; the one before it is compared with its own last start.
  expect((await start({ hostname: 'gw2', settings: { smtp: 'x' } })).at(-1)).toContain('gw2: smtp #');
  const settings = { smtp: '127.0.0.1:25', password: 'anders', domains: new Set(['a', 'c']), clamd: 'x' };
  expect(await start({ settings })).toEqual([
    'configuration.changed | settings | gw1: clamd domains password',
    'configuration.loaded |  | gw1: clamd #, domains #, password #, smtp #',
  ]);
  const written = await db.sql<{ entry: string }[]>`select entry from mail_log.mail_event`;
  expect(written.map(({ entry }) => entry).join()).not.toMatch(/mat-khau|anders|127\.0\.0\.1/);
});
