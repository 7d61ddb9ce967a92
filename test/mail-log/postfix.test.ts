import { afterAll, beforeAll, expect, test } from 'vitest';
import { ingestPostfix } from '../../src/mail-log/ingest.ts';
import { createPostfixReader } from '../../src/mail-log/postfix.ts';
import { searchLog } from '../../src/mail-log/search.ts';
import { freshDatabase } from '../harness/database.ts';

const NOW = new Date('2026-11-24T03:00:00Z');
const LOG = `Nov 24 09:00:01 mx postfix/smtpd[91]: 4A1B2C3D4E: client=mail.snv.vn[192.0.2.1]
Nov 24 09:00:01 mx postfix/cleanup[92]: 4A1B2C3D4E: message-id=<1@snv.vn>
Nov 24 09:00:01 mx postfix/qmgr[93]: 4A1B2C3D4E: from=<snv@x.gov.vn>, size=1234, nrcpt=2 (queue active)
Nov 24 09:00:02 mx postfix/lmtp[94]: 4A1B2C3D4E: to=<an@x.gov.vn>, relay=127.0.0.1[127.0.0.1]:24, delay=0.4, delays=0.1/0/0.1/0.2, dsn=2.1.5, status=sent (250 2.1.5 Ok (queued))
2026-11-24T09:00:03.250+07:00 mx postfix/smtp[95]: 4A1B2C3D4E: to=<b@y.vn>, orig_to=<bb@x.gov.vn>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to y.vn[203.0.113.5]:25: Connection timed out)
<22>1 2026-11-24T09:00:04+07:00 mx postfix/smtpd 91 - - NOQUEUE: reject: RCPT from evil[198.51.100.7]: 554 5.7.1 <c@z.vn>: Relay access denied; from=<> to=<c@z.vn> proto=ESMTP helo=<evil>
<22>1 2026-11-24T09:00:04+07:00 mx postfix/smtpd 91 - - NOQUEUE: reject: RCPT from evil[198.51.100.7]: 554 5.7.1 <c@z.vn>: Relay access denied; from=<> to=<c@z.vn> proto=ESMTP helo=<evil>
Nov 24 09:00:04 mx postfix/qmgr[93]: 4A1B2C3D4E: removed
Nov 24 09:00:05 mx dovecot: imap-login: Login: user=<an>
Dec 31 23:59:59 mx postfix/local[96]: 5B: to=<old@x.gov.vn>, relay=local, delay=1, dsn=2.0.0, status=sent (delivered)
Dec 31 23:59:59 mx postfix/local[96]: 5BFFFF: to=<old@x.gov.vn>, relay=local, delay=1, dsn=2.0.0, status=sent (delivered)
not a log line
`;
let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

async function* lines(text: string): AsyncGenerator<string> {
  await Promise.resolve();
  yield* text.trimEnd().split('\n');
}
const ingest = (text: string) =>
  ingestPostfix(db.sql, lines(text), { zone: '+07:00', now: NOW, keepMonths: 12 });

test('lines become deliveries with what earlier lines said; both kinds of stamps', () => {
  const read = createPostfixReader('+07:00', NOW);
  const transfers = LOG.trimEnd()
    .split('\n')
    .map(read)
    .flatMap((line) => (line.kind === 'transfer' ? [line.transfer] : []));
  expect(transfers[0]).toEqual({
    at: new Date('2026-11-24T02:00:02Z'),
    queue: '4A1B2C3D4E',
    status: 'sent',
    sender: 'snv@x.gov.vn',
    recipient: 'an@x.gov.vn',
    client: '192.0.2.1',
    messageId: '<1@snv.vn>',
    size: 1234,
    relay: '127.0.0.1[127.0.0.1]:24',
    detail: '2.1.5 250 2.1.5 Ok (queued)',
  });
  expect(transfers[1]).toMatchObject({
    at: new Date('2026-11-24T02:00:03.250Z'),
    status: 'deferred',
    recipient: 'b@y.vn',
    error: '4.4.1 connect to y.vn[203.0.113.5]:25: Connection timed out',
  });
  expect(transfers[2]).toMatchObject({
    queue: 'NOQUEUE',
    status: 'rejected',
    client: '198.51.100.7',
    sender: '',
    recipient: 'c@z.vn',
    error: '554 5.7.1 <c@z.vn>: Relay access denied',
  });
  // No year in the stamp: the latest that does not lie in the future.
  expect(transfers[4]!.at).toEqual(new Date('2025-12-31T16:59:59Z'));
});

test('read again, wholly or after an interruption, nothing is doubled; two equal refusals are two', async () => {
  const half = LOG.split('\n').slice(0, 5).join('\n');
  expect(await ingest(half)).toMatchObject({ transfers: 2, added: 2 });
  expect(await ingest(LOG)).toMatchObject({
    lines: 12,
    transfers: 5,
    added: 3,
    duplicates: 2,
    unreadable: 1,
  });
  expect(await ingest(LOG)).toMatchObject({ added: 0, duplicates: 5 });
  const found = await searchLog(db.sql, { recipient: 'an@x.gov.vn', limit: 5 });
  expect(found).toMatchObject([
    { entry: { event: 'mail.transferred', outcome: 'sent', queue: '4A1B2C3D4E' } },
  ]);
  expect(await searchLog(db.sql, { queue: 'NOQUEUE', limit: 5 })).toHaveLength(2);
});
