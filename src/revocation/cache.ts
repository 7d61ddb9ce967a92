import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import { causeText } from '../errors.ts';
import { parseRevocationList } from '../evidence/crl.ts';
import { parseOcspResponse } from '../evidence/ocsp.ts';
import { derBlocks } from '../evidence/trust-store.ts';
import { fetchWanted, FETCH_LIMITS, FetchError, type FetchLimits } from './fetch.ts';
import { permitted, readWanted, type SourceRules, type Wanted } from './sources.ts';

/**
 * Revocation data fetched from configured hosts, kept as files that the parsing child reads as part of its trust store:
 *
 *     <name>-<thisUpdate>.crl | .ors    the list or answer, DER; <name> = 32 hex digits of SHA-256 of address and question
 *     <name>.json                       { "url", "fetchedAt" }: where a list came from, to fetch it again
 *
 * A version is written beside and renamed, under a name of its own, so processes need no lock: a reader sees whole files
 * only, and an older list cannot take a newer one's place. Nothing here decides: signatures are checked when used.
 */
export interface RevocationCache {
  /** Fetches what the configuration allows of `wanted`; true when something new was kept. Never throws. */
  obtain(wanted: readonly string[]): Promise<boolean>;
  /** Fetches lists again that were fetched long ago or end soon, and drops what ended long ago. Never throws. */
  refresh(): Promise<void>;
}

export interface CacheOptions {
  readonly dir: string;
  readonly rules: SourceRules;
  readonly clock: Clock;
  readonly limits?: FetchLimits;
  /** A source that gave nothing is told once per try: text for our log. */
  readonly onFailure?: (url: string, cause: string) => void;
}

/** A revocation published in the morning must count in the afternoon, whatever nextUpdate says. */
const REFRESH_AFTER_MS = 6 * 3600_000;
const REFRESH_BEFORE_END_MS = 3600_000;
/** A source that failed is left alone this long, however many letters want it. */
const PAUSE_MS = 60_000;
/** What ended is kept a while for letters received before. */
const DROP_AFTER_MS = 30 * 86_400_000;
/** Our clock and the CA's may differ. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** Addresses fetched for one letter; a path has about three certificates with two each. */
const MAX_PER_LETTER = 16;

export function createRevocationCache(options: CacheOptions): RevocationCache {
  const { dir, rules, clock, limits = FETCH_LIMITS } = options;
  const running = new Map<string, Promise<boolean>>();
  const failedAt = new Map<string, number>();

  const obtainOne = (wanted: Wanted): Promise<boolean> => {
    const name = nameOf(wanted);
    if (clock.now().getTime() - (failedAt.get(name) ?? -Infinity) < PAUSE_MS) return Promise.resolve(false);
    const known = running.get(name);
    if (known !== undefined) return known;
    const fetching = load(wanted, name).finally(() => running.delete(name));
    running.set(name, fetching);
    return fetching;
  };

  const load = async (wanted: Wanted, name: string): Promise<boolean> => {
    try {
      const bytes = await fetchWanted(wanted, rules, limits);
      const kept = await keep(dir, name, wanted, bytes, clock.now());
      failedAt.delete(name);
      return kept;
    } catch (error) {
      failedAt.set(name, clock.now().getTime());
      options.onFailure?.(wanted.url, causeText(error));
      return false;
    }
  };

  return {
    async obtain(texts) {
      const wanted = texts.map(readWanted).filter(({ url }) => permitted(url, rules) !== null);
      const kept = await Promise.all(wanted.slice(0, MAX_PER_LETTER).map(obtainOne));
      return kept.includes(true);
    },
    async refresh() {
      const now = clock.now().getTime();
      for (const source of await keptSources(dir)) {
        const versions = await versionsOf(dir, source.name);
        const ends = await endOf(dir, versions.at(-1));
        if (ends < now - DROP_AFTER_MS) {
          await Promise.all([...versions, `${source.name}.json`].map((file) => remove(path.join(dir, file))));
        } else if (
          permitted(source.url, rules) !== null &&
          source.request === null &&
          (now - source.fetchedAt > REFRESH_AFTER_MS || ends - now < REFRESH_BEFORE_END_MS)
        ) {
          await obtainOne({ url: source.url, request: null });
        }
      }
    },
  };
}

