import { createHash, randomUUID } from 'node:crypto';
import { append } from '../../mail-log/append.ts';
import { decision, letterReceived } from '../../mail-log/events.ts';
import { shortDate } from '../../notices/dates.ts';
import { refusalSentence } from '../../rules/admission-replies.ts';
import { admit, mayAsk, type Admission } from '../../rules/admission.ts';
import { addDays, localMoment, localTime } from '../../rules/calendar.ts';
import type { LetterFacts } from '../../rules/letter-facts.ts';
import type { Unit } from '../../rules/registry.ts';
import { REQUEST_KINDS, type Regulation, type RequestKind } from '../../rules/regulation.ts';
import { governs } from '../../rules/regulations.ts';
import { secrecyMark } from '../../rules/secrecy.ts';
import { foldKey } from '../../rules/text/normalise.ts';
import type { Tx } from '../../store/database.ts';
import { dossierByNumber } from '../../store/dossiers.ts';
import { addLetter, letterByDigest } from '../../store/letters.ts';
import { allUnits } from '../../store/registry.ts';
import type { ActDeps } from '../step.ts';
import { subjectOf } from '../write-notice.ts';
import { Problems, type Fields, type Officer, type Upload } from './action.ts';
import { filesText } from './judge-again.ts';
import { paperLetter } from './paper-letter.ts';
import { isDocumentNumber, isIsoDate } from './record-paper.ts';

/** What came of entering a paper request. */
export type Entered =
  | { readonly result: 'done'; readonly letter: string }
  | { readonly result: 'problems'; readonly problems: readonly string[] }
  /** The same document of the same unit was entered before, perhaps by a colleague a moment ago. */
  | { readonly result: 'known'; readonly letter: string };

interface Paper {
  readonly unit: Unit;
  readonly kinds: readonly RequestKind[];
  readonly number: string;
  /** ISO date of the document, and of its arrival. */
  readonly date: string;
  readonly receivedAt: Date;
  readonly about: string;
  readonly dossier: string;
  readonly text: string;
  readonly files: readonly Upload[];
}

/** Kinds nobody asks for in writing: they have doors of their own. */
const NEVER_ON_PAPER: readonly RequestKind[] = ['INCIDENT', 'ABUSE_REPORT'];

/** What units of a regulation may ask for on paper, with its words for the form. */
export const paperKinds = (regulations: readonly Regulation[]): (readonly [RequestKind, string])[] =>
  REQUEST_KINDS.filter(
    (kind) =>
      !NEVER_ON_PAPER.includes(kind) && regulations.some((regulation) => mayAsk(regulation, kind, 'paper')),
  ).map((kind) => [kind, capital(subjectOf([kind]))] as const);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "Sở Nội vụ (snv)": how a unit stands in the form's list; its code alone will do. */
export const unitLabel = ({ name, code }: Pick<Unit, 'name' | 'code'>): string => `${name} (${code})`;

/** A paper is registered the day it comes, at latest the next working day (NĐ 30/2020 Đ4.2c); holidays are long. */
const MOST_DAYS_LATE = 30;
/** Nobody opens the post in the night: where only the day is known, noon is within everybody's office hours. */
const NOON = 12 * 60;

/**
 * An officer enters a request that came on paper (QB-4.1b, HCM-8.4b). It becomes a letter whose way in is "paper" and
 * goes the way of every other: the same receipt, clock, list, checks and result. One transaction with its log entries;
 * one document of one unit is entered once.
 */
export async function enterPaper(fields: Fields, officer: Officer, deps: ActDeps): Promise<Entered> {
  return deps.db.transaction(async (tx) => {
    const paper = await readPaper(tx, fields, deps);
    if (paper instanceof Problems) return { result: 'problems', problems: paper.texts };
    return store(tx, paper, officer, deps);
  });
}

