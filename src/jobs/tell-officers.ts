import type { LogEvent } from '../mail-log/event.ts';
import type { Hole } from '../notices/render.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import type { Attachment } from '../store/notices.ts';
import { queue } from '../work/queue-notice.ts';
import type { ActDeps } from '../work/step.ts';

interface Telling {
  /** Names the event; each officer has one notice of it. */
  readonly event: string;
  readonly template: string;
  readonly holes: Readonly<Record<string, Hole>>;
  readonly dossier?: string;
  readonly attachments?: readonly Attachment[];
}

/** One notice to each of the officers' mailboxes; the desk shows the same to those who are not told by mail. */
export async function tellOfficers(
  tx: Tx,
  regulation: Regulation,
  deps: ActDeps,
  { event, template, holes, dossier, attachments }: Telling,
): Promise<LogEvent[]> {
  const log: LogEvent[] = [];
  for (const recipient of deps.officers)
    log.push(
      ...(await queue(tx, deps, {
        event: `${event}/${recipient}`,
        stem: `${event}/${recipient}`.replaceAll(/[^\w-]+/g, '.'),
        folder: regulation.templates,
        template,
        recipient,
        holes: officeHoles(regulation, holes),
        ...(dossier === undefined ? {} : { dossier }),
        ...(attachments === undefined ? {} : { attachments }),
      })),
    );
  return log;
}

/** What every notice of a job can name. */
export const officeHoles = (
  { identity }: Regulation,
  holes: Readonly<Record<string, Hole>>,
): Record<string, Hole> => ({
  operator: identity.operatorName,
  operator_signature: identity.operatorName.toUpperCase(),
  ...holes,
});
