import type { Unit } from '../../rules/registry.ts';
import type { ActionName } from '../../rules/desk-actions.ts';
import type { OfficerFindings } from '../../rules/approval.ts';
import type { LetterState } from '../../rules/letter.ts';
import type { LogEvent } from '../../mail-log/event.ts';
import type { Tx } from '../../store/database.ts';
import type { Dossier, DossierRow } from '../../store/dossiers.ts';
import type { ActDeps, Case } from '../step.ts';

/** The officer who acts: the account that stands in the log. */
export interface Officer {
  readonly name: string;
  readonly fullName: string;
}

/** A file an officer hands in. `name` is a label, never a path. */
export interface Upload {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A submitted form: texts are NFC and trimmed already. */
export interface Fields {
  readonly text: (name: string) => string;
  readonly all: (name: string) => readonly string[];
  readonly checked: (name: string) => boolean;
  readonly upload: (name: string) => Upload | null;
}

/** A waiting letter with what an officer decides on. */
export interface DeskCase extends Case {
  readonly unit: Unit | null;
  readonly dossier: Dossier | null;
  readonly rows: readonly DossierRow[];
}

/** What an action came to; written in the same transaction as everything it did. */
export interface DeskResult {
  /** Where the letter goes; null: it stays, unless what the action did has moved it. */
  readonly to: LetterState | null;
  /** Vietnamese, shown on the letter. Absent: the reason that stands there stays. */
  readonly reason?: string | null;
  /** What was decided on, for the record: ticks, hashes of files, words. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** What the officer found; the next judgement of the letter rests on it (rules/approval). */
  readonly findings?: OfficerFindings;
  readonly assignee?: string;
  readonly log: readonly LogEvent[];
}

/**
 * One action of the desk. `perform` calls `read`, then `prepare` outside the transaction, then `act` inside it with
 * the letter locked and its version checked. Any of them returns what is wrong as Vietnamese sentences, and nothing is
 * changed; a throw means trouble and nothing is changed either.
 */
export interface DeskAction<Input> {
  readonly name: ActionName;
  /** Whether it makes sense for this letter; the state is checked against rules/desk-actions beside it. */
  offered(work: DeskCase): boolean;
  read(fields: Fields, work: DeskCase): Input | Problems;
  prepare?(input: Input, work: DeskCase, deps: ActDeps): Promise<Input | Problems>;
  act(tx: Tx, work: DeskCase, input: Input, officer: Officer, deps: ActDeps): Promise<DeskResult | Problems>;
}

/** What keeps a form from being carried out, for the officer. */
export class Problems {
  readonly texts: readonly string[];
  constructor(...texts: string[]) {
    this.texts = texts;
  }
}

/** The problem list, or null when there is none: keeps `read` one expression long. */
export const problemsIf = (
  ...checks: readonly (readonly [wrong: boolean, text: string])[]
): Problems | null => {
  const texts = checks.flatMap(([wrong, text]) => (wrong ? [text] : []));
  return texts.length === 0 ? null : new Problems(...texts);
};
