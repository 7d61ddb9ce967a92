import type { MailboxList, Problem } from '../rules/mailbox-list.ts';
import { rowProblem } from '../rules/row-problems.ts';
import type { Tx } from '../store/database.ts';
import type { Letter } from '../store/letters.ts';
import { addReviews } from '../store/reviews.ts';
import type { World } from './world.ts';

/** What a list confirmed ("Giữ nguyên"), and rows that confirm what the unit does not have. */
export interface Reviewed {
  readonly kept: number;
  readonly problems: readonly Problem[];
}

/**
 * Records the mailboxes a unit wants kept (ST-11.2, HCM-15.2). Only its own count; another's is told like one that does
 * not exist.
 */
export async function recordReview(
  tx: Tx,
  letter: Letter,
  { kept = [] }: MailboxList,
  world: World,
): Promise<Reviewed> {
  const own = new Set(world.own.filter(({ state }) => state !== 'cancelled').map(({ address }) => address));
  const known: string[] = [];
  const problems: Problem[] = [];
  for (const { values, no, line } of kept) {
    const address = (values.currentAddress ?? values.proposedAddress ?? '').toLowerCase();
    if (own.has(address)) known.push(address);
    else {
      const what = address === '' ? 'không ghi hộp thư' : `hộp thư ${address} không thuộc đơn vị quản lý`;
      const text = `Dòng ${no ?? String(line)} đề nghị giữ nguyên nhưng ${what}`;
      problems.push(rowProblem('kept_unknown', 'currentAddress', text, 'Kiểm tra lại địa chỉ hộp thư'));
    }
  }
  const addresses = [...new Set(known)];
  await addReviews(tx, letter.id, addresses, letter.receivedAt);
  return { kept: addresses.length, problems };
}
