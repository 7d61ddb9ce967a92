import { systemClock } from '../clock.ts';
import { printable, readConfig } from '../config.ts';
import { causeText } from '../errors.ts';
import { loadTrustStore } from '../evidence/trust-store.ts';
import { configuredIntakes, configuredRegulations } from '../configured.ts';
import { createMailer } from '../notices/send.ts';
import { keptSources } from '../revocation/cache.ts';
import { loadSigningKey } from '../notices/sign.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

export const check: Command = {
  name: 'check',
  summary: 'checks configuration, database, keys and relay; tells all faults at once',
  usage: 'congthu check [--json]\nEnds with status 0 when everything is in order, 1 otherwise.\n',
  async run(args, io) {
    const findings: Finding[] = [];
    const look = async (what: string, fn: () => string | Promise<string>): Promise<void> => {
      try {
        findings.push({ what, ok: true, detail: await fn() });
      } catch (error) {
        findings.push({ what, ok: false, detail: error instanceof Error ? error.message : causeText(error) });
      }
    };
    await look('configuration', () => {
      readConfig(io.env);
      return printable(io.env);
    });
    if (findings[0]?.ok === true) {
      const config = readConfig(io.env);
      await look('regulations', () => {
        const regulations = configuredRegulations(config);
        const intakes = configuredIntakes(config, regulations);
        if (intakes.length === 0)
          throw new Error('no intake address: the regulation names none, set CONGTHU_INTAKE');
        const files =
          config.regulationFiles === undefined ? '' : ` (with the files of ${config.regulationFiles})`;
        const ids = regulations.map(({ id, legal }) => `${id} from ${legal.effectiveFrom.value}`).join(', ');
        return `${ids}${files}; intakes ${intakes.map(({ address }) => address).join(' ')}`;
      });
      await look('database', () =>
        useDatabase(config, io, async (db) => {
          const [row] = await db.sql<
            { version: string }[]
          >`select current_setting('server_version') as version`;
          return `PostgreSQL ${row?.version ?? '?'}`;
        }),
      );
      await look('trust store', () => {
        const store = loadTrustStore(config.trustDirs);
        if (store.anchors.length === 0)
          throw new Error(`no trust anchor in ${config.trustDirs.anchors}: no signature can be valid`);
        return `${store.anchors.length} anchors, ${store.intermediates.length} intermediates, ${store.tsaAnchors.length} time-stamping anchors, ${store.crls.length} CRLs`;
      });
      await look('revocation data', async () => {
        const { hosts } = config.revocation;
        const kept = await keptSources(config.trustDirs.fetched!);
        const where = hosts.length === 0 ? 'off-line: nothing is fetched' : `fetched from ${hosts.join(' ')}`;
        return `${where}; ${kept.length} lists and answers kept`;
      });
      const { signing, relayUrl } = config;
      if (signing !== undefined) {
        await look(
          'signing key',
          () => `${loadSigningKey(signing.p12, signing.passphrase).key.asymmetricKeyType ?? ''} key`,
        );
      }
      await look('relay', async () => {
        if (relayUrl === undefined)
          throw new Error('CONGTHU_RELAY_URL is not set: notices would wait in the outbox');
        const mailer = createMailer({
          relayUrl,
          from: config.noticeFrom ?? '',
          returnPathOf: () => '',
          senderName: '',
          key: null,
          fillIn: (text) => text,
        });
        try {
          return await mailer.probe();
        } finally {
          mailer.close();
        }
      });
    }
    const json = args.includes('--json');
    if (json) io.out.write(`${JSON.stringify({ at: systemClock.now().toISOString(), findings })}\n`);
    else
      for (const { what, ok, detail } of findings)
        io.out.write(`${ok ? 'ok   ' : 'FAULT'} ${what}: ${detail}\n`);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};
