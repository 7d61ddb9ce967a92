import fs from 'node:fs';

/** One row of the evidence policy and what shows that it is kept. */
export interface PolicyRow {
  readonly id: string;
  readonly must: string;
  readonly cases: readonly string[];
  /** What is missing; null when nothing is known to be. */
  readonly pending: string | null;
}

const TABLE = 'test/cases/evidence/policy.tsv';

/** Rows of the table; headings and comments begin with "#". */
export function policyRows(): PolicyRow[] {
  return fs
    .readFileSync(TABLE, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [id = '', must = '', shown = ''] = line.split('\t');
      const pending = shown.startsWith('pending: ') ? shown.slice('pending: '.length) : null;
      const cases = pending === null ? shown.split(' | ').map((one) => one.trim()) : [];
      return { id, must, cases: cases.filter((one) => one !== ''), pending };
    });
}

const attacks = new Map<string, readonly string[]>();
function attackNames(folder: string): readonly string[] {
  const file = `test/cases/${folder}/attacks.json`;
  const known =
    attacks.get(folder) ??
    (fs.existsSync(file)
      ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { name: string }[]).map(({ name }) => name)
      : []);
  attacks.set(folder, known);
  return known;
}

const matches = (name: string, pattern: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Does a case the table names exist? */
export function exists(named: string): boolean {
  const kind = /^(smime|pdf|office):(.+)$/.exec(named);
  if (kind !== null) return attackNames(kind[1]!).some((name) => matches(name, kind[2]!));
  if (named.startsWith('letter:')) return fs.existsSync(`fixtures/letters/${named.slice(7)}.expect.json`);
  const [file = '', title] = named.split(' # ');
  return title !== undefined && fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes(title);
}
