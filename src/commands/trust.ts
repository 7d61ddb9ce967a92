import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';
import { nameText } from '../evidence/names.ts';
import { loadTrustStore } from '../evidence/trust-store.ts';
import type { Certificate } from '../evidence/x509.ts';
import type { Command } from './command.ts';

const USAGE =
  'congthu trust list --anchors DIR [--intermediates DIR] [--tsa-anchors DIR]\n' +
  'Prints purpose, expiry, SHA-256 fingerprint and name of every certificate that is trusted.';

const row = (purpose: string, { notAfter, sha256, subject }: Certificate): string =>
  `${purpose.padEnd(13)} ${notAfter.toISOString().slice(0, 10)} ${sha256} ${nameText(subject)}\n`;

/** What the gateway trusts, for a person to compare with what the CA published. */
export const trust: Command = {
  name: 'trust',
  summary: 'list trust anchors and intermediates with fingerprints and expiry',
  usage: USAGE,
  run(args, { out }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        anchors: { type: 'string' },
        intermediates: { type: 'string' },
        'tsa-anchors': { type: 'string' },
      },
    });
    const { anchors, intermediates, 'tsa-anchors': tsaAnchors } = values;
    if (positionals[0] !== 'list' || anchors === undefined)
      return Promise.reject(new UserError('trust list needs --anchors DIR', USAGE));
    const store = loadTrustStore({
      anchors,
      ...(intermediates === undefined ? {} : { intermediates }),
      ...(tsaAnchors === undefined ? {} : { tsaAnchors }),
    });
    for (const one of store.anchors) out.write(row('anchor', one));
    for (const one of store.intermediates) out.write(row('intermediate', one));
    for (const one of store.tsaAnchors) out.write(row('time-stamping', one));
    return Promise.resolve(0);
  },
};
