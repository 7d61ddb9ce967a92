import { html } from 'hono/html';
import { UserError } from '../../errors.ts';
import { openCheckpoint } from '../../mail-log/checkpoint.ts';
import { keyFor, readKeys } from '../../mail-log/keys.ts';
import { checkProof, formatProof, proofOfEntry, type EntryProof } from '../../mail-log/proof.ts';
import type { LoggedFields } from '../../mail-log/search.ts';
import { sizeOf } from '../../mail-log/sequencer.ts';
import { leafHash } from '../../mail-log/tree.ts';
import type { Inside } from '../deps.ts';
import { shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import { recordExport, recordRead } from './record.ts';
import { proofTag } from './timeline-page.ts';
import { headline } from '../entry-words.ts';

/** One entry exactly as it was hashed, with the way from it to the checkpoint; null when there is none. */
export async function entryPage(c: Page, inside: Inside, number: number): Promise<Markup | null> {
  const { say } = c.get('visit');
  const proof = await proofOr(inside, number);
  await recordRead(c, inside, `entry ${number}`, proof === null ? 'none' : '1 entry');
  if (proof === null) return null;
  const { keys } = await readKeys(inside.db.sql);
  const key = keyFor(keys, sizeOf(proof.note));
  const holds = key !== null && openCheckpoint(proof.note, key) !== null && checkProof(proof, key) !== null;
  const entry = JSON.parse(proof.entry) as LoggedFields;
  const rows: (readonly [string, Markup | string])[] = [
    [say('Tình trạng', 'State'), proofTag(holds ? 'proven' : 'broken', say)],
    [say('Nội dung đã ghi (JSON)', 'Entry as hashed (JSON)'), html`<code>${proof.entry}</code>`],
    [say('Muối', 'Salt'), html`<code>${proof.salt.toString('hex')}</code>`],
    [
      say('Mã băm', 'Leaf hash'),
      html`<code>${leafHash(proof.salt, proof.entry).toString('hex')}</code>
        <div class="hint">SHA-256(0x00 ‖ ${say('muối', 'salt')} ‖ JSON)</div>`,
    ],
    [say('Mốc kiểm chứng', 'Checkpoint'), html`<pre class="letter"><code>${proof.note}</code></pre>`],
  ];
  return shell(c, {
    title: `${say('Mục số', 'Entry')} ${number}: ${headline(entry, say)}`,
    body: html`<section class="card">
      <dl class="facts">
        ${rows.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
      <p>
        <a class="button primary" href="/nhat-ky/muc/${number}/chung-minh"
          >${say('Tải bằng chứng (.tlog-proof)', 'Download the proof (.tlog-proof)')}</a
        >
        ${matterLink(entry, say('Xem toàn bộ diễn biến', 'See the whole history'))}
      </p>
      <p class="hint">
        ${say(
          'Bằng chứng kiểm tra được khi không có mạng, không cần hệ thống này: node verify-export.mjs --proof TỆP --key KHÓA.',
          'The proof verifies off-line and without this system: node verify-export.mjs --proof FILE --key KEY.',
        )}
      </p>
    </section>`,
  });
}

/** The proof as a file that verifies by itself. */
export async function proofFile(c: Page, inside: Inside, number: number): Promise<string | null> {
  const proof = await proofOr(inside, number);
  await recordExport(c, inside, `proof ${number}`, proof === null ? 'none' : '1 entry');
  return proof === null ? null : formatProof(proof);
}

async function proofOr({ db }: Inside, number: number): Promise<EntryProof | null> {
  try {
    return await proofOfEntry(db.sql, number);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function matterLink(entry: LoggedFields, words: string): Markup | string {
  const { dossier, letter } = entry as Readonly<Record<string, unknown>>;
  if (typeof dossier === 'string')
    return html`<a class="button" href="/nhat-ky/ho-so/${encodeURIComponent(dossier)}">${words}</a>`;
  return typeof letter === 'string' ? html`<a class="button" href="/nhat-ky/thu/${letter}">${words}</a>` : '';
}
