import { doubt } from './list-values.ts';
import type { ListEntry, Problem } from './mailbox-list.ts';
import { compareKey } from './text/normalise.ts';

/** Rows of one file or of the mail's own text. */
export interface FileEntries {
  readonly file: string;
  readonly entries: readonly ListEntry[];
}

/** Everything a row says besides its running number; equal for rows typed twice. */
const wholeKey = ({ values, kind }: ListEntry): string =>
  [
    kind,
    ...Object.entries(values)
      .filter(([column]) => column !== 'no')
      .map(([column, text]) => `${column}=${compareKey(text)}`)
      .sort(),
  ].join('|');

/** Whom a row is about, however much else two files tell of them. */
const subjectKey = ({ values }: ListEntry): string =>
  [values.fullName ?? '', values.currentAddress ?? values.proposedAddress ?? ''].map(compareKey).join('|');

/** The later of two equal rows of one file is doubtful: typed twice, or two persons that need to be told apart. */
export function flagDuplicates(entries: readonly ListEntry[]): ListEntry[] {
  const first = new Map<string, ListEntry>();
  return entries.map((entry) => {
    const key = wholeKey(entry);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, entry);
      return entry;
    }
    const same = doubt(
      'duplicate_row',
      null,
      `Trùng hoàn toàn với dòng ${earlier.line}`,
      'Xóa dòng trùng, hoặc bổ sung thông tin nếu là hai người',
    );
    return { ...entry, doubts: [...entry.doubts, same] };
  });
}

/**
 * Units send their list twice: signed as PDF and again as a spreadsheet. A file with the same persons as an earlier one
 * is a copy and counts once; one that shares most of them but not all is told, because nobody can know which is meant.
 */
export function withoutCopies(files: readonly FileEntries[]): { entries: ListEntry[]; problems: Problem[] } {
  const kept: FileEntries[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    const twin = kept.find(
      (other) =>
        other.file !== file.file &&
        shared(other, file) >= Math.min(other.entries.length, file.entries.length) / 2,
    );
    if (twin === undefined || file.entries.length === 0) kept.push(file);
    else {
      const rest = missingFrom(twin, file);
      if (rest.length + missingFrom(file, twin).length > 0) problems.push(differs(twin, file));
      kept.splice(kept.indexOf(twin), 1, withKinds(twin, file));
      kept.push({ file: file.file, entries: rest });
    }
  }
  return { entries: kept.flatMap(({ entries }) => entries), problems };
}

const keysOf = ({ entries }: FileEntries): Set<string> => new Set(entries.map(subjectKey));

function shared(a: FileEntries, b: FileEntries): number {
  const keys = keysOf(a);
  return b.entries.filter((entry) => keys.has(subjectKey(entry))).length;
}

const missingFrom = (a: FileEntries, b: FileEntries): ListEntry[] => {
  const keys = keysOf(a);
  return b.entries.filter((entry) => !keys.has(subjectKey(entry)));
};

/** Only one of the two copies may carry a title that says what is asked for. */
function withKinds(kept: FileEntries, copy: FileEntries): FileEntries {
  const kinds = new Map(copy.entries.map((entry) => [subjectKey(entry), entry.kind]));
  return {
    file: kept.file,
    entries: kept.entries.map((entry) => ({
      ...entry,
      kind: entry.kind ?? kinds.get(subjectKey(entry)) ?? null,
    })),
  };
}

const differs = (a: FileEntries, b: FileEntries): Problem => ({
  code: 'lists_differ',
  column: null,
  text: `Danh sách trong “${a.file}” và “${b.file}” không giống nhau (${a.entries.length} và ${b.entries.length} trường hợp)`,
  fix: 'Gửi lại một danh sách thống nhất',
});
