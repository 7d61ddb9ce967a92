import { Hono } from 'hono';
import { latestCheckpoint, sizeOf } from '../../mail-log/sequencer.ts';
import type { Inside } from '../deps.ts';
import { onlyWith } from '../visit.ts';
import type { Env } from '../web.ts';
import { accessPage } from './access-page.ts';
import { entryPage, proofFile } from './entry-page.ts';
import { exportPage, exportZip } from './export-page.ts';
import { monthPage } from './month-page.ts';
import { recordExport } from './record.ts';
import { retentionDecided, retentionPage } from './retention-page.ts';
import { searchPage } from './search-page.ts';
import { timelinePage } from './timeline-page.ts';
import { startCheck, verificationPage } from './verification-page.ts';

/**
 * The auditor's part. Nothing here changes anything but the log, which gains an entry for every look; an administrator
 * may say which months are forgotten.
 */
export function auditPages(inside: Inside): Hono<Env> {
  const app = new Hono<Env>();
  const auditor = onlyWith(inside, 'log');
  app.use('/nhat-ky', auditor);
  app.use('/nhat-ky/*', auditor);
  app.get('/nhat-ky', async (c) => c.html(await searchPage(c, inside)));
  app.get('/nhat-ky/thu/:letter{[0-9a-f]{8}-[0-9a-f-]{27}}', async (c) => {
    const page = await timelinePage(c, inside, { letter: c.req.param('letter') });
    return page === null ? c.notFound() : c.html(page);
  });
  app.get('/nhat-ky/ho-so/:dossier', async (c) => {
    const page = await timelinePage(c, inside, { dossier: c.req.param('dossier').slice(0, 100) });
    return page === null ? c.notFound() : c.html(page);
  });
  app.get('/nhat-ky/muc/:number{\\d{1,15}}', async (c) => {
    const page = await entryPage(c, inside, Number(c.req.param('number')));
    return page === null ? c.notFound() : c.html(page);
  });
  app.get('/nhat-ky/muc/:number{\\d{1,15}}/chung-minh', async (c) => {
    const number = c.req.param('number');
    const proof = await proofFile(c, inside, Number(number));
    return proof === null ? c.notFound() : c.body(proof, 200, download(`muc-${number}.tlog-proof`));
  });
  app.get('/nhat-ky/thang', async (c) => c.html(await monthPage(c, inside)));
  app.get('/nhat-ky/kiem-chung', async (c) => c.html(await verificationPage(c, inside)));
  app.post('/nhat-ky/kiem-chung', async (c) => {
    const problems = await startCheck(c, inside);
    if (problems.length === 0) return c.redirect('/nhat-ky/kiem-chung', 303);
    return c.html(await verificationPage(c, inside, problems), 422);
  });
  app.get('/nhat-ky/moc-kiem-chung', async (c) => {
    const note = await latestCheckpoint(inside.db.sql);
    if (note === null) return c.notFound();
    await recordExport(c, inside, 'checkpoint', `size ${sizeOf(note)}`);
    return c.body(note, 200, download(`moc-kiem-chung-${sizeOf(note)}.txt`));
  });
  app.get('/nhat-ky/ket-xuat', (c) => c.html(exportPage(c, inside)));
  app.post('/nhat-ky/ket-xuat', async (c) => {
    const answer = await exportZip(c, inside);
    return answer instanceof Response ? answer : c.html(exportPage(c, inside, answer), 422);
  });
  app.get('/nhat-ky/luu-tru', async (c) => c.html(await retentionPage(c, inside)));
  app.post('/nhat-ky/luu-tru', onlyWith(inside, 'retention'), (c) => retentionDecided(c, inside));
  app.get('/nhat-ky/truy-cap', async (c) => c.html(await accessPage(c, inside)));
  return app;
}

const download = (name: string): Record<string, string> => ({
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Disposition': `attachment; filename="${name}"`,
});
