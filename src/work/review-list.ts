import { COLUMN_TITLES } from '../rules/list-titles.ts';
import type { Mailbox, Unit } from '../rules/registry.ts';
import type { Attachment } from '../store/notices.ts';
import { XLSX } from './correction-list.ts';
import type { ActDeps } from './step.ts';

const STATES: Readonly<Record<Mailbox['state'], string>> = {
  pending: 'chờ đặt mật khẩu',
  active: 'đang sử dụng',
  locked: 'tạm khóa',
  cancelled: 'đã chấm dứt',
};

/** What the action column says until the unit changes it; read back as a confirmation (list-actions.ts). */
export const KEEP = 'Giữ nguyên';

/** Mailboxes a unit is asked about: all that were not ended. */
export const reviewed = (own: readonly Mailbox[]): Mailbox[] =>
  own.filter(({ state }) => state !== 'cancelled');

/**
 * The mailboxes of a unit as a list it can correct and return (ST-11.2, HCM-6.2, HCM-15.2): every row says "Giữ nguyên"
 * until the unit writes what it wants instead.
 */
export function reviewList(
  unit: Pick<Unit, 'code' | 'name'>,
  own: readonly Mailbox[],
  deps: Pick<ActDeps, 'writeWorkbook'>,
): Attachment {
  const { no, fullName, position, currentAddress, action, reason, note } = COLUMN_TITLES;
  const heading = [no, fullName, position, currentAddress, 'Tình trạng', action, reason, note];
  const rows = reviewed(own).map((box, i) => [
    i + 1,
    box.fullName,
    box.position,
    box.address,
    STATES[box.state],
    KEEP,
    null,
    null,
  ]);
  return {
    filename: `ra-soat-${unit.code}.xlsx`,
    mediaType: XLSX,
    content: deps.writeWorkbook('Danh bạ', [[`DANH BẠ THƯ ĐIỆN TỬ: ${unit.name}`], [], heading, ...rows]),
  };
}
