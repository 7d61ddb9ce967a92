import { randomUUID } from 'node:crypto';
import type { LogEvent } from '../mail-log/event.ts';
import { MACHINE, rowFailed, rowProvisioned } from '../mail-log/events.ts';
import type { CheckedRow } from '../rules/check-rows.ts';
import type { RequestKind } from '../rules/regulation.ts';
import { addAbsence } from '../store/absences.ts';
import type { Tx } from '../store/database.ts';
import { setRow, type DossierRow } from '../store/dossiers.ts';
import { nameDelegate } from '../store/delegates.ts';
import { mailboxByAddress } from '../store/registry.ts';
import { addActivation } from '../store/notices.ts';
import { orderOf, recordInRegistry } from './mailbox-orders.ts';
import type { ActDeps, Case } from './step.ts';

/** A row that was tried, as notices tell it. */
export interface Done {
  readonly row: DossierRow;
  readonly address: string;
  readonly text: string;
  readonly refused: boolean;
  /** Refused for good by an officer: nothing more comes of it. */
  readonly final?: true;
}

export const checkedRow = (row: DossierRow): CheckedRow => row.row as CheckedRow;

const WORDS: Readonly<Partial<Record<RequestKind, string>>> = {
  CREATE_PERSON: 'Đã cấp mới',
  CREATE_UNIT: 'Đã cấp mới',
  CHANGE: 'Đã thay đổi thông tin',
  TRANSFER: 'Đã chuyển đơn vị',
  CANCEL: 'Đã chấm dứt hoạt động',
  PASSWORD_RESET: 'Đã hủy mật khẩu cũ, chủ hộp thư đặt mật khẩu mới',
  REOPEN: 'Đã mở lại',
  HANDOVER: 'Đã bàn giao, giữ nguyên dữ liệu; thủ trưởng mới đặt mật khẩu',
  ABSENCE_REASON: 'Đã ghi nhận lý do không sử dụng',
  DELEGATION: 'Đã ghi nhận người quản lý hộp thư của đơn vị',
};
/** Kinds that change only our own records. */
export const isRecord = (kind: RequestKind | null): boolean =>
  kind === 'ABSENCE_REASON' || kind === 'DELEGATION';
export const doneWords = (kind: RequestKind | null): string =>
  (kind === null ? undefined : WORDS[kind]) ?? 'Đã thực hiện';

/** Kinds after which the owner sets a password over a link of ours. */
const OPENS: readonly RequestKind[] = ['CREATE_PERSON', 'CREATE_UNIT', 'PASSWORD_RESET', 'HANDOVER'];
export const opensPassword = ({ row, refused }: Done): boolean => {
  const { kind } = checkedRow(row);
  return !refused && kind !== null && OPENS.includes(kind);
};

/** Of a row that people carry out on the mail server; officers and the unit read it. */
const WAITS = 'Đang chờ cán bộ thực hiện trên hệ thống thư';

/** Carries one valid row out at the target and in the registry, in the caller's transaction. */
export async function carryOut(
  tx: Tx,
  { letter, regulation }: Case,
  row: DossierRow,
  deps: ActDeps,
): Promise<{ done: Done; log: LogEvent }> {
  const wanted = checkedRow(row);
  const now = deps.clock.now();
  const address = wanted.newAddress ?? wanted.address!;
  const order = orderOf(row.id, wanted, regulation.quotas, now);
  // It was free when the row was checked; an import may have brought it since.
  const isGiven = order?.action === 'create' || order?.action === 'rename';
  const taken = isGiven && (await mailboxByAddress(tx.orm, address)) !== null;
  const outcome =
    order === null
      ? { done: true as const }
      : taken
        ? { refused: `Địa chỉ ${address} đã có trong danh bạ` }
        : await deps.provisioner.carryOut(order, tx);
  const about = {
    letter: row.letter,
    dossier: row.dossier,
    unit: letter.unit,
    address,
    actor: MACHINE,
  };
  if (!outcome.done) {
    const waits = !('refused' in outcome);
    const why = waits ? WAITS : outcome.refused;
    await setRow(tx, row.id, 'refused' in outcome ? 'failed' : 'officer', why);
    const text = waits ? WAITS : 'Chưa thực hiện được, cán bộ đang kiểm tra';
    const done = { row, address, text, refused: true };
    return { done, log: rowFailed({ ...about, error: why }) };
  }
  await record(tx, row, letter.unit!, now);
  const text = doneWords(wanted.kind);
  await setRow(tx, row.id, 'done', text, address);
  return {
    done: { row, address, text, refused: false },
    log: rowProvisioned({ ...about, kind: wanted.kind!, detail: wanted.fullName }),
  };
}

/** What our own records say from now on. */
async function record(tx: Tx, row: DossierRow, sender: string, now: Date): Promise<void> {
  const wanted = checkedRow(row);
  if (wanted.kind === 'ABSENCE_REASON') {
    const reason = wanted.reason ?? 'nêu trong thư';
    await addAbsence(tx, { address: wanted.address!, dossier: row.dossier, reason, at: now });
  } else if (wanted.kind === 'DELEGATION') {
    const { fullName, position, phone } = wanted;
    const unit = wanted.unit ?? sender;
    await nameDelegate(tx, { unit, fullName, position, phone, namedBy: row.dossier, since: now });
  } else await recordInRegistry(tx, wanted, sender, now);
}

/** Opens an activation for each row whose owner has to set a password; row id → activation id. */
export async function openActivations(
  tx: Tx,
  { regulation }: Case,
  done: readonly Done[],
  deps: ActDeps,
): Promise<ReadonlyMap<string, string>> {
  const opened = new Map<string, string>();
  // Where somebody else carries out, or people do it by hand, they hand over the passwords too.
  if (regulation.identity.mode !== 'execute' || !deps.provisioner.setsPasswords) return opened;
  const expiresAt = new Date(deps.clock.now().getTime() + deps.notices.activationDays * 86_400_000);
  for (const one of done.filter(opensPassword)) {
    const id = randomUUID();
    await addActivation(tx, {
      id,
      tokenHash: deps.notices.hashOfActivation(id),
      address: one.address,
      fullName: checkedRow(one.row).fullName,
      regulation: regulation.id,
      dossier: one.row.dossier,
      expiresAt,
    });
    opened.set(one.row.id, id);
  }
  return opened;
}