async function readPaper(tx: Tx, fields: Fields, deps: ActDeps): Promise<Paper | Problems> {
  const today = localTime(deps.clock.now()).date;
  const unit = unitTyped(fields.text('unit'), await allUnits(tx.orm));
  const kinds = REQUEST_KINDS.filter(
    (kind) => fields.all('kind').includes(kind) && !NEVER_ON_PAPER.includes(kind),
  );
  const number = fields.text('number');
  const date = fields.text('date');
  const came = fields.text('received') === '' ? today : fields.text('received');
  const dossier = fields.text('dossier').toUpperCase();
  const text = fields.text('text');
  const files = [fields.upload('scan'), fields.upload('list')].filter((file) => file !== null);
  const about = fields.text('about').replaceAll(/\s+/g, ' ').slice(0, 300);
  const problems: string[] = [];
  const wrong = (is: boolean, words: string): void => {
    if (is) problems.push(words);
  };
  wrong(unit === null, 'Chọn đơn vị gửi văn bản trong danh sách gợi ý (theo sổ đăng ký đơn vị).');
  wrong(
    unit !== null && unit.mailbox === null,
    'Đơn vị chưa có hộp thư trong sổ đăng ký nên không có nơi gửi kết quả: ghi hộp thư vào sổ đăng ký trước, hoặc nhập theo văn bản của đơn vị quản lý trực tiếp.',
  );
  wrong(kinds.length === 0, 'Chọn nội dung đề nghị.');
  wrong(!isDocumentNumber(number), 'Ghi số, ký hiệu của văn bản giấy (ví dụ: 12/SNV-VP).');
  wrong(!isIsoDate(date), 'Ghi ngày của văn bản giấy.');
  wrong(isIsoDate(date) && date > today, 'Ngày của văn bản không thể sau hôm nay.');
  wrong(
    !isIsoDate(came) || came > today || came < addDays(today, -MOST_DAYS_LATE),
    `Ngày nhận phải từ ${shortDate(addDays(today, -MOST_DAYS_LATE))} đến hôm nay.`,
  );
  wrong(isIsoDate(came) && isIsoDate(date) && came < date, 'Ngày nhận không thể trước ngày của văn bản.');
  wrong(
    fields.upload('list') === null && text === '',
    'Kèm tệp danh sách, hoặc gõ danh sách vào ô “Danh sách gõ tay”.',
  );
  wrong(
    fields.upload('list') === null &&
      text !== '' &&
      !isTable(text) &&
      !kinds.every((kind) => kind === 'USAGE_REPORT'),
    'Danh sách gõ tay phải có dòng tiêu đề cột, mỗi người một dòng, các cột cách nhau bằng dấu |.',
  );
  wrong(
    secrecyMark([number, about, text, ...files.map(({ name }) => name)].join('\n')) !== null,
    'Văn bản có dấu chỉ độ mật không được nhập vào hệ thống này.',
  );
  const known = dossier === '' ? null : await dossierByNumber(tx.orm, dossier);
  wrong(
    dossier !== '' && (known === null || known.unit !== unit?.code || known.state === 'completed'),
    'Hồ sơ được bổ sung phải là hồ sơ chưa kết thúc của chính đơn vị này (ví dụ: TN-2026-000012); nếu là đề nghị mới thì để trống.',
  );
  if (unit === null || problems.length > 0) return new Problems(...problems);
  const receivedAt = came === today ? deps.clock.now() : localMoment(came, NOON);
  return { unit, kinds, number, date, receivedAt, about, dossier, text, files };
}

/** The unit must not be sent back a list for how an officer has typed it: at least a heading and a row in columns. */
const isTable = (text: string): boolean => text.split('\n').filter((line) => /[|\t]/.test(line)).length >= 2;

/** The unit that was typed or picked: by its label, its code, or its name where only one has it. */
function unitTyped(typed: string, units: readonly Unit[]): Unit | null {
  const exact = units.find((unit) => typed === unitLabel(unit) || typed.toLowerCase() === unit.code);
  if (exact !== undefined) return exact;
  const named = units.filter(({ name }) => foldKey(typed) === foldKey(name));
  return named.length === 1 ? named[0]! : null;
}

