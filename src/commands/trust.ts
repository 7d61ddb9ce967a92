import path from 'node:path';
import { parseArgs } from './options.ts';
import { systemClock } from '../clock.ts';
import { revocation } from '../config.ts';
import { UserError } from '../errors.ts';
import { nameText } from '../evidence/names.ts';
import { loadTrustStore, type TrustDirs } from '../evidence/trust-store.ts';
import type { Certificate } from '../evidence/x509.ts';
import { createRevocationCache } from '../revocation/cache.ts';
import { permitted } from '../revocation/sources.ts';
import type { Command, CommandIo } from './command.ts';

const USAGE = `congthu trust list [--anchors DIR] [--intermediates DIR] [--tsa-anchors DIR] [--crls DIR] [--fetched DIR]
Prints purpose, expiry, SHA-256 fingerprint and name of every certificate that is trusted, and issuer, dates and end of
every revocation list and answer at hand. Folders default to those of the configuration.

congthu trust fetch [URL…]
Fetches the revocation lists at these addresses and those that intermediates name, and refreshes what is kept; only from
CONGTHU_REVOCATION_HOSTS. Ends with status 1 when a source gave nothing.`;

const day = (at: Date | null): string => at?.toISOString().slice(0, 10) ?? '-         ';

const certificateRow = (purpose: string, { notAfter, sha256, subject }: Certificate): string =>
  `${purpose.padEnd(14)} ${day(notAfter)} ${sha256} ${nameText(subject)}\n`;

/** What the gateway trusts, for a person to compare with what the CA published. */
export const trust: Command = {
  name: 'trust',
  summary: 'list trust anchors, intermediates and revocation lists; fetch revocation lists',
  usage: USAGE,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        anchors: { type: 'string' },
        intermediates: { type: 'string' },
        'tsa-anchors': { type: 'string' },
        crls: { type: 'string' },
        fetched: { type: 'string' },
      },
    });
    const [verb, ...urls] = positionals;
    const dirs = folders({ ...values, tsaAnchors: values['tsa-anchors'] }, io.env);
    if (verb === 'list') return list(dirs, io);
    if (verb === 'fetch') return fetchInto(dirs, urls, io);
    throw new UserError('trust needs "list" or "fetch".', USAGE);
  },
};

function folders(
  given: Partial<Record<keyof TrustDirs, string | undefined>>,
  env: CommandIo['env'],
): TrustDirs {
  const dataDir = env['CONGTHU_DATA_DIR'] ?? '.congthu';
  const folder = (key: keyof TrustDirs, name: string): Partial<TrustDirs> => {
    const chosen = given[key] ?? env[name];
    return chosen === undefined || chosen === '' ? {} : { [key]: path.resolve(chosen) };
  };
  return {
    anchors: path.resolve(dataDir, 'trust/anchors'),
    ...folder('anchors', 'CONGTHU_ANCHORS_DIR'),
    ...folder('intermediates', 'CONGTHU_INTERMEDIATES_DIR'),
    ...folder('tsaAnchors', 'CONGTHU_TSA_ANCHORS_DIR'),
    ...folder('crls', 'CONGTHU_CRLS_DIR'),
    fetched: path.resolve(given.fetched ?? path.join(dataDir, 'revocation')),
  };
}

function list(dirs: TrustDirs, { out }: CommandIo): number {
  const store = loadTrustStore(dirs);
  for (const one of store.anchors) out.write(certificateRow('anchor', one));
  for (const one of store.intermediates) out.write(certificateRow('intermediate', one));
  for (const one of store.tsaAnchors) out.write(certificateRow('time-stamping', one));
  for (const { issuerText, thisUpdate, nextUpdate, revoked } of store.crls)
    out.write(
      `${'crl'.padEnd(14)} ${day(nextUpdate)} of ${day(thisUpdate)}, ${revoked.size} revoked, ${issuerText}\n`,
    );
  for (const { answers } of store.ocsp)
    for (const { serial, status, thisUpdate, nextUpdate } of answers)
      out.write(
        `${'ocsp'.padEnd(14)} ${day(nextUpdate)} of ${day(thisUpdate)}, ${status}, serial ${serial}\n`,
      );
  return 0;
}

async function fetchInto(dirs: TrustDirs, urls: readonly string[], { env, err }: CommandIo): Promise<number> {
  const faults: string[] = [];
  const rules = revocation((name) => env[name], faults);
  if (faults.length > 0) throw new UserError(faults.join('\n'), 'See README "Configuration".');
  if (rules.hosts.length === 0)
    throw new UserError('Nothing may be fetched: CONGTHU_REVOCATION_HOSTS is empty, or off-line is set.');
  let failures = 0;
  const cache = createRevocationCache({
    dir: dirs.fetched!,
    rules,
    clock: systemClock,
    onFailure: (url, cause) => {
      failures += 1;
      err.write(`${url}: ${cause}\n`);
    },
  });
  const named = loadTrustStore(dirs).intermediates.flatMap(({ distributionPoints }) =>
    distributionPoints.flatMap((point) => point.urls),
  );
  for (const url of new Set([...urls, ...named])) {
    if (permitted(url, rules) === null) {
      failures += 1;
      err.write(`${url}: its host is not in CONGTHU_REVOCATION_HOSTS\n`);
    } else await cache.obtain([url]);
  }
  await cache.refresh();
  return failures === 0 ? 0 : 1;
}
