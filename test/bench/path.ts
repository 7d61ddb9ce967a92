import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { BlockList } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createGatekeeper } from '../../src/intake/receive.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import { prepareMonths } from '../../src/mail-log/sequencer.ts';
import { createMailer, deliver } from '../../src/notices/send.ts';
import { createParserPool } from '../../src/parser-process/pool.ts';
import { migrate, openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { sendNextNotice } from '../../src/work/outbox.ts';
import { workOnce } from '../../src/work/runner.ts';
import { openDoor } from '../harness/door.ts';
import { OK, recordingGate } from '../harness/gate.ts';
import { openOffice, type Office } from '../harness/office.ts';
import { load, spawnedCpuEach } from './rounds.ts';
import { minus, treeCpu, type Cpu } from './tree-cpu.ts';

/*
 * A letter's whole way: signed letters with a list of 16 rows, from SMTP to the completion notice at a real SMTP server,
 * beside a chain of programs that does the least of it: openssl verifies, Python's openpyxl reads, psql writes.
 */
const LETTERS = 120;
const STEPPED = 40;
const PEERS = 30;
const ROWS = 16;
const WORKERS = 4;
const AT = '2026-06-01T09:00:00+07:00';
const UNIT = 'snv@quangbinh.gov.vn';
const INTAKE = 'hotro@quangbinh.gov.vn';

export async function run(): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-path-'));
  fs.chmodSync(dir, 0o755);
  const database = await openDatabase({ url: undefined, dataDir: dir });
  await migrate(database.url);
  await prepareMonths(database.sql, new Date(AT));
  const pool = createParserPool({ children: 2 });
  const office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: AT,
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    env: { CONGTHU_INTAKE: INTAKE, CONGTHU_SIGN_REPLIES: 'yes' },
    pool,
    database: () => Promise.resolve({ ...database, drop: () => Promise.resolve() }),
  });
  const sink = await openDoor(recordingGate({ receive: () => Promise.resolve(OK) }), {
    trustedRelays: new BlockList(),
    maxConnectionsPerClient: 100,
  });
  const mailer = createMailer({
    relayUrl: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
    from: INTAKE,
    senderName: 'Sở TTTT',
    key: null,
    returnPathOf: () => INTAKE,
    fillIn: (text) => text,
  });
  const { deps } = office;
  const post = (): Promise<boolean> =>
    sendNextNotice({ db: deps.db, clock: deps.clock, mailer, bounceHash: () => null });
  try {
    const letters = Array.from({ length: 10 + STEPPED + LETTERS + PEERS }, (_, n) => written(office, n));
    const take = (count: number): Buffer[] => letters.splice(0, count);
    await stepped(office, database, take(10), post);
    const steps = await stepped(office, database, take(STEPPED), post);
    for (const [step, cpu] of steps) console.log(line(step, each(cpu, STEPPED)));
    await flowing(office, database, take(LETTERS), post);
    peers(office, dir, take(PEERS), database.url);
    console.log(load());
  } finally {
    await sink.door.close(1000);
    mailer.close();
    await office.close();
    pool.close();
    await database.close();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** One letter after the other, so that all CPU of a moment is of one step. */
async function stepped(
  office: Office,
  db: OpenDatabase,
  letters: readonly Buffer[],
  post: () => Promise<boolean>,
): Promise<Map<string, Cpu>> {
  const sums = new Map<string, Cpu>();
  const measured = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const before = treeCpu();
    const done = await work();
    const used = minus(treeCpu(), before);
    const sum = sums.get(step) ?? { gateway: 0, child: 0, postgres: 0 };
    sums.set(step, {
      gateway: sum.gateway + used.gateway,
      child: sum.child + used.child,
      postgres: sum.postgres + used.postgres,
    });
    return done;
  };
  const gate = createGatekeeper(office.door);
  const session = { id: 'b', remoteAddress: '127.0.0.1', helo: 'b', tls: false, authenticatedAs: null };
  for (const raw of letters) {
    const incoming = {
      raw: letterOf(raw),
      envelopeFrom: UNIT,
      recipients: [INTAKE],
      session,
      receivedAt: new Date(AT),
    };
    const { text, code } = await measured('receive', () => gate.receive(incoming));
    if (code !== 250) throw new Error(text);
    const id = text.split(' ').at(-1)!;
    for (;;) {
      const [row] = await db.sql<{ state: string }[]>`select state from letter where id = ${id}`;
      const step = STEP_OF[row!.state];
      if (step === undefined) break;
      await measured(step, () => workOnce(office.deps));
    }
    await measured('notices', async () => {
      while (await post());
    });
  }
  await finished(db);
  return sums;
}
const STEP_OF: Readonly<Record<string, string>> = {
  received: 'examine',
  examined: 'register',
  registered: 'approve',
  approved: 'read list',
  listed: 'check',
  checked: 'provision',
};

