import fs from 'node:fs';
import { parseArgs } from './options.ts';
import { readConfig } from '../config.ts';
import { configuredRegulations } from '../configured.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { logRead } from '../mail-log/events.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { officialDocx } from '../notices/official-docx.ts';
import { officialPdf } from '../notices/official-pdf.ts';
import type { Regulation } from '../rules/regulation.ts';
import { reportCsv, reportDraft } from '../work/report-draft.ts';
import { reportFigures, type ReportFigures } from '../work/report-figures.ts';
import { chosenRegulation } from './chosen-regulation.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

const FORMATS = ['json', 'csv', 'docx', 'pdf'] as const;
type Format = (typeof FORMATS)[number];

export const report: Command = {
  name: 'report',
  summary: 'draws the periodic report of use: figures, table or official draft',
  usage: `congthu report --from YYYY-MM-DD --to YYYY-MM-DD [--regulation ID] [--format json|csv|docx|pdf]
               [--out FILE]
Both days included. csv: figures by unit, those that use their mailboxes most first; docx and pdf: the draft of a report
in the form of NĐ 30/2020, without number and signature.
`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        regulation: { type: 'string' },
        format: { type: 'string', default: 'json' },
        out: { type: 'string' },
      },
    });
    const first = day('--from', values.from);
    const last = day('--to', values.to);
    if (last < first) throw new UserError('report: --to lies before --from.');
    const format = FORMATS.find((known) => known === values.format);
    if (format === undefined)
      throw new UserError(`report: "${values.format}" is none of ${FORMATS.join(', ')}.`);
    if (values.out === undefined && (format === 'docx' || format === 'pdf'))
      throw new UserError(`report: a ${format} needs --out FILE.`);
    const config = readConfig(io.env);
    const regulations = configuredRegulations(config);
    const regulation = chosenRegulation(values.regulation, regulations);
    return useDatabase(config, io, async (db) => {
      const now = new Date();
      await prepareMonths(db.sql, now);
      const figures = await db.transaction(async (tx) => {
        const drawn = await reportFigures(tx, regulation, { first, last }, now, regulations);
        const what = `report ${first} ${last} ${regulation.id}`;
        await append(tx.sql, now, logRead({ what, result: `${drawn.units.length} units`, actor: 'cli' }));
        return drawn;
      });
      const file = await fileOf(format, figures, regulation, now);
      if (values.out === undefined) io.out.write(file);
      else fs.writeFileSync(values.out, file);
      return 0;
    });
  },
};

function day(option: string, text: string | undefined): string {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') ? new Date(`${text ?? ''}T00:00:00Z`) : null;
  if (date !== null && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text!)) return text!;
  throw new UserError(`report: ${option} needs a day like 2026-06-30.`);
}

async function fileOf(
  format: Format,
  figures: ReportFigures,
  regulation: Regulation,
  now: Date,
): Promise<string | Buffer> {
  if (format === 'json') return `${JSON.stringify(figures, null, 2)}\n`;
  if (format === 'csv') return reportCsv(figures);
  const own = regulation.reports.find(({ from }) => from === 'operator');
  const draft = reportDraft(
    figures,
    regulation,
    {
      audience: own?.audience ?? `UBND ${regulation.identity.provinceName}`,
      source: own?.source ?? 'assumed',
    },
    now,
  );
  return format === 'docx' ? officialDocx(draft) : officialPdf(draft, now, false);
}
