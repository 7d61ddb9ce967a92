import { afterAll, beforeAll, expect, test } from 'vitest';
import { receive } from '../../src/intake/receive.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import type { SenderProof } from '../../src/rules/letter-facts.ts';
import { namedIntakes, regulationById } from '../../src/rules/regulations.ts';
import { freshDatabase } from '../harness/database.ts';

const INTAKE = 'stttt@quangbinh.gov.vn';
const regulation = regulationById('vn-quangbinh-41-2015')!;
let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

interface Sent {
  readonly from: string;
  readonly proven?: boolean;
  readonly path?: string | null;
  readonly extra?: string;
  readonly at?: string;
}

/** Receives one letter as the IMAP door does and tells to whom notices are queued afterwards. */
async function noticesAfter({ from, proven = true, path = from, extra = '', at }: Sent): Promise<string[]> {
  const now = new Date(at ?? '2026-01-05T01:15:00Z');
  const raw = letterOf(
    Buffer.from(`From: ${from}\r\nTo: ${INTAKE}\r\nSubject: xin cap\r\n${extra}\r\nKinh gui\r\n`),
  );
  const proof: SenderProof = {
    method: 'trusted-relay',
    result: proven ? 'pass' : 'fail',
    domain: proven ? from.split('@')[1]! : null,
    detail: '',
  };
  const session = { id: '', remoteAddress: 'imap', helo: '', tls: true, authenticatedAs: null };
  await receive(
    { raw, envelopeFrom: path, recipients: [INTAKE], session, receivedAt: now },
    {
      db,
      clock: { now: () => now },
      door: 'imap',
      regulations: [regulation],
      intakes: namedIntakes([regulation]),
      ownAddresses: [INTAKE],
      prove: () => Promise.resolve(proof),
      bounces: null,
      wake: () => undefined,
      tellRefusalsAs: 'gw.test',
    },
  );
  const rows = await db.sql<
    { recipient: string }[]
  >`select recipient from notice order by created_at, recipient`;
  return rows.map(({ recipient }) => recipient);
}

test('a refusal at a mailbox is told by mail, to proven senders only, once a day, never to automata', async () => {
  const gmail = 'annv@gmail.com';
  expect(await noticesAfter({ from: 'forged@gmail.com', proven: false })).toEqual([]);
  expect(await noticesAfter({ from: gmail, extra: 'Auto-Submitted: auto-replied\r\n' })).toEqual([]);
  expect(await noticesAfter({ from: gmail, path: null })).toEqual([]);
  expect(await noticesAfter({ from: gmail })).toEqual([gmail]);
  expect(await noticesAfter({ from: gmail, at: '2026-01-05T09:00:00Z' })).toEqual([gmail]);
  expect(await noticesAfter({ from: gmail, at: '2026-01-06T01:00:00Z' })).toEqual([gmail, gmail]);
  const [words] = await db.sql<{ text: string; subject: string }[]>`select subject, text from notice limit 1`;
  expect(words?.subject).toBe('[Không tiếp nhận] V/v thư đề nghị gửi ngày 05 tháng 01 năm 2026');
  expect(words?.text).toContain('Không tiếp nhận đề nghị gửi từ hộp thư điện tử công cộng');
  expect(words?.text).toContain('Điều 4 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND');
});
