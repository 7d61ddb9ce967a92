import type { ColumnKey, RequestKind } from './regulation.ts';

/**
 * One line of a unit's list after its layout has been understood: what the clerk wrote, nothing decided yet.
 * Texts are NFC, trimmed, spaces collapsed. Doubts are named, never resolved silently.
 */
export interface ListEntry {
  /** "danh-sach.xlsx › Sheet1" */
  readonly source: string;
  /** Line number in that sheet or table as the clerk sees it, from 1. */
  readonly line: number;
  /** The STT the clerk wrote, if any. */
  readonly no: string | null;
  readonly values: Readonly<Partial<Record<ColumnKey, string>>>;
  /** What the row itself or the table's title asks for; null where the letter has to say it. */
  readonly kind: RequestKind | null;
  readonly doubts: readonly Doubt[];
  /** The row as it stands in its table, column by column, and which of `tables` that is; absent outside of tables. */
  readonly cells?: readonly (string | null)[];
  readonly table?: number;
  /** What the row says besides ("Giới tính: Nam", a second telephone): officers see it, nothing is decided by it. */
  readonly aside?: readonly string[];
}

/** A named doubt or fault. `code` is stable for tests and statistics; the texts are what a clerk reads. */
export interface Problem {
  readonly code: string;
  readonly column: ColumnKey | null;
  /** What is wrong: "Thiếu chức vụ" */
  readonly text: string;
  /** What to do: "Bổ sung chức vụ" */
  readonly fix: string;
}

export interface Doubt extends Problem {
  /** What the machine would read, e.g. the Unicode form of a TCVN3 name. */
  readonly proposal?: string;
}

/** A column under the unit's own heading. */
export interface ListColumn {
  /** What stands over it in a heading of several rows, else empty. */
  readonly group: string;
  readonly heading: string;
  /** What it holds; empty for crosses and for what nobody knows. */
  readonly holds: readonly ColumnKey[];
  /** Its words or crosses say what a row asks for. */
  readonly asks: boolean;
}

/** The headings of one table, so that its rows can be given back in it. */
export interface ListTable {
  readonly columns: readonly ListColumn[];
}

/** All entries of one letter, with what was odd about the lists as a whole. */
export interface MailboxList {
  readonly entries: readonly ListEntry[];
  readonly problems: readonly Problem[];
  /** Rows that want a mailbox kept as it is ("Giữ nguyên"): confirmed, nothing asked. Absent: none. */
  readonly kept?: readonly ListEntry[];
  /** The tables that rows name by their place. */
  readonly tables?: readonly ListTable[];
}
