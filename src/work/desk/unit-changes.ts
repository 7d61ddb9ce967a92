import { createHash, X509Certificate } from 'node:crypto';
import { append } from '../../mail-log/append.ts';
import { configurationChanged } from '../../mail-log/events.ts';
import { localTime } from '../../rules/calendar.ts';
import type { Unit } from '../../rules/registry.ts';
import { readUnitEntry, type TypedUnit, type UnitEntry } from '../../rules/unit-entry.ts';
import type { Tx } from '../../store/database.ts';
import { delegatesOf, endCharge, type Delegate } from '../../store/delegates.ts';
import {
  addUnit,
  allUnits,
  changeUnit,
  lockRegistry,
  lockUnit,
  mailboxByAddress,
  unitByCode,
  upsertFormerMailboxes,
} from '../../store/registry.ts';
import { putUnitSeal, unitSealOf, type UnitSeal } from '../../store/scans.ts';
import type { ActDeps } from '../step.ts';
import { Problems, type Officer, type Upload } from './action.ts';
import { isIsoDate } from './record-paper.ts';

/** Everything the registry holds about a unit besides its people's mailboxes. */
export interface UnitFile {
  readonly unit: Unit;
  readonly delegates: readonly Delegate[];
  readonly seal: UnitSeal | null;
}

export type UnitChanged =
  | { readonly result: 'done' }
  | { readonly result: 'problems'; readonly problems: readonly string[] }
  /** The entry is not as the officer saw it. */
  | { readonly result: 'conflict' }
  | { readonly result: 'unknown' };

/** Whose entry, as it stood in the form, and who changes it. */
export interface UnitOrder {
  readonly code: string;
  readonly stamp: string;
  readonly officer: Officer;
}

type Deps = Pick<ActDeps, 'db' | 'clock' | 'regulations'>;

export async function unitFile(tx: Tx, code: string): Promise<UnitFile | null> {
  const unit = await unitByCode(tx.orm, code);
  if (unit === null) return null;
  return { unit, delegates: await delegatesOf(tx.orm, code), seal: await unitSealOf(tx.orm, code) };
}

/** Changes whenever anything of the file does: who sends back an older one is told that somebody was faster. */
export function unitStamp({ unit, delegates, seal }: UnitFile): string {
  const seen = [unit, delegates.map(({ id }) => id), seal?.sha256.toString('hex') ?? null];
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 22);
}

/** One transaction: the entry locked and compared, the change, its log entry in plain words. */
async function change(
  { code, stamp, officer }: UnitOrder,
  { db, clock }: Deps,
  act: (tx: Tx, file: UnitFile, now: Date) => Promise<string | Problems>,
): Promise<UnitChanged> {
  return db.transaction(async (tx) => {
    await lockUnit(tx, code);
    const file = await unitFile(tx, code);
    if (file === null) return { result: 'unknown' };
    if (unitStamp(file) !== stamp) return { result: 'conflict' };
    const now = clock.now();
    const detail = await act(tx, file, now);
    if (detail instanceof Problems) return { result: 'problems', problems: detail.texts };
    if (detail !== '') await append(tx.sql, now, changed(code, detail, officer));
    return { result: 'done' };
  });
}

const changed = (code: string, detail: string, officer: Officer) =>
  configurationChanged({ what: 'unit', detail: `${code}: ${detail}`, actor: officer.name });

async function readEntry(tx: Tx, typed: TypedUnit, deps: Deps): Promise<UnitEntry | Problems> {
  await lockRegistry(tx);
  const box = await mailboxByAddress(tx.orm, typed.mailbox.toLowerCase());
  const read = readUnitEntry(typed, {
    regulations: deps.regulations,
    units: await allUnits(tx.orm),
    isPersons: (address) => box?.address === address && box.kind === 'person',
  });
  return read.entry ?? new Problems(...read.problems);
}

/** A new unit, as after a reorganisation (domain.md §1.2). */
export async function registerUnit(typed: TypedUnit, officer: Officer, deps: Deps): Promise<UnitChanged> {
  return deps.db.transaction(async (tx) => {
    const entry = await readEntry(tx, typed, deps);
    if (entry instanceof Problems) return { result: 'problems', problems: entry.texts };
    if ((await unitByCode(tx.orm, entry.code)) !== null)
      return { result: 'problems', problems: [`Mã “${entry.code}” đã có trong sổ đăng ký.`] };
    await addUnit(tx, { ...entry, certificates: [] });
    const { code, ...rest } = entry;
    await append(tx.sql, deps.clock.now(), changed(code, `registered ${JSON.stringify(rest)}`, officer));
    return { result: 'done' };
  });
}

/**
 * The entry's own values. A unit whose mailbox changes may be known by the former one for a while.
 * @param formerUntil ISO date, the last day the former address still speaks for the unit; null: it does no longer
 */
