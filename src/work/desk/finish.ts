import { writeNotice } from '../write-notice.ts';
import { problemsIf, type DeskAction } from './action.ts';
import { endTurn } from './dossier-turn.ts';
import { decided } from './judge-again.ts';

const OPEN = ['valid', 'officer', 'waiting', 'ordered', 'failed'];

/** The matter was dealt with by hand (an incident, a report, a decision of another authority): the unit is told how. */
export const finish: DeskAction<{ words: string }> = {
  name: 'finish',
  offered: ({ dossier, rows }) => dossier !== null && rows.every(({ state }) => !OPEN.includes(state)),
  read(fields) {
    const words = fields.text('words').slice(0, 2000);
    return problemsIf([words.length < 10, 'Ghi kết quả giải quyết để thông báo cho đơn vị']) ?? { words };
  },
  async act(tx, work, { words }, officer, deps) {
    const dossier = work.dossier!;
    const clock = await endTurn(tx, work, 'completed', deps);
    const told = await writeNotice(tx, work, deps, {
      template: 'settled',
      dossier,
      holes: { result: words },
    });
    return {
      to: 'completed',
      reason: null,
      detail: { words },
      log: [decided(work, officer, 'finish', 'completed', words), ...told, ...clock],
    };
  },
};
