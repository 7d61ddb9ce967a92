import fs from 'node:fs';
import { parseArgs } from './options.ts';
import { fixedClock, systemClock } from '../clock.ts';
import { readConfig, type Config } from '../config.ts';
import { UserError, causeText } from '../errors.ts';
import type { ExaminedLetter } from '../evidence/port.ts';
import { receiveDeps } from '../doors.ts';
import { stepDeps } from '../gateway.ts';
import { authorOf } from '../intake/author.ts';
import { readHead } from '../intake/head.ts';
import { letterOf } from '../intake/raw-letter.ts';
import { receive } from '../intake/receive.ts';
import type { Received } from '../intake/take-in.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { createActivationLinks } from '../notices/activation-link.ts';
import { createParserPool, type ParserPool } from '../parser-process/pool.ts';
import type { CheckedRow } from '../rules/check-rows.ts';
import { isWorking, type LetterState } from '../rules/letter.ts';
import type { Database } from '../store/database.ts';
import { dossierByNumber, rowsOfLetter } from '../store/dossiers.ts';
import type { Letter } from '../store/letters.ts';
import { noticesOfLetter } from '../store/notices.ts';
import { createCalendarSource } from '../work/calendar-source.ts';
import { takeStep } from '../work/runner.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

export const replay: Command = {
  name: 'replay',
  summary: 'plays letters through the whole path as a dry run that changes nothing',
  usage: `congthu replay FILE.eml… [--envelope-from A] [--now ISO] [--auth relay|none] [--json]
--envelope-from  the SMTP sender; default: the From header
--now            the moment of receipt; default: now
--auth           relay: the author's domain counts as proven (default); none: it does not
`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'envelope-from': { type: 'string' },
        now: { type: 'string' },
        auth: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (positionals.length === 0) throw new UserError('replay: name at least one .eml file.');
    const now = values.now === undefined ? systemClock.now() : new Date(values.now);
    if (Number.isNaN(now.getTime())) throw new UserError(`--now: "${values.now ?? ''}" is no ISO time.`);
    if (values.auth !== undefined && !['relay', 'none'].includes(values.auth))
      throw new UserError('--auth is "relay" or "none".');
    const config = readConfig(io.env);
    const pool = createParserPool({ children: 1 });
    try {
      return await useDatabase(config, io, async (db) => {
        await prepareMonths(db.sql, now);
        let status = 0;
        for (const file of positionals) {
          try {
            const envelopeFrom = values['envelope-from'];
            const scene = { config, pool, now, proven: values.auth !== 'none', envelopeFrom };
            const raw = fs.readFileSync(file);
            const played = { file, ...(await db.rehearse((stage) => play(raw, { ...scene, stage }))) };
            io.out.write(values.json === true ? `${JSON.stringify(played)}\n` : told(file, played));
          } catch (error) {
            status = 1;
            if (values.json === true) io.out.write(`${JSON.stringify({ file, error: causeText(error) })}\n`);
            else io.err.write(`${file}: ${causeText(error)}\n`);
          }
        }
        return status;
      });
    } finally {
      pool.close();
    }
  },
};

export interface Scene {
  readonly config: Config;
  readonly stage: Database;
  readonly pool: ParserPool;
  readonly now: Date;
  readonly proven: boolean;
  readonly envelopeFrom: string | undefined;
  /** Envelope recipients; default: every intake there is. */
  readonly recipients?: readonly string[];
}

export type Played = Awaited<ReturnType<typeof play>>;

