import type { Clock } from '../clock.ts';
import type { ExaminedLetter } from '../evidence/port.ts';
import type { ListGrid } from '../rules/list-layout.ts';
import type { ReadPage } from '../rules/scan-reading.ts';
import type { ScanFact, ScanPicture } from '../rules/scan-facts.ts';
import type { SecrecyMark } from '../rules/secrecy.ts';
import type { Course } from '../rules/letter.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { WorkCalendar } from '../rules/calendar.ts';
import type { Provisioner } from '../provisioners/port.ts';
import type { LogEvent } from '../mail-log/event.ts';
import type { Database, Tx } from '../store/database.ts';
import type { Letter } from '../store/letters.ts';
import type { Attachment } from '../store/notices.ts';
import type { DocumentDeps } from './reply-document.ts';

/** What acting needs: steps, jobs and the officers' desk share it. Handed over by gateway.ts. */
export interface ActDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly regulations: readonly Regulation[];
  /** As it stands now; an import changes it while the gateway runs. */
  readonly calendar: WorkCalendar;
  readonly provisioner: Provisioner<Tx>;
  readonly notices: NoticeDeps;
  /** Mailboxes of the officers who are reminded and told of matters that need them. */
  readonly officers: readonly string[];
  readonly documents: DocumentDeps;
  /** An xlsx of one sheet; cells cannot become formulas. */
  /** `merges`: rows and columns from 0, inclusive. */
  readonly writeWorkbook: (
    sheet: string,
    rows: readonly (readonly (string | number | null)[])[],
    merges?: readonly Readonly<Record<'top' | 'left' | 'bottom' | 'right', number>>[],
  ) => Buffer;
}

/** What the steps need beside it. */
export interface StepDeps extends ActDeps {
  /** Aborted when a gateway that ends waits no longer: whatever a step looks for is left, and its letter given back. */
  readonly stopping?: AbortSignal | undefined;
  /** Told how long each step took; `result` is done, postponed or failed. */
  readonly timed?: (step: string, result: 'done' | 'postponed' | 'failed', seconds: number) => void;
  /**
   * Of a raw letter and everything packed into it: the name of what was found, or the bound that kept it from being seen
   * whole. null = no scanner is configured. @throws KillsItsParser; anything else means the scanner cannot say
   */
  readonly scanForVirus:
    ((raw: Buffer) => Promise<{ readonly found: string | null; readonly limit: string | null }>) | null;
  /** Runs in the parsing child. @throws KillsItsParser; anything else is trouble of ours */
  readonly examine: (raw: Buffer, at: Date) => Promise<ExaminedLetter>;
  /** Runs in the parsing child: the secrecy mark a file of the letter carries inside, or null. @throws KillsItsParser */
  readonly screenFiles: (
    raw: Buffer,
    documents: readonly { index: number; sha256: string }[],
  ) => Promise<SecrecyMark | null>;
  /** Runs in the parsing child; a child that dies or is killed makes a fact with its `limit`. */
  readonly examineScan: (
    raw: Buffer,
    document: { index: number; sha256: string },
  ) => Promise<{ readonly fact: ScanFact; readonly pictures: readonly ScanPicture[] }>;
  /** Runs in the parsing child. Null: no recogniser is installed; `failed`: this page could not be read. */
  readonly recognise: (
    raw: Buffer,
    document: { index: number; sha256: string },
    page: number,
  ) => Promise<Pick<ReadPage, 'words' | 'addresses'> | 'failed' | null>;
  /** Runs in the parsing child; reads only the documents whose digest is given. */
  readonly readLists: (
    raw: Buffer,
    documents: readonly { index: number; sha256: string; filename: string }[],
    body: 'with body' | 'without body',
  ) => Promise<ReadLists>;
}

export interface NoticeDeps {
  /** Domain of our Message-IDs. */
  readonly hostname: string;
  readonly activationDays: number;
  readonly hashOfActivation: (id: string) => Buffer;
  /** Null where links go out in clear. */
  readonly sealSlip: SealSlip | null;
}

/**
 * Encrypts a slip's text, real links filled in, to the first certificate that may receive it now: the certificates
 * pinned for the unit, then those in hand. Null when none may.
 */
export type SealSlip = (
  slip: { readonly dossier: string; readonly recipient: string; readonly text: string },
  pinned: readonly string[],
  certificates: readonly Buffer[],
) => SealedSlip | null;

export interface SealedSlip {
  readonly attachment: Attachment;
  /** Whose certificate it was encrypted to. */
  readonly commonName: string | null;
  readonly serial: string;
  readonly sha256: string;
}

export interface ReadLists {
  readonly grids: readonly ListGrid[];
  /** Of the letter's own words, where they were asked for. */
  readonly body: readonly ListGrid[];
  readonly problems: readonly {
    readonly filename: string;
    readonly code: string;
    readonly message: string;
  }[];
}

/** A letter with what belongs to it, as every step gets it. */
export interface Case {
  readonly letter: Letter;
  readonly regulation: Regulation;
}

/** What a step found: where the letter goes, what is recorded, and what is written in the same transaction. */
export interface StepResult {
  readonly course: Course;
  /** Plain data, stored on the letter under the step's name. */
  readonly finding: unknown;
  /** Vietnamese, for officers. */
  readonly reason?: string;
  readonly dossier?: string;
  /** The letter examined anew: takes the place of the stored finding. */
  readonly examined?: ExaminedLetter;
  readonly regulation?: string;
  readonly signedDigest?: Buffer | null;
  readonly log: readonly LogEvent[];
}

/**
 * One step of the journey. `look` may take long and asks the world; `act` runs inside the runner's one transaction
 * and must not wait for anything but the database. A throw of either means trouble: the step is tried again.
 */
export interface Step<Seen> {
  readonly name: string;
  look(work: Case, deps: StepDeps): Promise<Seen>;
  act(tx: Tx, work: Case, seen: Seen, deps: StepDeps): Promise<StepResult>;
}

/** Thrown by a step that must be tried again at a known time (end of the receipt day, revocation data missing). */
export class Postpone extends Error {
  override name = 'Postpone';
  readonly until: Date;
  constructor(until: Date, reason: string) {
    super(reason);
    this.until = until;
  }
}

/** Nothing can be said of a letter because it kills whatever reads it, while other letters pass. */
export class KillsItsParser extends Error {
  override name = 'KillsItsParser';
}
