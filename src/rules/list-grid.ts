/** A grid of cells as the list formats give it; `Grid` of lists/port.ts is assignable to it. */
export interface ListGrid {
  readonly source: string;
  readonly hidden: boolean;
  readonly hiddenColumns?: readonly number[];
  readonly revised?: true;
  readonly rows: readonly ListGridRow[];
  readonly merges?: readonly ListMerge[];
}

export interface ListGridRow {
  /** 0 for running text outside of tables. */
  readonly line: number;
  readonly hidden: boolean;
  readonly cells: readonly (ListCell | null)[];
}

/** 0-based columns, 1-based lines, inclusive. */
export interface ListMerge {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface ListCell {
  readonly text: string;
  readonly number?: number;
  readonly date?: { readonly year: number; readonly month: number; readonly day: number };
  readonly font?: string;
  readonly runs?: readonly { readonly text: string; readonly font?: string }[];
  readonly formula?: true;
  readonly revised?: true;
  readonly concealed?: true;
}
