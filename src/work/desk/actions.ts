import type { ActionName } from '../../rules/desk-actions.ts';
import type { DeskAction } from './action.ts';
import { askNewScan } from './ask-new-scan.ts';
import { confirmIdentity } from './confirm-identity.ts';
import { confirmScan } from './confirm-scan.ts';
import { confirmSignature } from './confirm-signature.ts';
import { finish } from './finish.ts';
import { handOver } from './hand-over.ts';
import { recordPaper } from './record-paper.ts';
import { refuse } from './refuse.ts';
import { retry } from './retry.ts';
import { acceptRow, refuseRow, returnRow } from './rows.ts';
import { keepSealed, release } from './sealed.ts';

/** Each action of rules/desk-actions and what does it; one without a file does not compile. */
export const DESK_ACTIONS: Readonly<Record<ActionName, DeskAction<unknown>>> = {
  'confirm-scan': confirmScan,
  'confirm-signature': confirmSignature,
  'confirm-identity': confirmIdentity,
  'record-paper': recordPaper,
  'ask-new-scan': askNewScan,
  'accept-row': acceptRow,
  'return-row': returnRow,
  'refuse-row': refuseRow,
  finish: finish,
  refuse: refuse,
  retry,
  release: release,
  'keep-sealed': keepSealed,
  'hand-over': handOver,
};