const documentName = ({ number, date }: Paper): string => `số ${number} ngày ${shortDate(date)}`;

async function store(tx: Tx, paper: Paper, officer: Officer, deps: ActDeps): Promise<Entered> {
  const now = deps.clock.now();
  const { unit, number, date, files, receivedAt } = paper;
  const from = unit.mailbox!;
  const about = paper.about === '' ? `V/v đề nghị ${subjectOf(paper.kinds)}` : paper.about;
  const subject = `${paper.dossier === '' ? '' : `[${paper.dossier}] `}Văn bản giấy ${documentName(paper)}: ${about}`;
  const raw = paperLetter({ from, subject, text: paper.text, receivedAt, files }, `giay-${randomUUID()}`);
  const facts = factsOf(paper, subject, raw.length);
  const admission = admitPaper(facts, paper, deps);
  if (admission.decision !== 'accept')
    return { result: 'problems', problems: [whyNot(admission, unit, deps)] };
  const id = randomUUID();
  // The document's own name makes it one: two officers, or one twice, must not open two dossiers over it.
  const digest = createHash('sha256')
    .update(['paper', unit.code, foldKey(number), date, paper.dossier].join('\n'))
    .digest();
  const stored = await addLetter(
    tx,
    {
      id,
      receivedAt,
      door: 'paper',
      client: null,
      regulation: admission.regulation.id,
      unit: unit.code,
      sender: from,
      person: null,
      messageId: null,
      size: raw.length,
      digest,
      kinds: [...paper.kinds],
      facts,
      state: 'received',
      reason: null,
      findings: { officer: { paper: { number, date } } },
      dueAt: now,
    },
    raw,
  );
  if (!stored) return { result: 'known', letter: (await letterByDigest(tx.orm, digest))!.id };
  const mail = { letter: id, unit: unit.code, sender: from, size: raw.length, messageId: null, subject };
  const hashed = files.map(({ name, bytes }) => ({
    filename: name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const detail = [`văn bản giấy ${documentName(paper)}`, filesText(hashed)].filter((part) => part !== '');
  await append(
    tx.sql,
    now,
    letterReceived({ ...mail, recipient: null, client: null, detail: detail[0]! }),
    decision({
      letter: id,
      unit: unit.code,
      outcome: 'paper entered',
      detail: detail.join('; '),
      actor: officer.name,
    }),
  );
  return { result: 'done', letter: id };
}

function factsOf({ unit, text, files, number, date }: Paper, subject: string, size: number): LetterFacts {
  return {
    envelopeFrom: null,
    recipients: [PAPER_INTAKE],
    author: { ok: true, address: unit.mailbox! },
    proof: { method: 'paper', result: 'pass', domain: null, detail: `${number} ${date}` },
    automatic: null,
    forwarded: null,
    messageId: null,
    inReplyTo: [],
    subject,
    bodyText: text,
    attachments: files.map(({ name, bytes }) => ({ filename: name, size: bytes.length })),
    size,
    limit: null,
  };
}

/** Where a paper is "sent to": no mail address can be this. */
const PAPER_INTAKE = 'paper';

/** The same law as at every door: unit at work, allowed to ask for this, files not too large. */
function admitPaper(facts: LetterFacts, { unit, kinds }: Paper, { regulations, clock }: ActDeps): Admission {
  return admit(facts, {
    regulations,
    intakeAddresses: regulations.map((regulation) => ({
      address: PAPER_INTAKE,
      kind: 'request',
      regulation,
    })),
    senderOf: () => ({ kind: 'unit', unit }),
    kinds,
    ownAddresses: [],
    now: clock.now(),
  });
}

function whyNot(admission: Admission, unit: Unit, { regulations, clock }: ActDeps): string {
  const today = localTime(clock.now()).date;
  const own = regulations.find((regulation) => governs(regulation, unit.regulation, today, regulations));
  if (admission.decision !== 'refuse' || own === undefined) return 'Đơn vị không thuộc hệ thống này.';
  return refusalSentence(admission.reason, own);
}
