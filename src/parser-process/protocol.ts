import type { Evidence, ExaminedDocument, ExaminedLetter } from '../evidence/port.ts';
import type { TrustDirs } from '../evidence/trust-store.ts';
import type { Grid } from '../lists/port.ts';
import type { RecognisedPage } from '../scan/recognise.ts';
import type { SecrecyMark } from '../rules/secrecy.ts';
import type { ScanFact, ScanPicture } from '../rules/scan-facts.ts';

/**
 * What the gateway and its parsing child say to each other: one request, one answer, in turn. A message is a frame
 *
 *     uint32 BE length of the JSON · uint32 BE length of the bytes · JSON (UTF-8) · bytes
 *
 * so that a letter of 50 MB crosses without being turned into text or copied by a serializer.
 */
export interface Envelope {
  readonly at: string;
  /** When this is asked, ISO; absent = `at`. */
  readonly now?: string;
  readonly trustDirs: TrustDirs;
}

export type ParserRequest =
  | ({ readonly job: 'examine' } & Envelope)
  | ({
      readonly job: 'verify-file';
      readonly name: string;
      readonly detachedLength: number | null;
    } & Envelope)
  | {
      readonly job: 'examine-scan';
      readonly document: { readonly index: number; readonly sha256: string };
    }
  | {
      readonly job: 'recognise';
      readonly document: { readonly index: number; readonly sha256: string };
      readonly page: number;
    }
  | {
      /** Looks for a secrecy mark in every document, before anybody reads one. */
      readonly job: 'screen';
      readonly documents: readonly { readonly index: number; readonly sha256: string }[];
    }
  /** Takes the letter apart for the virus scanner. */
  | { readonly job: 'unpack' }
  | {
      readonly job: 'read-lists';
      readonly documents: readonly { readonly index: number; readonly sha256: string }[];
      readonly includeBody: boolean;
    };

export interface Examined {
  readonly letter: ExaminedLetter;
  readonly wanted: readonly string[];
}

export interface ListsRead {
  readonly grids: readonly Grid[];
  /** Tables and lines of the letter's own words, where they were asked for. */
  readonly body: readonly Grid[];
  /** Documents that could not be read, with a code of lists/port.ts. */
  readonly problems: readonly {
    readonly filename: string;
    readonly code: string;
    readonly message: string;
  }[];
}

/** What one file of any kind proves. `documents` are those of a letter. */
export interface FileVerified {
  readonly evidence: Evidence;
  readonly documents: readonly ExaminedDocument[];
  readonly wanted: readonly string[];
}

export interface ScanExamined {
  readonly fact: ScanFact;
  /** Their bytes follow the answer, one after the other. */
  readonly pictures: readonly (Omit<ScanPicture, 'bytes'> & { readonly length: number })[];
}

export interface UnpackedLetter {
  /** Their bytes follow the answer, one after the other. */
  readonly pieces: readonly { readonly label: string; readonly length: number }[];
  readonly limit: string | null;
}

export interface Answers {
  examine: Examined;
  'verify-file': FileVerified;
  'read-lists': ListsRead;
  /** The mark only, never the text. */
  screen: SecrecyMark | null;
  'examine-scan': ScanExamined;
  unpack: UnpackedLetter;
  /** Null where no recogniser is installed. */
  recognise: RecognisedPage | null;
}

export type ParserAnswer =
  | { readonly ok: true; readonly value: Answers[keyof Answers] }
  /** The job threw: text for our log. `fatal` asks to be replaced. */
  | { readonly ok: false; readonly error: string; readonly fatal: boolean };

/** A letter is at most 50 MB on the wire; two files of `verify --detached` and their base64 stay below this. */
export const MAX_FRAME_BYTES = 160 * 1024 * 1024;
/** Requests are small and answers carry lists of at most some thousand rows. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;
