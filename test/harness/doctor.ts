import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import type { Environment } from '../../src/config.ts';
import { examine } from '../../src/doctor/examination.ts';
import type { Grade } from '../../src/doctor/finding.ts';
import type { Probe } from '../../src/doctor/probe.ts';

export interface Seen {
  readonly grade: Grade;
  readonly seen: string;
  readonly hint: string | null;
}

/** What one probe finds with this configuration, in English; the configuration itself has to be in order. */
export async function lookWith(
  probe: Probe,
  env: Environment,
  { clock = systemClock, quick = false }: { clock?: Clock; quick?: boolean } = {},
): Promise<Seen[]> {
  const silent = (): void => undefined;
  const options = { clock, quick, progress: silent, starting: silent, probes: [probe] };
  const [configuration, ...findings] = await examine(env, options);
  if (configuration?.grade !== 'ok') throw new Error(configuration?.seen.en);
  return findings.map(({ grade, seen, hint }) => ({ grade, seen: seen.en, hint: hint?.en ?? null }));
}

/** "ok|failure": the grades alone, in order. */
export const grades = (findings: readonly Seen[]): string => findings.map(({ grade }) => grade).join('|');
