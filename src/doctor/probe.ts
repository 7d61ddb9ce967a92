import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { OpenDatabase } from '../store/database.ts';
import type { Finding, Text } from './finding.ts';

export interface Patient {
  readonly config: Config;
  readonly clock: Clock;
  /** Leaves out what takes long: the verification of the whole mail log. */
  readonly quick: boolean;
  readonly progress: (done: number, all: number) => void;
}

/** A patient whose database answers. */
export interface ReachedPatient extends Patient {
  readonly db: OpenDatabase;
}

interface Named {
  /** Stable, for scripts: "database.settings". */
  readonly id: string;
  readonly title: Text;
}

/**
 * One look at one thing. It changes nothing, gives one finding for each thing it looked at, and ends by itself within
 * some seconds (the mail log's verification excepted). A throw counts as a failure with the error's text.
 */
export type Probe = Named &
  (
    | { readonly needs: 'nothing'; look(patient: Patient): Finding[] | Promise<Finding[]> }
    /** `tables`: the migrations are up to date as well. */
    | { readonly needs: 'database' | 'tables'; look(patient: ReachedPatient): Finding[] | Promise<Finding[]> }
  );
