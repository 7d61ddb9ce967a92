import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import { logState } from '../mail-log/state.ts';
import { backlog } from '../store/backlog.ts';
import type { OpenDatabase } from '../store/database.ts';
import { inTime } from './in-time.ts';

/**
 * What the gateway tells Prometheus. Labels come from closed lists of the code only: no address, name, number or
 * subject ever becomes a label, so that the page holds no personal data and the series stay few.
 */
export interface Metrics {
  /** A letter's fate at a door; `reason` is a code of rules/admission, empty where there is none. */
  letter(door: string, outcome: string, reason: string): void;
  /** The door itself refused (limits, syntax, TLS) or failed. */
  doorRefused(stage: string, code: number): void;
  step(step: string, result: string, seconds: number): void;
  sending(result: 'sent' | 'deferred' | 'failed'): void;
  parserCrash(): void;
  virusScan(result: 'clean' | 'infected' | 'failed'): void;
  imap(event: 'connected' | 'lost' | 'not_moved'): void;
  /** Trouble in a loop of ours: worker, outbox, jobs, sequencer … */
  trouble(what: string): void;
  /** The page for Prometheus; what needs the database is NaN while it does not answer. */
  page(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsDeps {
  readonly db: OpenDatabase;
  readonly clock: Clock;
  readonly freeBytes: () => Promise<number>;
  /** null where no scanner is configured. */
  readonly pingScanner: (() => Promise<unknown>) | null;
}

/** Prometheus waits 10 s for a page by default. */
const ANSWER_MS = 4000;

export function createMetrics(deps: MetricsDeps): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { counters, steps } = createCounters(registry);
  const refresh = createGauges(registry, deps);
  return {
    letter: (door, outcome, reason) => {
      counters.letters.inc({ door, outcome, reason });
    },
    doorRefused: (stage, code) => {
      counters.doorRefusals.inc({ stage, code: String(code) });
    },
    step: (step, result, seconds) => {
      steps.observe({ step, result }, seconds);
    },
    sending: (result) => {
      counters.sendings.inc({ result });
    },
    parserCrash: () => {
      counters.parserCrashes.inc();
    },
    virusScan: (result) => {
      counters.virusScans.inc({ result });
    },
    imap: (event) => {
      counters.imap.inc({ event });
    },
    trouble: (what) => {
      counters.trouble.inc({ what });
    },
    async page() {
      await refresh();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function createCounters(registry: Registry) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  return {
    counters: {
      letters: counter('congthu_letters_total', 'Letters at the doors by their fate', [
        'door',
        'outcome',
        'reason',
      ]),
      doorRefusals: counter(
        'congthu_door_refusals_total',
        'Refusals by the door itself (limits, syntax, TLS, trouble)',
        ['stage', 'code'],
      ),
      sendings: counter('congthu_notice_sendings_total', 'Tries to hand a notice to the relay', ['result']),
      parserCrashes: counter(
        'congthu_parser_crashes_total',
        'Parsing children that died or were killed at a limit',
        [],
      ),
      virusScans: counter('congthu_virus_scans_total', 'Scans by clamd', ['result']),
      imap: counter('congthu_imap_events_total', 'Connections of the IMAP door made and lost', ['event']),
      trouble: counter('congthu_trouble_total', 'Failures in the gateway’s own loops', ['what']),
    },
    steps: new Histogram({
      name: 'congthu_step_duration_seconds',
      help: 'Duration of one step of a letter’s journey',
      labelNames: ['step', 'result'],
      // From a database round trip to the longest a step may take (src/work/runner.ts).
      buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
      registers: [registry],
    }),
  };
}

/** Gauges that are looked up when the page is asked for. */
function createGauges(
  registry: Registry,
  { db, clock, freeBytes, pingScanner }: MetricsDeps,
): () => Promise<void> {
  const gauge = <L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Gauge<L> => new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const up = gauge('congthu_database_up', '1 while the database answers');
  const letters = gauge('congthu_letters', 'Letters that are not at their end, by state', ['state']);
  const oldestLetter = gauge(
    'congthu_letter_oldest_due_seconds',
    'How long the longest-waiting due letter has waited',
  );
  const notices = gauge('congthu_notices', 'Notices that did not simply leave, by state', ['state']);
  const oldestNotice = gauge('congthu_notice_oldest_unsent_seconds', 'Age of the oldest unsent notice');
  const overdue = gauge('congthu_dossiers_overdue', 'Open dossiers past their date');
  const soon = gauge('congthu_dossiers_due_within_day', 'Open dossiers due within 24 hours');
  const logSize = gauge('congthu_log_entries', 'Numbered entries of the mail log');
  const logPending = gauge('congthu_log_pending', 'Entries waiting for a number');
  const logLag = gauge('congthu_log_lag_seconds', 'Age of the oldest entry waiting for a number');
  const checkpointAge = gauge('congthu_log_checkpoint_age_seconds', 'Age of the latest kept checkpoint');
  const free = gauge('congthu_disk_free_bytes', 'Free space on the disk of the data directory');
  const scanner = pingScanner === null ? null : gauge('congthu_virus_scanner_up', '1 while clamd answers');

  const fromDatabase = async (): Promise<void> => {
    const now = clock.now();
    const age = (at: Date | null): number =>
      at === null ? 0 : Math.max(0, (now.getTime() - at.getTime()) / 1000);
    const [waiting, log] = await inTime(Promise.all([backlog(db.sql, now), logState(db.sql)]), ANSWER_MS);
    up.set(1);
    for (const [state, count] of Object.entries(waiting.letters)) letters.set({ state }, count);
    for (const [state, count] of Object.entries(waiting.notices)) notices.set({ state }, count);
    oldestLetter.set(age(waiting.oldestDueLetter));
    oldestNotice.set(age(waiting.oldestUnsentNotice));
    overdue.set(waiting.dossiersOverdue);
    soon.set(waiting.dossiersDueWithinDay);
    logSize.set(log.size);
    logPending.set(log.pending);
    logLag.set(age(log.oldestPending));
    checkpointAge.set(age(log.checkpointAt));
  };
  const withoutDatabase = (): void => {
    up.set(0);
    letters.reset();
    notices.reset();
    for (const unknown of [
      oldestLetter,
      oldestNotice,
      overdue,
      soon,
      logSize,
      logPending,
      logLag,
      checkpointAge,
    ])
      unknown.set(NaN);
  };
  const fromScanner = async (): Promise<void> => {
    if (scanner === null || pingScanner === null) return;
    scanner.set(
      await inTime(pingScanner(), ANSWER_MS).then(
        () => 1,
        () => 0,
      ),
    );
  };
  return async () => {
    await Promise.all([
      fromDatabase().catch(withoutDatabase),
      fromScanner(),
      freeBytes().then(
        (bytes) => {
          free.set(bytes);
        },
        () => {
          free.set(NaN);
        },
      ),
    ]);
  };
}