/** One letter from the door to where it rests, on the scene's database and at its moment. */
export async function play(raw: Buffer, scene: Scene) {
  const { config, stage, now } = scene;
  const clock = fixedClock(now);
  // A file saved with bare line feeds is the same letter; on the wire every line ends in CRLF.
  const wire = raw.includes('\r\n')
    ? raw
    : Buffer.from(raw.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  const author = authorOf(readHead(wire.subarray(0, 256 * 1024)));
  const domain = author.ok ? author.address.split('@')[1]! : null;
  const deps = receiveDeps(config, stage, clock, 'replay');
  const from = scene.envelopeFrom ?? (author.ok ? author.address : null);
  const received = await receive(
    {
      raw: letterOf(wire),
      envelopeFrom: from === '' || from === '<>' ? null : (from?.toLowerCase() ?? null),
      recipients: scene.recipients ?? deps.intakes.map(({ address }) => address),
      session: {
        id: 'replay',
        remoteAddress: '127.0.0.1',
        helo: 'replay',
        tls: false,
        authenticatedAs: null,
      },
      receivedAt: now,
    },
    {
      ...deps,
      prove: () =>
        Promise.resolve(
          scene.proven && domain !== null
            ? { method: 'trusted-relay', result: 'pass', domain, detail: 'replay' }
            : { method: 'none', result: 'fail', domain: null, detail: 'replay' },
        ),
    },
  );
  const calendar = createCalendarSource(stage);
  await calendar.refresh();
  const links = createActivationLinks(Buffer.alloc(32), config.publicUrl);
  const steps = stepDeps(config, stage, clock, scene.pool, links, null, { calendar });
  const letter = received.letter === null ? null : await carryThrough(received.letter, steps);
  return picture(stage, received, letter);
}

/** Steps that would wait (end of the day, revocation data) end the rehearsal where they stand. */
async function carryThrough(id: string, deps: Parameters<typeof takeStep>[1]): Promise<Letter> {
  let before = -1;
  for (;;) {
    const letter = await takeStep(id, deps);
    if (!isWorking(letter.state) || letter.version === before) return letter;
    before = letter.version;
  }
}

const OUTCOMES: Readonly<Partial<Record<LetterState, string>>> = {
  officer: 'officer',
  awaiting_paper: 'officer',
  executor: 'executor',
  scheduled: 'scheduled',
  answered: 'answered',
  completed: 'completed',
  correction: 'correction',
  refused: 'refused',
  ignored: 'ignored',
  duplicate: 'duplicate',
  quarantine: 'quarantine',
};

async function picture(stage: Database, received: Received, letter: Letter | null) {
  const { reply, admission, duplicate } = received;
  const examined = letter?.findings['examine'] as ExaminedLetter | undefined;
  const outcome = duplicate
    ? 'duplicate'
    : letter === null
      ? admission.decision === 'ignore'
        ? 'ignored'
        : 'refused'
      : (OUTCOMES[letter.state] ?? 'officer');
  const stored = await stage.transaction(async (tx) => {
    if (letter === null) return { dossier: null, rows: [], notices: [] };
    const dossier = letter.dossier === null ? null : await dossierByNumber(tx.orm, letter.dossier);
    return {
      dossier,
      rows: await rowsOfLetter(tx.orm, letter.id),
      notices: await noticesOfLetter(tx.orm, letter.id),
    };
  });
  return {
    smtp: { code: reply.code, status: reply.status, text: reply.text },
    outcome,
    state: letter?.state ?? null,
    reason: letter?.reason ?? ('reason' in admission ? admission.reason : null),
    evidence: examined === undefined ? null : evidenceOf(examined),
    dossier:
      stored.dossier === null
        ? null
        : {
            number: stored.dossier.number,
            kinds: stored.dossier.kinds,
            state: stored.dossier.state,
            due: stored.dossier.dueDate,
            firm: stored.dossier.dueFirm,
          },
    rows: stored.rows.map((row) => {
      const { line, kind, fullName, ok, problems, needsOfficer } = row.row as CheckedRow;
      return {
        line,
        kind,
        fullName,
        address: row.address,
        ok,
        state: row.state,
        problems: problems.map(({ code, text, fix }) => ({ code, text, fix })),
        needsOfficer,
      };
    }),
    problems: (letter?.findings['check'] as { problems?: unknown[] } | undefined)?.problems ?? [],
    notices: stored.notices.map(({ template, recipient, subject, text }) => ({
      template,
      to: recipient,
      subject,
      text,
    })),
  };
}

/** The letter's own signature, or that of its documents where the letter has none: the worst of them. */
function evidenceOf({ letter, documents }: ExaminedLetter) {
  const pieces = [letter, ...documents.map((document) => document.evidence)].filter(
    ({ verdict }) => verdict.verdict !== 'NONE',
  );
  const rank = { 'TOTAL-FAILED': 0, INDETERMINATE: 1, 'TOTAL-PASSED': 2, NONE: 3 } as const;
  const worst = pieces.toSorted((a, b) => rank[a.verdict.verdict] - rank[b.verdict.verdict])[0] ?? letter;
  return {
    ...worst.verdict,
    format: worst.format,
    explanation: worst.explanation,
    signatures: worst.signatures,
  };
}

function told(file: string, played: Played): string {
  const lines = [
    `${file}: ${played.smtp.code} ${played.smtp.status} ${played.smtp.text}`,
    `  ${played.outcome}${played.reason === null ? '' : ` (${played.reason})`}`,
  ];
  if (played.evidence !== null) lines.push(`  ${played.evidence.verdict}: ${played.evidence.explanation}`);
  if (played.dossier !== null)
    lines.push(`  ${played.dossier.kinds.join(' ')}, due ${played.dossier.due ?? '-'}`);
  for (const row of played.rows)
    lines.push(
      `  ${row.line}. ${row.fullName} ${row.address ?? ''} ${row.ok ? 'ok' : row.problems.map(({ text }) => text).join('; ')}`,
    );
  for (const notice of played.notices) lines.push(`  ✉ ${notice.subject} → ${notice.to}`);
  return `${lines.join('\n')}\n`;
}
