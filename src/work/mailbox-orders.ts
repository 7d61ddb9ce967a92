import type { Order } from '../provisioners/port.ts';
import type { CheckedRow } from '../rules/check-rows.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import {
  addMailbox,
  describeMailbox,
  giveUnitMailbox,
  renameUnitMailbox,
  setMailboxState,
} from '../store/registry.ts';

/** What a row asks of the provisioning target; null where it only changes our own records. */
export function orderOf(id: string, row: CheckedRow, quotas: Regulation['quotas'], at: Date): Order | null {
  const base = { id, at, address: row.address! };
  switch (row.kind) {
    case 'CREATE_PERSON':
    case 'CREATE_UNIT': {
      const quota = (row.mailboxKind === 'unit' ? quotas.unit : quotas.person) ?? null;
      return { ...base, action: 'create', kind: row.mailboxKind, fullName: row.fullName, quota };
    }
    case 'CANCEL':
      return { ...base, action: 'cancel' };
    case 'REOPEN':
      return { ...base, action: 'unlock' };
    case 'PASSWORD_RESET':
    case 'HANDOVER':
      return { ...base, action: 'reset-password' };
    case 'CHANGE':
    case 'TRANSFER':
      return row.newAddress === null
        ? { ...base, action: 'describe', fullName: row.fullName }
        : { ...base, action: 'rename', newAddress: row.newAddress, fullName: row.fullName };
    case 'ABSENCE_REASON':
    case 'DELEGATION':
      return null;
    default:
      throw new Error(`${row.kind ?? 'no kind'} is not carried out row by row`);
  }
}

/** The registry follows what was done. */
export async function recordInRegistry(tx: Tx, row: CheckedRow, unit: string, now: Date): Promise<void> {
  const address = row.address!;
  switch (row.kind) {
    case 'CREATE_PERSON':
    case 'CREATE_UNIT':
      await addMailbox(tx.orm, {
        address,
        kind: row.mailboxKind,
        fullName: row.fullName,
        position: row.position,
        unit: row.unit ?? unit,
        state: 'pending',
        createdAt: now,
      });
      // From now on the body speaks by its own mailbox.
      if (row.kind === 'CREATE_UNIT') await giveUnitMailbox(tx, row.unit ?? unit, row.fullName, address);
      return;
    case 'CANCEL':
      return setMailboxState(tx.orm, address, 'cancelled', now);
    case 'REOPEN':
      return setMailboxState(tx.orm, address, 'active', now);
    case 'CHANGE':
    case 'TRANSFER':
      if (row.newAddress !== null) await renameUnitMailbox(tx, address, row.newAddress);
      return describeMailbox(tx.orm, address, {
        fullName: row.fullName,
        ...(row.position === null ? {} : { position: row.position }),
        ...(row.unit === null ? {} : { unit: row.unit }),
        ...(row.newAddress === null ? {} : { address: row.newAddress }),
      });
    default:
      return;
  }
}
