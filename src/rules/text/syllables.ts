import { plain } from './normalise.ts';

/**
 * What can be a Vietnamese syllable: onset, rime and tone by rule, no word list. It proves which reading of a doubtful
 * text is meant: "NguyÔn" is none, "Nguyễn" is.
 */
const ONSETS = 'b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x'.split(' ');

/** Nucleus → codas it takes, "-" for none. Letters without tone. */
const RIMES: readonly (readonly [nucleus: string, codas: string])[] = [
  ['a', '- c ch i m n ng nh o p t u y'],
  ['ă', 'c m n ng p t'],
  ['â', 'c m n ng p t u y'],
  ['e', '- c m n ng o p t'],
  ['ê', '- ch m n nh p t u'],
  ['i', '- a ch m n nh p t u'],
  ['iê', 'c m n ng p t u'],
  ['y', '- n t nh ch'],
  ['yê', 'm n ng t u'],
  ['o', '- c i m n ng p t'],
  ['oa', '- c ch i m n ng nh o p t y'],
  ['oă', 'c m n ng t p'],
  ['oe', '- m n o t'],
  ['oo', 'c ng'],
  ['ô', '- c i m n ng p t'],
  ['ơ', '- i m n p t'],
  ['u', '- a c i m n ng p t'],
  ['uâ', 'n ng t y'],
  ['uê', '- ch nh n'],
  ['uô', 'c i m n ng t'],
  ['uơ', '-'],
  ['uy', '- a ch n nh p t u'],
  ['uyê', 'm n t'],
  ['ư', '- a c i m n ng t u'],
  ['ươ', 'c i m n ng p t u'],
];

const RIME_SET: ReadonlySet<string> = new Set(
  RIMES.flatMap(([nucleus, codas]) => codas.split(' ').map((coda) => nucleus + (coda === '-' ? '' : coda))),
);
/** Rimes after "qu", whose u is the onset's. */
const QU_RIME = /^(?:a|ă|â|e|ê|i|o|ô|ơ|y|yê)/u;

const TONES = /[\u0300\u0301\u0303\u0309\u0323]/gu;
const SHARP = '\u0301';
const HEAVY = '\u0323';

/** True for one written syllable in any case and composition, tone mark in either place. */
export function isSyllable(word: string): boolean {
  const apart = word.toLowerCase().normalize('NFD');
  const tones = apart.match(TONES) ?? [];
  if (tones.length > 1) return false;
  const letters = apart.replaceAll(TONES, '').normalize('NFC');
  return ONSET_BY_LENGTH.some(
    (onset) => letters.startsWith(onset) && fits(onset, letters.slice(onset.length), tones[0] ?? ''),
  );
}

const ONSET_BY_LENGTH = ['', ...ONSETS];

function fits(onset: string, rime: string, tone: string): boolean {
  if (!RIME_SET.has(rime) && !(onset === 'gi' && RIME_SET.has(`i${rime}`))) return false;
  if (!spelled(onset, rime)) return false;
  // Syllables closed by a stop carry only the sharp or the heavy tone.
  return !/(?:c|ch|p|t)$/u.test(rime) || tone === SHARP || tone === HEAVY;
}

/** Spelling of k/c, gh/g, ngh/ng before front vowels; q only as qu. */
function spelled(onset: string, rime: string): boolean {
  const front = /^[ieêy]/u.test(rime);
  if (onset === 'qu') return QU_RIME.test(rime);
  if (onset === 'gh' || onset === 'ngh' || onset === 'k') return front || (onset === 'k' && rime === 'ha');
  if (onset === 'c' || onset === 'ng') return !front;
  // "gì", "gìn" and "giêng" are gi + rime; plain g takes no front vowel otherwise.
  return onset !== 'g' || !front || rime.startsWith('i');
}

/** Words of letters; what stands between (spaces, digits, punctuation) is no evidence. */
const WORD = /[\p{L}\p{M}]+/gu;

/** True when every word that is not plain ASCII is a syllable. Names written without marks prove nothing. */
export function readsVietnamese(text: string): boolean {
  const words = text.normalize('NFC').match(WORD) ?? [];
  return words.every((word) => word === plainCase(word) || isSyllable(word));
}

const plainCase = (word: string): string => (/^[\u0020-\u007e]+$/u.test(word) ? word : plain(word));
