import { longDate } from '../notices/dates.ts';
import { keepAnchor } from '../mail-log/anchor.ts';
import { latestCheckpoint } from '../mail-log/sequencer.ts';
import { queue } from '../work/queue-notice.ts';
import { eachMorning, type Job } from './job.ts';
import { officeHoles } from './tell-officers.ts';

/**
 * The checkpoint goes to the auditors every morning: a history rewritten and signed again with a stolen key is found
 * only by someone who holds an old checkpoint (mail-log.md 3).
 */
export function checkpointMail(auditors: readonly string[]): Job {
  return {
    name: 'checkpoint mail',
    period: eachMorning,
    async run(tx, regulation, deps) {
      const now = deps.clock.now();
      const note = await latestCheckpoint(tx.sql);
      // One log for all regulations of a gateway: its first one writes.
      if (note === null || auditors.length === 0 || regulation.id !== deps.regulations[0]?.id) return [];
      const day = eachMorning(now) ?? now.toISOString().slice(0, 10);
      const [, size = '', root = ''] = note.split('\n');
      const file = `dau-kiem-${day}.txt`;
      const log = [await keepAnchor(tx.sql, { place: 'mail', period: day, at: now, note, token: null })];
      for (const recipient of auditors)
        log.push(
          await queue(tx, deps, {
            event: `checkpoint/${day}/${recipient}`,
            stem: `checkpoint.${day}.${recipient}`.replaceAll(/[^\w-]+/g, '.'),
            folder: regulation.templates,
            template: 'checkpoint',
            recipient,
            holes: officeHoles(regulation, { today: longDate(now), size, root, file }),
            attachments: [{ filename: file, mediaType: 'text/plain', content: Buffer.from(note) }],
          }),
        );
      return log.flat();
    },
  };
}
