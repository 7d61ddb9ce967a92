import type { ExaminedLetter } from '../evidence/port.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { listOf } from '../rules/list-layout.ts';
import { unreadableProblems } from '../rules/list-files.ts';
import type { MailboxList } from '../rules/mailbox-list.ts';
import { rawLetter } from '../store/letter-bytes.ts';
import type { Step } from './step.ts';

/** Reads the list from exactly the documents the approval allows, and from the letter's words where they are signed. */
export const readList: Step<MailboxList> = {
  name: 'read-list',
  async look({ letter }, deps) {
    const examined = letter.findings['examine'] as ExaminedLetter;
    const approval = letter.findings['approve'] as { documents: readonly number[]; body: boolean };
    const chosen = examined.documents.filter(({ index }) => approval.documents.includes(index));
    // Anyone on the way could have typed a table into a letter whose signature stands only in its attachments.
    const signed = approval.body && examined.letter.verdict.verdict === 'TOTAL-PASSED';
    // Of a paper request the words are the officer's, typed from the paper.
    const typed = letter.facts.proof.method === 'paper';
    const body = signed || typed ? 'with body' : 'without body';
    const read = await deps.readLists(await rawLetter(deps.db, letter.id), chosen, body);
    const list = listOf(read);
    // What needs a password proves nothing, so no approval names it; the unit hears why it was not read all the same.
    const locked = examined.documents
      .filter(({ encrypted, index }) => encrypted && !approval.documents.includes(index))
      .map(({ filename }) => ({ filename, code: 'encrypted' }));
    const problems = unreadableProblems([...read.problems, ...locked], list.entries.length > 0);
    return { ...list, problems: [...list.problems, ...problems] };
  },
  act: (_tx, { letter }, list) =>
    Promise.resolve({
      course: 'on',
      finding: list,
      log: [
        decision({
          letter: letter.id,
          dossier: letter.dossier,
          unit: letter.unit,
          outcome: 'list read',
          detail: `${list.entries.length} rows`,
          actor: MACHINE,
        }),
      ],
    }),
};