const nameOf = ({ url, request }: Wanted): string =>
  createHash('sha256')
    .update(`${url}\n${request?.toString('hex') ?? ''}`)
    .digest('hex')
    .slice(0, 32);

/** Checks by parsing, then keeps. True when this version was not here. */
async function keep(dir: string, name: string, wanted: Wanted, bytes: Buffer, now: Date): Promise<boolean> {
  const der = wanted.request === null ? derBlocks(bytes)[0]! : bytes;
  const { thisUpdate, extension } = wanted.request === null ? listTimes(der, now) : answerTimes(der, now);
  await fs.mkdir(dir, { recursive: true });
  const file = `${name}-${String(thisUpdate.getTime()).padStart(14, '0')}.${extension}`;
  const before = await versionsOf(dir, name);
  const source = { url: wanted.url, request: wanted.request !== null, fetchedAt: now.getTime() };
  await replace(path.join(dir, `${name}.json`), JSON.stringify(source));
  // Names sort by thisUpdate: a newer one is here already, or this very one.
  if (before.some((known) => known >= file)) return false;
  await replace(path.join(dir, file), der);
  await Promise.all(before.map((older) => remove(path.join(dir, older))));
  return true;
}

function listTimes(der: Buffer, now: Date) {
  const list = parseRevocationList(der);
  if (list.base !== null) throw new FetchError('a delta list where the complete one was asked');
  if (list.nextUpdate === null || list.nextUpdate < now) throw new FetchError('the list has ended');
  requirePast(list.thisUpdate, now);
  return { thisUpdate: list.thisUpdate, extension: 'crl' };
}

function answerTimes(der: Buffer, now: Date) {
  const [answer] = parseOcspResponse(der).answers;
  if (answer === undefined) throw new FetchError('an OCSP response without answers');
  requirePast(answer.thisUpdate, now);
  return { thisUpdate: answer.thisUpdate, extension: 'ors' };
}

/** A list from the future would stand before every honest one. */
function requirePast(thisUpdate: Date, now: Date): void {
  if (thisUpdate.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) throw new FetchError('it is of the future');
}

async function replace(file: string, content: string | Buffer): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await fs.writeFile(beside, content);
  await fs.rename(beside, file);
}

const remove = (file: string): Promise<void> => fs.rm(file, { force: true });

async function filesOf(dir: string): Promise<string[]> {
  return (await fs.readdir(dir).catch(() => [])).sort();
}

const versionsOf = async (dir: string, name: string): Promise<string[]> =>
  (await filesOf(dir)).filter((file) => file.startsWith(`${name}-`) && /\.(crl|ors)$/.test(file));

export interface KeptSource {
  readonly name: string;
  readonly url: string;
  /** 'ocsp' for a responder's answer about one certificate. */
  readonly request: 'ocsp' | null;
  readonly fetchedAt: number;
}

/** What was fetched and from where; damaged notes are passed over. */
export async function keptSources(dir: string): Promise<KeptSource[]> {
  const found: KeptSource[] = [];
  for (const file of (await filesOf(dir)).filter((one) => one.endsWith('.json'))) {
    try {
      const note = JSON.parse(await fs.readFile(path.join(dir, file), 'utf8')) as Record<string, unknown>;
      if (typeof note['url'] !== 'string' || typeof note['fetchedAt'] !== 'number') continue;
      const request = note['request'] === true ? 'ocsp' : null;
      found.push({ name: file.slice(0, -5), url: note['url'], request, fetchedAt: note['fetchedAt'] });
    } catch {
      continue;
    }
  }
  return found;
}

/** When the newest version ends, as time value; -Infinity when nothing readable is kept. */
async function endOf(dir: string, file: string | undefined): Promise<number> {
  if (file === undefined) return -Infinity;
  try {
    const der = await fs.readFile(path.join(dir, file));
    const end = file.endsWith('.crl')
      ? parseRevocationList(der).nextUpdate
      : (parseOcspResponse(der).answers[0]?.nextUpdate ?? parseOcspResponse(der).answers[0]?.thisUpdate);
    return end?.getTime() ?? -Infinity;
  } catch {
    return -Infinity;
  }
}
