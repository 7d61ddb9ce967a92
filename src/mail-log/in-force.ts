import { createHmac } from 'node:crypto';
import type postgres from 'postgres';
import type { LogEvent } from './event.ts';
import { configurationChanged, configurationLoaded, MACHINE, regulationChanged } from './events.ts';
import { searchLog } from './search.ts';

/**
 * What a gateway works by, told at each start: the log shows when a rule or setting became another one, and which part,
 * though never a value (passwords are among them). Each part stands with a digest, that of a setting keyed by the gateway's secret:
 *
 *   gw1.quangbinh.gov.vn: auditors 1a2b3c4d, clamd 99aa00bb …     configuration.loaded
 *   changed: deadlines; admission 0f0f0f0f, deadlines 1e1e1e1e …  regulation.changed, outcome = the regulation's id
 */
export interface InForce {
  readonly hostname: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly regulations: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
  readonly secret: Uint8Array | string;
}

/** Gateways of one log that may run beside this one, each with its own settings. */
const STARTS_LOOKED_AT = 100;

/** The entries of a start, against what the log says of the starts before. */
export async function startEntries(sql: postgres.ISql, now: InForce): Promise<LogEvent[]> {
  const entries: LogEvent[] = [];
  for (const regulation of now.regulations) {
    // Rules are public: any gateway of this log gives the same digests.
    const parts = digests(regulation, regulation.id);
    const [last] = await searchLog(sql, { event: 'regulation.changed', outcome: regulation.id, limit: 1 });
    const said = last === undefined ? null : String(last.entry['detail']).replace(/^[^;]*; /, '');
    const change = said === null ? 'in force' : `changed: ${differing(said, parts).join(' ')}`;
    if (said !== parts)
      entries.push(
        regulationChanged({ regulation: regulation.id, detail: `${change}; ${parts}`, actor: MACHINE }),
      );
  }
  const parts = digests(now.settings, now.secret);
  const own = `${now.hostname}: `;
  const starts = await searchLog(sql, { event: 'configuration.loaded', limit: STARTS_LOOKED_AT });
  const before = starts.map(({ entry }) => String(entry['detail'])).find((detail) => detail.startsWith(own));
  const changed = before === undefined ? [] : differing(before.slice(own.length), parts);
  if (changed.length > 0)
    entries.push(
      configurationChanged({
        what: 'settings',
        detail: `${now.hostname}: ${changed.join(' ')}`,
        actor: MACHINE,
      }),
    );
  return [...entries, configurationLoaded({ detail: own + parts })];
}

function digests(parts: Readonly<Record<string, unknown>>, secret: Uint8Array | string): string {
  return Object.keys(parts)
    .sort()
    .map((name) => {
      const text = JSON.stringify([parts[name]], (_key, value: unknown) =>
        value instanceof RegExp
          ? String(value)
          : value instanceof Map || value instanceof Set
            ? [...(value as Iterable<unknown>)]
            : value,
      );
      return `${name} ${createHmac('sha256', secret).update(`${name} ${text}`).digest('hex').slice(0, 8)}`;
    })
    .join(', ');
}

/** Names of the parts that are not the same in both. */
function differing(before: string, after: string): string[] {
  const old = new Set(before.split(', '));
  const fresh = new Set(after.split(', '));
  const names = [...old, ...fresh].filter((part) => !old.has(part) || !fresh.has(part));
  return [...new Set(names.map((part) => part.split(' ')[0]!))].sort();
}
