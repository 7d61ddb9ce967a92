import { problemsIf, type DeskAction, type DeskCase, type Fields } from './action.ts';
import { decided, examined } from './judge-again.ts';

const grounds = (fields: Fields) => {
  const words = fields.text('words');
  return problemsIf([words.length < 5, 'Ghi rõ căn cứ của quyết định']) ?? { words };
};

/** The machine itself could not open it: released, it is a person's work from here on. */
const isBeyondReach = (work: DeskCase): boolean => (examined(work)?.limit ?? null) !== null;

/** A sealed letter turns out to be harmless: it goes the ordinary way. Only a registered unit's can. */
export const release: DeskAction<{ words: string }> = {
  name: 'release',
  offered: ({ letter }) => letter.unit !== null,
  read: grounds,
  act: (_tx, work, { words }, officer) =>
    Promise.resolve({
      to: isBeyondReach(work) ? 'officer' : 'received',
      reason: isBeyondReach(work) ? work.letter.reason : null,
      detail: { words, sealedFor: work.letter.reason },
      findings: { released: true },
      log: [decided(work, officer, 'release', 'released', words)],
    }),
};

/** It stays sealed for good; nobody opens it, nobody is answered (QB-15.3: what else is to be done is done by hand). */
export const keepSealed: DeskAction<{ words: string }> = {
  name: 'keep-sealed',
  offered: () => true,
  read: grounds,
  act: (_tx, work, { words }, officer) =>
    Promise.resolve({
      to: 'sealed',
      detail: { words },
      log: [decided(work, officer, 'keep-sealed', 'sealed', words)],
    }),
};
