import { expect, test } from 'vitest';
import { isResent, type EarlierRequest, type Repeating } from '../../src/rules/resent.ts';

const file = (sha256: string, mediaType = 'application/pdf') => ({ sha256, mediaType });
const at = (day: number) => new Date(Date.UTC(2026, 2, day));
const letter = (over: Partial<Repeating> = {}): Repeating => ({
  documents: [file('a')],
  kinds: ['CREATE_PERSON'],
  receivedAt: at(10),
  ...over,
});
const earlier = (
  over: Partial<EarlierRequest> = {},
  dossier: Partial<EarlierRequest['dossier']> = {},
): EarlierRequest => ({
  documents: [file('a'), file('b')],
  approved: true,
  dossier: { kinds: ['CREATE_PERSON'], state: 'open', closedAt: null, ...dossier },
  ...over,
});

test.each<[string, Repeating, EarlierRequest, boolean]>([
  ['the same files of a dossier at work', letter(), earlier(), true],
  [
    'signed anew',
    letter({ documents: [file('a'), file('z', 'application/pkcs7-signature')] }),
    earlier(),
    true,
  ],
  ['one file more', letter({ documents: [file('a'), file('c')] }), earlier(), false],
  ['no file at all', letter({ documents: [] }), earlier(), false],
  ['another purpose', letter({ kinds: ['CANCEL'] }), earlier(), false],
  ['the first proved nothing', letter(), earlier({ approved: false }), false],
  ['the first was refused', letter(), earlier({}, { state: 'refused' }), false],
  ['the day after the answer', letter(), earlier({}, { state: 'completed', closedAt: at(9) }), true],
  ['weeks after the answer', letter(), earlier({}, { state: 'completed', closedAt: at(1) }), false],
  [
    'a second reset after the first was done',
    letter({ kinds: ['PASSWORD_RESET'] }),
    earlier({}, { kinds: ['PASSWORD_RESET'], state: 'completed', closedAt: at(9) }),
    false,
  ],
  [
    'a second reset while the first waits',
    letter({ kinds: ['PASSWORD_RESET'] }),
    earlier({}, { kinds: ['PASSWORD_RESET'] }),
    true,
  ],
])('%s', (_what, again, before, same) => {
  expect(isResent(again, before)).toBe(same);
});
