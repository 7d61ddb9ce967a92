import type { Config } from '../config.ts';
import { configuredIntakes, configuredRegulations } from '../configured.ts';
import { createResolver, type Ask } from '../intake/resolver.ts';
import type { Clock } from '../clock.ts';
import {
  dkimFinding,
  dmarcFinding,
  mxFinding,
  spfFinding,
  type DmarcRecord,
  type MailExchanger,
} from './dns-records.ts';
import { failure, skipped, text, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

const ANSWER_MS = 4000;

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Where letters come in, and where our notices come from and go back to. */
function domains(config: Config): {
  readonly intake: readonly string[];
  readonly sender: string | null;
  readonly all: readonly string[];
} {
  const intakes = configuredIntakes(config, configuredRegulations(config)).map(({ address }) =>
    domainOf(address),
  );
  const { noticeFrom, bounceAddress } = config;
  const back = bounceAddress === undefined ? [] : [domainOf(bounceAddress)];
  const intake = [...new Set([...intakes, ...back])];
  const sender = noticeFrom === undefined ? null : domainOf(noticeFrom);
  return { intake, sender, all: [...new Set([...intake, ...(sender === null ? [] : [sender])])] };
}

const resolverOf = ({ config, clock }: { config: Config; clock: Clock }): Ask =>
  createResolver({ server: config.dnsServer ?? null, timeoutMs: ANSWER_MS, clock });

const each = async (names: readonly string[], look: (name: string) => Promise<Finding>): Promise<Finding[]> =>
  Promise.all(names.map((name) => look(name).catch((error: unknown) => unanswered(name, error))));

const unanswered = (name: string, error: unknown): Finding =>
  failure(
    text(`${name}: DNS không trả lời (${codeOf(error)})`, `${name}: DNS does not answer (${codeOf(error)})`),
    text(
      'Kiểm tra mạng và CONGTHU_DNS_SERVER: cổng thư cần DNS để xác minh người gửi.',
      'Check the network and CONGTHU_DNS_SERVER: the gateway needs DNS to prove senders.',
    ),
  );

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** An empty list where DNS clearly says that there is nothing. @throws where nobody can tell now */
async function records(ask: Ask, name: string, type: string): Promise<unknown[]> {
  try {
    return await ask(name, type);
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes(codeOf(error))) return [];
    throw error;
  }
}

/** TXT records beginning with a tag, each in one string (RFC 7208 §3.3). */
async function tagged(ask: Ask, name: string, tag: RegExp): Promise<string[]> {
  const found = (await records(ask, name, 'TXT')) as string[][];
  return found.map((parts) => parts.join('')).filter((record) => tag.test(record));
}

export const mx: Probe = {
  id: 'dns.mx',
  title: text('DNS: MX', 'DNS: MX'),
  needs: 'nothing',
  look(patient) {
    const ask = resolverOf(patient);
    return each(domains(patient.config).intake, async (domain) => {
      const found = (await records(ask, domain, 'MX')) as unknown as MailExchanger[];
      const dead: string[] = [];
      for (const { exchange } of found)
        if (exchange !== '' && !(await hasAddress(ask, exchange))) dead.push(exchange);
      return mxFinding(domain, found, dead);
    });
  },
};

const hasAddress = async (ask: Ask, host: string): Promise<boolean> =>
  (await records(ask, host, 'A')).length > 0 || (await records(ask, host, 'AAAA')).length > 0;

export const spf: Probe = {
  id: 'dns.spf',
  title: text('DNS: SPF', 'DNS: SPF'),
  needs: 'nothing',
  look(patient) {
    const ask = resolverOf(patient);
    return each(domains(patient.config).all, async (domain) =>
      spfFinding(domain, await tagged(ask, domain, /^v=spf1(?: |$)/i)),
    );
  },
};

export const dkim: Probe = {
  id: 'dns.dkim',
  title: text('DNS: DKIM', 'DNS: DKIM'),
  needs: 'nothing',
  look(patient) {
    const { config } = patient;
    const { sender } = domains(config);
    if (sender === null || config.dkimSelectors.length === 0)
      return [
        skipped(
          text('chưa đặt CONGTHU_DKIM_SELECTORS', 'CONGTHU_DKIM_SELECTORS is not set'),
          text(
            'Đặt tên bộ chọn (selector) mà máy chủ gửi thư dùng để ký DKIM.',
            'Set the selectors under which the relay signs our notices.',
          ),
        ),
      ];
    const ask = resolverOf(patient);
    return each(
      config.dkimSelectors.map((selector) => `${selector}._domainkey.${sender}`),
      async (name) => dkimFinding(name, (await records(ask, name, 'TXT')) as string[][]),
    );
  },
};

export const dmarc: Probe = {
  id: 'dns.dmarc',
  title: text('DNS: DMARC', 'DNS: DMARC'),
  needs: 'nothing',
  look(patient) {
    const ask = resolverOf(patient);
    return each(domains(patient.config).all, async (domain) =>
      dmarcFinding(domain, await dmarcOf(ask, domain)),
    );
  },
};

/** DMARCbis §4.10: the domain itself, then its parents; the first that has a record. */
async function dmarcOf(ask: Ask, domain: string): Promise<DmarcRecord> {
  const labels = domain.split('.');
  for (let from = 0; labels.length - from >= 2; from += 1) {
    const at = labels.slice(from).join('.');
    const found = await tagged(ask, `_dmarc.${at}`, /^v=DMARC1\s*(?:;|$)/i);
    if (found.length > 0) return { at, records: found };
  }
  return { at: domain, records: [] };
}
