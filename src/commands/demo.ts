import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlockList } from 'node:net';
import pino from 'pino';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { startGateway, type Gateway } from '../gateway.ts';
import { createSmtpDoor, type SmtpDoor } from '../intake/smtp.ts';
import { SMTP_DOOR_DEFAULTS } from '../intake/smtp-options.ts';
import { loadLogKey } from '../mail-log/key-file.ts';
import { verifyLog } from '../mail-log/verify.ts';
import { deliver } from '../notices/send.ts';
import type { OpenDatabase } from '../store/database.ts';
import { letterById } from '../store/letters.ts';
import { noticesOfLetter, type Notice } from '../store/notices.ts';
import { allMailboxes, upsertMailboxes, upsertUnits } from '../store/registry.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';
import { addDemoAccounts } from './demo-accounts.ts';
import { demoLetters, INTAKE, PERSON, UNIT, type DemoLetter } from './demo-letters.ts';
import { buildDemoPki } from './demo-pki.ts';

const REGULATION = 'vn-quangbinh-41-2015';
/** A letter goes through in well under a second; this is for slow machines. */
const PATIENCE_MS = 20_000;

export const demo: Command = {
  name: 'demo',
  summary: 'shows the main job on an embedded database with letters sent over SMTP',
  usage:
    'congthu demo [--exit]\n--exit: ends when all is shown; status 0 when all came out as told, 1 otherwise.\n',
  async run(args, io) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-demo-'));
    fs.chmodSync(dir, 0o755); // under root the embedded PostgreSQL runs as another user
    try {
      return await inFolder(dir, args.includes('--exit'), io);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function inFolder(dir: string, exit: boolean, io: CommandIo): Promise<number> {
  const say = (text: string): void => {
    io.out.write(`${text}\n`);
  };
  say('Cổng thư – trình diễn theo Quyết định 41/2015/QĐ-UBND tỉnh Quảng Bình\n');
  const pki = buildDemoPki(path.join(dir, 'pki'), INTAKE, UNIT);
  say('✓ PKI trình diễn: CA gốc, CA cấp dưới, chứng thư của Sở Nội vụ và của Sở TTTT, CRL');
  const sink = await startSink(dir);
  const config = readConfig({
    CONGTHU_DATA_DIR: dir,
    CONGTHU_REGULATIONS: REGULATION,
    CONGTHU_SMTP_LISTEN: '127.0.0.1:0',
    CONGTHU_CONSOLE_LISTEN: '127.0.0.1:0',
    CONGTHU_RELAY_URL: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
    CONGTHU_NOTICE_FROM: INTAKE,
    CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
    CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
    CONGTHU_ANCHORS_DIR: pki.anchors,
    CONGTHU_INTERMEDIATES_DIR: pki.intermediates,
    CONGTHU_CRLS_DIR: pki.crls,
    CONGTHU_SIGNING_P12: pki.operatorP12,
    CONGTHU_SIGNING_PASS: pki.passphrase,
    CONGTHU_SIGN_REPLIES: 'yes',
  });
  try {
    return await useDatabase(config, io, async (db) => {
      await register(db);
      const gateway = await startGateway(config, db, systemClock, pino({ level: 'warn' }));
      try {
        say(`✓ Cơ sở dữ liệu nhúng, cửa SMTP 127.0.0.1:${gateway.smtp.port}, 03 đơn vị trong sổ đăng ký\n`);
        const letters = await demoLetters(pki.unit);
        let wrong = 0;
        for (const [i, letter] of letters.entries()) {
          say(`${i + 1}. ${letter.title} (${letter.from})`);
          const faults = await play(letter, db, gateway, sink, say);
          for (const fault of faults) say(`   ✗ ${fault}`);
          wrong += faults.length;
        }
        wrong += await showLog(db, dir, config.hostname, say);
        say(`\nTrang làm việc: http://${gateway.console.host}:${gateway.console.port}/ – đăng nhập bằng`);
        for (const line of await addDemoAccounts(db, dir, systemClock.now())) say(line);
        say(wrong === 0 ? '\nTất cả diễn ra đúng như quy định.' : `\n${wrong} điều KHÔNG đúng như mong đợi.`);
        if (!exit && !io.signal.aborted) {
          say('Cổng vẫn đang chạy; bấm Ctrl+C để kết thúc.');
          await new Promise((resolve) => {
            io.signal.addEventListener('abort', resolve, { once: true });
          });
        }
        return wrong === 0 ? 0 : 1;
      } finally {
        await gateway.stop();
      }
    });
  } finally {
    await sink.door.close(1000);
  }
}

async function register(db: OpenDatabase): Promise<void> {
  const unit = (code: string, name: string) => ({
    code,
    name,
    regulation: REGULATION,
    mailbox: `${code}@quangbinh.gov.vn`,
    parent: null,
    level: 'so',
    abbreviation: code,
  });
  await db.transaction(async (tx) => {
    await upsertUnits(tx, [
      unit('snv', 'Sở Nội vụ'),
      unit('stttt', 'Sở Thông tin và Truyền thông'),
      unit('stc', 'Sở Tài chính'),
    ]);
    await upsertMailboxes(tx, [
      {
        address: PERSON,
        kind: 'person',
        fullName: 'Nguyễn Văn An',
        position: 'Chuyên viên',
        unit: 'snv',
        state: 'active',
        createdAt: new Date(),
        lastLogin: null,
      },
    ]);
  });
}

interface Sink {
  readonly door: SmtpDoor;
  readonly port: number;
  /** What arrived, whole, newest last. */
  readonly letters: { readonly to: string; readonly raw: Buffer }[];
}

/** The mail server of the province, as far as the demo needs it: takes every notice and keeps it. */
async function startSink(dir: string): Promise<Sink> {
  const letters: Sink['letters'] = [];
  const yes = (): Promise<null> => Promise.resolve(null);
  const door = createSmtpDoor(
    {
      ...SMTP_DOOR_DEFAULTS,
      host: '127.0.0.1',
      port: 0,
      name: 'mail.quangbinh.gov.vn',
      trustedRelays: new BlockList(),
      xclientFrom: new BlockList(),
      spoolDir: dir,
      clock: systemClock,
      log: () => undefined,
    },
    {
      connection: yes,
      mailFrom: yes,
      rcptTo: yes,
      async receive({ raw, recipients }) {
        letters.push({ to: recipients.join(), raw: await raw.bytes() });
        return { code: 250, status: '2.0.0', text: 'taken' };
      },
    },
  );
  return { door, port: (await door.listen()).port, letters };
}

async function play(
  letter: DemoLetter,
  db: OpenDatabase,
  gateway: Gateway,
  sink: Sink,
  say: (text: string) => void,
): Promise<string[]> {
  const faults: string[] = [];
  const before = sink.letters.length;
  const answer = await deliver(
    `smtp://127.0.0.1:${gateway.smtp.port}?ignoreTLS=true`,
    letter.from,
    INTAKE,
    letter.raw,
  );
  say(`   → ${answer.text.replaceAll(/\s+/g, ' ')}`);
  if (answer.code !== letter.expect.code)
    faults.push(`mã trả lời ${answer.code}, mong đợi ${letter.expect.code}`);
  const id = /received as ([0-9a-f-]{36})/.exec(answer.text)?.[1];
  let words = answer.text;
  if (id !== undefined && letter.expect.state !== undefined) {
    const arrived = await settled(db, sink, id, before + letter.expect.notices.length);
    const state = (await db.transaction((tx) => letterById(tx.orm, id)))?.state ?? 'mất';
    if (state !== letter.expect.state) faults.push(`trạng thái ${state}, mong đợi ${letter.expect.state}`);
    for (const notice of arrived) say(`   ✉ ${notice.subject} → ${notice.recipient}`);
    const templates = arrived.map(({ template }) => template);
    if (templates.join() !== letter.expect.notices.join())
      faults.push(`thông báo ${templates.join()}, mong đợi ${letter.expect.notices.join()}`);
    const unsigned = sink.letters.slice(before).filter(({ raw }) => !raw.includes('multipart/signed'));
    if (unsigned.length > 0) faults.push('có thông báo chưa được ký số');
    words = arrived.at(-1)?.text ?? '';
    for (const line of words.split('\n').filter((text) => /^ {2}\* |^ {4}|^- /.test(text)))
      say(`     ${line.replace(/\{\{activation:.*\}\}/, '(địa chỉ riêng, dùng một lần)').trim()}`);
  }
  if (sink.letters.length - before !== letter.expect.notices.length)
    faults.push(`${sink.letters.length - before} thông báo đã đến, mong đợi ${letter.expect.notices.length}`);
  if (!words.includes(letter.expect.says)) faults.push(`không nêu “${letter.expect.says}”`);
  return faults;
}

/** Waits until the letter rests and its notices have arrived. */
async function settled(db: OpenDatabase, sink: Sink, id: string, arrivals: number): Promise<Notice[]> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const { letter, notices } = await db.transaction(async (tx) => ({
      letter: await letterById(tx.orm, id),
      notices: await noticesOfLetter(tx.orm, id),
    }));
    const rests =
      letter !== null &&
      !['received', 'examined', 'registered', 'approved', 'listed', 'checked'].includes(letter.state);
    const sent = notices.every(({ state }) => state === 'sent');
    if ((rests && sent && sink.letters.length >= arrivals) || Date.now() > until) return notices;
    await sleep(50);
  }
}

async function showLog(
  db: OpenDatabase,
  dir: string,
  hostname: string,
  say: (text: string) => void,
): Promise<number> {
  await sleep(500); // the sequencer numbers what was written last
  const boxes = await db.transaction((tx) => allMailboxes(tx.orm));
  say(`\nHộp thư trong sổ đăng ký: ${boxes.map(({ address, state }) => `${address} (${state})`).join(', ')}`);
  const report = await verifyLog(db.sql, loadLogKey(path.join(dir, 'mail-log.key'), `${hostname}/mail-log`));
  for (const fault of report.faults) say(`   ✗ ${fault}`);
  if (report.faults.length === 0)
    say(
      `✓ Nhật ký thư: ${report.size} mục, ${report.checkpoints} điểm kiểm tra có chữ ký, không mục nào bị sửa, thêm, bớt`,
    );
  return report.faults.length;
}
