import dgram from 'node:dgram';
import fs from 'node:fs';
import type postgres from 'postgres';
import type { Clock } from '../clock.ts';
import { causeText } from '../errors.ts';
import { isAnchored, keepAnchor } from '../mail-log/anchor.ts';
import { append } from '../mail-log/append.ts';
import { logAnchored } from '../mail-log/events.ts';
import { searchLog } from '../mail-log/search.ts';
import { latestCheckpoint } from '../mail-log/sequencer.ts';
import { timestampQuery, timestampGranted } from '../mail-log/timestamp-query.ts';

/** Where checkpoints are laid down every hour, outside the database's reach. */
export interface AnchorPlaces {
  /** A file on another machine's disk or on write-once media; notes are appended. */
  readonly file: string | undefined;
  readonly syslog: { readonly host: string; readonly port: number } | undefined;
  readonly tsaUrl: string | undefined;
  /** Our name in syslog. */
  readonly hostname: string;
}

const TSA_MS = 20_000;
/** RFC 3161 answers are a few kilobytes, with a chain of certificates some tens. */
const TSA_BYTES = 256 * 1024;

/**
 * Asked every minute; each place gets each hour's checkpoint once. One that fails is tried again; the log is told when it
 * begins to fail and, as with every checkpoint laid down, when it works again.
 */
export async function layDownCheckpoints(
  sql: postgres.Sql,
  clock: Clock,
  places: AnchorPlaces,
): Promise<void> {
  const note = await latestCheckpoint(sql);
  if (note === null) return;
  const period = clock.now().toISOString().slice(0, 13);
  for (const one of placesOf(places)) {
    const { place } = one;
    if (await isAnchored(sql, place, period)) continue;
    try {
      const token = await one.layDown(note);
      const at = clock.now();
      await sql.begin(async (tx) => {
        await append(tx, at, ...(await keepAnchor(tx, { place, period, at, note, token })));
      });
    } catch (error) {
      if (await isFailing(sql, place)) continue;
      const detail = `size ${note.split('\n')[1] ?? ''}`;
      await append(sql, clock.now(), logAnchored({ where: place, detail, error: causeText(error) }));
    }
  }
}

/** What the log last said of this place was a failure. */
async function isFailing(sql: postgres.Sql, place: string): Promise<boolean> {
  const [last] = await searchLog(sql, { event: 'log.anchored', outcome: place, limit: 1 });
  return last?.entry['error'] !== undefined;
}

interface Place {
  readonly place: string;
  /** Resolves to what is kept as proof. */
  layDown(note: string): Promise<Buffer | null>;
}

function placesOf({ file, syslog, tsaUrl, hostname }: AnchorPlaces): Place[] {
  const places: Place[] = [];
  if (file !== undefined) places.push({ place: `file ${file}`, layDown: (note) => toFile(file, note) });
  if (syslog !== undefined)
    places.push({
      place: `syslog ${syslog.host}:${syslog.port}`,
      layDown: (note) => toSyslog(syslog, hostname, note),
    });
  if (tsaUrl !== undefined)
    places.push({ place: `tsa ${tsaUrl}`, layDown: (note) => timestamped(tsaUrl, note) });
  return places;
}

async function toFile(file: string, note: string): Promise<null> {
  const handle = await fs.promises.open(file, 'a', 0o644);
  try {
    await handle.appendFile(`${note}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return null;
}

/** RFC 5424 over UDP; facility log audit (13), severity notice (5). Line breaks of the note stand as " | ". */
function toSyslog(
  { host, port }: { host: string; port: number },
  hostname: string,
  note: string,
): Promise<null> {
  const text = note.trimEnd().replaceAll('\n', ' | ');
  const message = `<109>1 ${new Date().toISOString()} ${hostname} congthu ${process.pid} checkpoint - ${text}`;
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.send(message, port, host, (error) => {
      socket.close();
      if (error === null) resolve(null);
      else reject(error);
    });
  });
}

async function timestamped(url: string, note: string): Promise<Buffer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: new Uint8Array(timestampQuery(Buffer.from(note))),
    redirect: 'error',
    signal: AbortSignal.timeout(TSA_MS),
  });
  if (!response.ok) throw new Error(`the time-stamping authority answered ${response.status}`);
  const answer = Buffer.from(await response.arrayBuffer());
  if (answer.length > TSA_BYTES) throw new Error('the time-stamping authority answered too much');
  if (!timestampGranted(answer)) throw new Error('the time-stamping authority granted no token');
  return answer;
}
