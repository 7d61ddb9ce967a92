import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from './options.ts';
import { systemClock } from '../clock.ts';
import { revocation } from '../config.ts';
import { UserError } from '../errors.ts';
import type { TrustDirs } from '../evidence/trust-store.ts';
import { createParserPool, type ParserPool } from '../parser-process/pool.ts';
import { createRevocationCache, type RevocationCache } from '../revocation/cache.ts';
import type { Command, CommandIo } from './command.ts';
import { readStrangerFile } from './stranger-file.ts';
import {
  errorLine,
  fileLine,
  fileText,
  unexamined,
  type ReportLanguage,
  type VerifyLine,
} from './verify-report.ts';

const USAGE = `congthu verify FILE… [--anchors DIR] [--intermediates DIR] [--crls DIR] [--at ISO] [--offline]
               [--tsa-anchors DIR] [--detached FILE] [--lang vi|en] [--json]

Says what a letter (.eml), PDF, Office file or CMS structure proves. Folders default to CONGTHU_ANCHORS_DIR,
CONGTHU_INTERMEDIATES_DIR and CONGTHU_CRLS_DIR. --detached names the signature of FILE, or the file FILE signs.
Revocation data is fetched only from CONGTHU_REVOCATION_HOSTS, and not at all with --offline. Exit status: 0 all passed, 1 any failed, 2 any indeterminate or unsigned.`;

export const verify: Command = {
  name: 'verify',
  summary: 'say what letters and files prove (signatures)',
  usage: USAGE,
  async run(args, io) {
    const { files, json, language, cache, ...settings } = readArguments(args, io.env);
    const pool = createParserPool();
    const stop = (): void => {
      pool.close();
    };
    io.signal.addEventListener('abort', stop);
    const verdicts: VerifyLine['verdict'][] = [];
    try {
      for (const file of files) {
        const { line, text } = await verifyOne(pool, cache, file, settings, language);
        io.out.write(`${json ? JSON.stringify(line) : text}\n`);
        verdicts.push(line.verdict);
      }
    } finally {
      io.signal.removeEventListener('abort', stop);
      pool.close();
    }
    return exitStatus(verdicts);
  },
};

/** 0 all passed, 1 any failed, 2 any indeterminate or none. */
function exitStatus(verdicts: readonly VerifyLine['verdict'][]): number {
  if (verdicts.includes('TOTAL-FAILED')) return 1;
  return verdicts.every((verdict) => verdict === 'TOTAL-PASSED') ? 0 : 2;
}

interface Settings {
  readonly at: Date;
  readonly trustDirs: TrustDirs;
  readonly detached: string | undefined;
}

/** One bad or missing file never ends the run. */
async function verifyOne(
  pool: ParserPool,
  cache: RevocationCache | null,
  file: string,
  settings: Settings,
  language: ReportLanguage,
) {
  try {
    const { at, trustDirs, detached } = settings;
    const job = {
      at,
      trustDirs,
      name: path.basename(file),
      bytes: await readStrangerFile(file),
      ...(detached === undefined ? {} : { detached: await readStrangerFile(detached) }),
    };
    const first = await pool.verifyFile(job);
    const more = cache !== null && (await cache.obtain(first.wanted));
    const verified = more ? await pool.verifyFile({ ...job, now: systemClock.now() }) : first;
    return { line: fileLine(file, verified), text: fileText(file, verified, language) };
  } catch (error) {
    return { line: errorLine(file, error), text: unexamined(file, error, language) };
  }
}

function readArguments(args: readonly string[], env: CommandIo['env']) {
  const { values, positionals } = parse(args);
  if (positionals.length === 0) throw new UserError('Which files? None is named.', USAGE);
  const at = values.at === undefined ? new Date() : new Date(values.at);
  if (Number.isNaN(at.getTime())) throw new UserError(`--at ${values.at ?? ''} is no ISO date`);
  if (values.lang !== 'vi' && values.lang !== 'en') throw new UserError('--lang is vi or en');
  const language: ReportLanguage = values.lang;
  const folder = (given: string | undefined, name: string): string | undefined => {
    const chosen = given ?? env[name];
    // A typing mistake would make everything look untrusted.
    if (given !== undefined && !fs.existsSync(given)) throw new UserError(`${given} is no folder`, USAGE);
    return chosen === undefined || chosen === '' ? undefined : path.resolve(chosen);
  };
  const intermediates = folder(values.intermediates, 'CONGTHU_INTERMEDIATES_DIR');
  const crls = folder(values.crls, 'CONGTHU_CRLS_DIR');
  const tsaAnchors = folder(values['tsa-anchors'], 'CONGTHU_TSA_ANCHORS_DIR');
  const faults: string[] = [];
  const rules = revocation((name) => env[name], faults);
  if (faults.length > 0) throw new UserError(faults.join('\n'), 'See README "Configuration".');
  const online = !values.offline && rules.hosts.length > 0;
  const fetched = path.resolve(env['CONGTHU_DATA_DIR'] ?? '.congthu', 'revocation');
  const cache = online ? createRevocationCache({ dir: fetched, rules, clock: systemClock }) : null;
  const trustDirs: TrustDirs = {
    // Without anchors nothing is trusted, which is a finding and no fault of the call.
    anchors: folder(values.anchors, 'CONGTHU_ANCHORS_DIR') ?? '/nonexistent',
    ...(intermediates === undefined ? {} : { intermediates }),
    ...(crls === undefined ? {} : { crls }),
    ...(tsaAnchors === undefined ? {} : { tsaAnchors }),
    ...(cache === null ? {} : { fetched }),
  };
  return { files: positionals, json: values.json, language, at, trustDirs, detached: values.detached, cache };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        anchors: { type: 'string' },
        intermediates: { type: 'string' },
        crls: { type: 'string' },
        'tsa-anchors': { type: 'string' },
        at: { type: 'string' },
        detached: { type: 'string' },
        lang: { type: 'string', default: 'vi' },
        offline: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), USAGE);
  }
}
