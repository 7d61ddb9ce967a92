/**
 * Port of the list formats. A format turns bytes into grids of cells and judges nothing: which row is the
 * heading, what a column means and which rows count is decided by `rules/`.
 *
 * Called in the parsing child process, once per document, on bytes a stranger sent. A format must bound what it
 * inflates and walks (threats.md "Inside the message") and throws `ListError` for anything it refuses; any other
 * throw is a defect and is treated as "cannot tell": the letter goes to an officer.
 */
export interface ListFormat {
  readonly name: 'xlsx' | 'xls' | 'ods' | 'csv' | 'docx' | 'odt' | 'pdf-table' | 'html' | 'plain-text';
  /** What it reads, as told by the content and never by the file's name alone. */
  readonly mediaTypes: readonly string[];
  read(file: ListFile): Grid[] | Promise<Grid[]>;
}

export interface ListFile {
  readonly bytes: Uint8Array;
  /** A label for the clerk. */
  readonly filename: string;
  /** Sniffed from the content. */
  readonly mediaType: string;
  /** Opening it needs a password. */
  readonly encrypted: boolean;
}

export interface Cell {
  /** As displayed, NFC not yet applied (legacy encodings are detected on the raw text). */
  readonly text: string;
  /** Set when the file stores a number (a phone may have lost its leading 0) or a calendar date. */
  readonly number?: number;
  readonly date?: { readonly year: number; readonly month: number; readonly day: number };
  /** Font of the cell or of its first run: ".VnTime" and "VNI-Times" betray legacy encodings. */
  readonly font?: string;
  /** Runs in different fonts, when the file tells. */
  readonly runs?: readonly { readonly text: string; readonly font?: string }[];
  readonly formula?: true;
  /** Text that its writer struck out or added with changes being tracked: two readers see two texts. */
  readonly revised?: true;
  /** Besides this text the cell holds text that is not shown. */
  readonly concealed?: true;
}

export interface GridRow {
  /** 1-based, as the clerk sees it; 0 for a line of running text above a table. */
  readonly line: number;
  readonly hidden: boolean;
  /** Sparse: absent cells are null. Merged cells carry their text in the top-left cell only. */
  readonly cells: readonly (Cell | null)[];
}

export interface Merge {
  /** 0-based column, 1-based line, inclusive. */
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface Grid {
  /** "danh-sach.xlsx › Sheet1", "cong-van.docx › bảng 2" */
  readonly source: string;
  readonly hidden: boolean;
  /** 0-based columns hidden in the file. */
  readonly hiddenColumns?: readonly number[];
  /** Changes were tracked in this table: rows may be struck out or not yet agreed on. */
  readonly revised?: true;
  readonly rows: readonly GridRow[];
  readonly merges: readonly Merge[];
}

export const LIST_ERRORS = [
  'encrypted',
  'too_large',
  'malformed',
  'forbidden_content',
  /** A list may be inside, but nothing here opens it: .doc, .rar, .xlsb. */
  'unreadable_format',
  /** No list at all: a picture, a scan, a signature. */
  'unsupported',
] as const;

/** A list that cannot be read for a reason the unit can be told. */
export class ListError extends Error {
  override name = 'ListError';
  readonly code: (typeof LIST_ERRORS)[number];
  constructor(code: (typeof LIST_ERRORS)[number], message: string) {
    super(message);
    this.code = code;
  }
}