export function changeEntry(
  order: UnitOrder,
  typed: TypedUnit,
  formerUntil: string | null,
  deps: Deps,
): Promise<UnitChanged> {
  return change(order, deps, async (tx, { unit }, now) => {
    if (formerUntil !== null && (!isIsoDate(formerUntil) || formerUntil < localTime(now).date))
      return new Problems('Ngày cuối dùng địa chỉ cũ phải từ hôm nay trở đi.');
    const entry = await readEntry(tx, typed, deps);
    if (entry instanceof Problems) return entry;
    const keys = Object.keys(entry).filter((key): key is keyof UnitEntry => key in entry);
    const differs = keys.filter((key) => key !== 'code' && (unit[key] ?? null) !== entry[key]);
    if (differs.length === 0) return '';
    const { code, ...values } = entry;
    await changeUnit(tx, code, values);
    const told = differs.map((key) => `${key} "${String(unit[key] ?? '')}" → "${String(entry[key] ?? '')}"`);
    const { mailbox } = unit;
    if (mailbox !== null && mailbox !== entry.mailbox && formerUntil !== null) {
      await upsertFormerMailboxes(tx, [{ address: mailbox, unit: code, validTo: formerUntil }]);
      told.push(`former mailbox "${mailbox}" until ${formerUntil}`);
    }
    return told.join(', ');
  });
}

/** Pins a certificate: its signatures speak for the unit even where the unit's address does not stand in it. */
export function pinCertificate(order: UnitOrder, file: Upload | null, deps: Deps): Promise<UnitChanged> {
  return change(order, deps, async (tx, { unit }, now) => {
    const certificate = file === null ? null : certificateIn(file.bytes);
    if (certificate === null) return new Problems('Chọn tệp chứng thư số của đơn vị (.cer, .crt hoặc .pem).');
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    if (unit.certificates.includes(fingerprint)) return new Problems('Chứng thư này đã được ghi trong sổ.');
    if (certificate.ca) return new Problems('Đây là chứng thư của tổ chức cấp, không phải của đơn vị.');
    if (certificate.validToDate < now)
      return new Problems('Chứng thư này đã hết hiệu lực; đề nghị đơn vị gửi chứng thư đang dùng.');
    await changeUnit(tx, unit.code, { certificates: [...unit.certificates, fingerprint] });
    const subject = certificate.subject.replaceAll('\n', ', ');
    return `pinned certificate sha256:${fingerprint} of ${subject}, until ${certificate.validToDate.toISOString()}`;
  });
}

export function unpinCertificate(order: UnitOrder, fingerprint: string, deps: Deps): Promise<UnitChanged> {
  return change(order, deps, async (tx, { unit }) => {
    if (!unit.certificates.includes(fingerprint)) return new Problems('Chứng thư này không có trong sổ.');
    await changeUnit(tx, unit.code, {
      certificates: unit.certificates.filter((known) => known !== fingerprint),
    });
    return `certificate sha256:${fingerprint} no longer pinned`;
  });
}

/** A few hundred kilobytes are a sharp picture of a seal. */
const MOST_SEAL = 2 * 1024 * 1024;

/** The picture shown beside the seal of a scan. It is compared by officers' eyes, never by a machine. */
export function enrolSeal(order: UnitOrder, file: Upload | null, deps: Deps): Promise<UnitChanged> {
  return change(order, deps, async (tx, { unit }, now) => {
    const mediaType = file === null ? null : pictureType(file.bytes);
    if (file === null || mediaType === null)
      return new Problems('Chọn tệp hình mẫu dấu dạng PNG hoặc JPEG, cắt sát con dấu.');
    if (file.bytes.length > MOST_SEAL)
      return new Problems('Tệp hình mẫu dấu lớn hơn 2 MB; đề nghị cắt sát con dấu hoặc giảm kích thước.');
    const seal = { unit: unit.code, mediaType, bytes: file.bytes };
    await putUnitSeal(tx, { ...seal, enrolledAt: now, enrolledBy: order.officer.name });
    return `seal picture sha256:${createHash('sha256').update(file.bytes).digest('hex')}`;
  });
}

/** Somebody is no longer in charge of the unit's mailbox. New ones are named by the unit's letter or an import. */
export function endDelegate(order: UnitOrder, id: string, deps: Deps): Promise<UnitChanged> {
  return change(order, deps, async (tx, { unit, delegates }, now) => {
    const found = delegates.find((one) => one.id === id);
    if (found === undefined || !(await endCharge(tx, unit.code, id, now)))
      return new Problems('Người này không còn phụ trách hộp thư của đơn vị.');
    return `${found.fullName} no longer in charge of the mailbox`;
  });
}

function certificateIn(bytes: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    return null;
  }
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const JPEG = Buffer.from('ffd8ff', 'hex');

function pictureType(bytes: Buffer): 'image/png' | 'image/jpeg' | null {
  if (bytes.subarray(0, 8).equals(PNG)) return 'image/png';
  return bytes.subarray(0, 3).equals(JPEG) ? 'image/jpeg' : null;
}
