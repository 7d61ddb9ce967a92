import { REFUSALS, refusalCode, refusalText } from '../../rules/refusals.ts';
import { writeNotice } from '../write-notice.ts';
import { problemsIf, type DeskAction } from './action.ts';
import { endTurn } from './dossier-turn.ts';
import { decided } from './judge-again.ts';

export { REFUSALS };

/** A clear no, with a reason of the list and the officer's own words; the unit is told both. */
export const refuse: DeskAction<{ reasons: string[] }> = {
  name: 'refuse',
  // What is carried out already cannot be refused any more.
  offered: ({ rows }) => rows.every(({ state }) => state !== 'done' && state !== 'ordered'),
  read(fields) {
    const code = refusalCode(fields.text('reason'));
    const words = fields.text('words').replaceAll(/\s+/g, ' ').slice(0, 1000);
    const problems = problemsIf(
      [code === null, 'Chọn lý do từ chối'],
      [code === 'other' && words === '', 'Ghi rõ lý do từ chối'],
    );
    return (
      problems ?? {
        reasons: [code === 'other' ? '' : refusalText(code!), words].filter((text) => text !== ''),
      }
    );
  },
  async act(tx, work, { reasons }, officer, deps) {
    const { dossier } = work;
    const clock = await endTurn(tx, work, 'refused', deps);
    const told =
      dossier === null
        ? []
        : await writeNotice(tx, work, deps, { template: 'declined', dossier, holes: { reasons } });
    const reason = reasons.join('; ');
    return {
      to: 'refused',
      reason,
      detail: { reasons },
      log: [decided(work, officer, 'refuse', 'refused', reason), ...told, ...clock],
    };
  },
};
