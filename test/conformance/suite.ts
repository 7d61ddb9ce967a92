/** One public suite run over our validators. `missing` says which folder is not there. */
export interface SuiteResult {
  readonly suite: string;
  readonly rows: readonly (readonly [what: string, figure: string])[];
  /** Bars that were missed; empty = met. */
  readonly missed: readonly string[];
  /** Refusals and differences one by one, with their reasons. */
  readonly notes: readonly string[];
}

export type Suite = (vectors: string) => SuiteResult | Promise<SuiteResult>;