/** All at once over SMTP, with as many workers as a gateway has, until every notice has been taken. */
async function flowing(
  office: Office,
  db: OpenDatabase,
  letters: readonly Buffer[],
  post: () => Promise<boolean>,
): Promise<void> {
  const door = await openDoor(createGatekeeper(office.door), { clock: office.deps.clock });
  const before = treeCpu();
  const start = performance.now();
  let arriving = true;
  const busy = async (work: () => Promise<boolean>): Promise<void> => {
    for (;;) {
      const last = !arriving;
      if (await work()) continue;
      if (last) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const sending = (async () => {
    for (const raw of letters) {
      const { code, text } = await deliver(`smtp://127.0.0.1:${door.port}?ignoreTLS=true`, UNIT, INTAKE, raw);
      if (code !== 250) throw new Error(text);
    }
  })();
  const working = Array.from({ length: WORKERS }, () => busy(() => workOnce(office.deps)));
  const posting = busy(post);
  await sending;
  arriving = false;
  await Promise.all([...working, posting]);
  while ((await workOnce(office.deps)) || (await post()));
  const seconds = (performance.now() - start) / 1000;
  const cpu = each(minus(treeCpu(), before), letters.length);
  await door.door.close(1000);
  await finished(db);
  console.log(
    line(`${(letters.length / seconds).toFixed(1)} letters/s from SMTP to the completion notice`, cpu),
  );
}

/** Nothing may be measured that did not come to its end. */
async function finished(db: OpenDatabase): Promise<void> {
  const [seen] = await db.sql<{ open: number; rows: number; unsent: number }[]>`select
    (select count(*)::int from letter where state <> 'completed') as open,
    (select count(*)::int from dossier_row where state <> 'done') as rows,
    (select count(*)::int from notice where state <> 'sent') as unsent`;
  const { open, rows, unsent } = seen!;
  if (open + rows + unsent > 0) {
    const [letter] = await db.sql`select state, reason from letter where state <> 'completed' limit 1`;
    throw new Error(
      `${open} letters, ${rows} rows, ${unsent} notices did not end: ${JSON.stringify(letter)}`,
    );
  }
}

/** The chain of programs: one openssl, one Python and one psql per letter, as a script behind a mail server would. */
function peers(office: Office, dir: string, letters: readonly Buffer[], url: string): void {
  execFileSync('psql', [url, '-qc', 'create table public.peer (letter text, cells jsonb)']);
  const anchors = path.join(dir, 'anchors.pem');
  const pems = [office.pki.anchors, office.pki.intermediates].flatMap((folder) =>
    fs.readdirSync(folder).map((file) => path.join(folder, file)),
  );
  fs.writeFileSync(anchors, pems.map((file) => asPem(fs.readFileSync(file))).join(''));
  const script = path.join(import.meta.dirname, 'path-peer.py');
  const commands = letters.map((raw, n) => {
    const file = path.join(dir, `${n}.eml`);
    fs.writeFileSync(file, raw);
    const when = new Date(AT).getTime() / 1000;
    return `openssl cms -verify -in ${file} -CAfile ${anchors} -attime ${when} -out ${file}.body 2>/dev/null && /usr/bin/python3 ${script} ${file}.body ${n} | psql -q -v ON_ERROR_STOP=1 '${url}' || { echo "letter ${n}" >&2; exit 1; }`;
  });
  const postgresBefore = treeCpu().postgres;
  const start = performance.now();
  const children = spawnedCpuEach(commands);
  const seconds = (performance.now() - start) / 1000;
  const count = execFileSync('psql', [url, '-Atc', 'select count(*) from public.peer'], { encoding: 'utf8' });
  if (Number(count) !== PEERS * ROWS) throw new Error(`the peer wrote ${count.trim()} rows`);
  // Its backends end with each psql, so PostgreSQL's share of the peer is only what its standing processes used.
  const cpu = { gateway: 0, child: children, postgres: (treeCpu().postgres - postgresBefore) / PEERS };
  console.log(
    line(`${(PEERS / seconds).toFixed(1)} letters/s by openssl | openpyxl | psql, one after the other`, cpu),
  );
}

const asPem = (bytes: Buffer): string =>
  bytes.toString('latin1').includes('-----BEGIN')
    ? `${bytes.toString('latin1')}\n`
    : `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

const each = (cpu: Cpu, letters: number): Cpu => ({
  gateway: cpu.gateway / letters,
  child: cpu.child / letters,
  postgres: cpu.postgres / letters,
});

function line(what: string, { gateway, child, postgres }: Cpu): string {
  const ms = (value: number): string => value.toFixed(1).padStart(6);
  return `${what.padEnd(64)} CPU ms per letter:${ms(gateway + child + postgres)} = gateway${ms(gateway)} + other programs${ms(child)} + PostgreSQL${ms(postgres)}`;
}

const NAMES = [
  ['An', 'Bình', 'Chi', 'Dũng', 'Giang', 'Hà', 'Hùng', 'Khánh', 'Lan', 'Mai', 'Nam', 'Oanh', 'Phúc'],
  ['Anh', 'Bảo', 'Gia', 'Hải', 'Hoài', 'Khắc', 'Mạnh', 'Ngọc', 'Nhật', 'Phương', 'Quốc', 'Thu'],
  ['Văn', 'Thị', 'Đức', 'Minh', 'Quang', 'Hữu', 'Thanh', 'Xuân', 'Công', 'Kim', 'Đình'],
  ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Phan', 'Vũ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ', 'Ngô'],
] as const;

/** No two people with one name: the regulation would ask an officer. */
function nameOf(person: number): string {
  let rest = person;
  const words = NAMES.map((names) => {
    const word = names[rest % names.length]!;
    rest = Math.floor(rest / names.length);
    return word;
  });
  return words.reverse().join(' ');
}

function written(office: Office, n: number): Buffer {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const person = n * ROWS + i;
    const name = nameOf(person);
    return [i + 1, name, 'Chuyên viên', `09${String(10_000_000 + person)}`];
  });
  return office.write({
    from: UNIT,
    to: INTAKE,
    subject: `V/v đề nghị cấp mới hộp thư (${n})`,
    text: 'Đề nghị cấp mới hộp thư điện tử công vụ theo danh sách.',
    list: [['ĐỀ NGHỊ CẤP MỚI HỘP THƯ'], [], ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'], ...rows],
  });
}
