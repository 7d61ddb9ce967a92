import fs from 'node:fs';
import path from 'node:path';
import { STRICT, validateSigner } from '../../src/evidence/path.ts';
import { trustStoreFrom } from '../../src/evidence/trust-store.ts';
import type { Suite } from './suite.ts';

interface Case {
  readonly name: string;
  readonly root: string;
  readonly other_certs?: readonly string[];
  readonly cert: string;
  readonly ocsps: readonly string[];
  readonly moment: string;
  readonly error?: { readonly msg_regex: string };
}

/** The suite is of 2012: it signs with SHA-1, and its responders have no nocheck; neither is what it examines. */
const POLICY = {
  ...STRICT,
  weakDigests: new Set<string>(),
  revocation: 'answered' as const,
  uncheckedResponders: true,
};

function judge(folder: string, one: Case): { passed: boolean; reason: string } {
  const file = (name: string): Buffer => fs.readFileSync(path.join(folder, name));
  const trust = trustStoreFrom({
    anchors: [file(one.root)],
    intermediates: (one.other_certs ?? []).map(file),
    ocsp: one.ocsps.map((name) => Buffer.from(file(name).toString('latin1'), 'base64')),
  });
  const context = { trust, at: new Date(one.moment), policy: POLICY };
  const [leaf] = trustStoreFrom({ anchors: [file(one.cert)] }).anchors;
  const found = validateSigner(leaf!.der, [], context, 'any');
  return { passed: found.verdict.verdict === 'TOTAL-PASSED', reason: found.reason };
}

export const ocsp: Suite = (vectors) => {
  const folder = path.join(vectors, 'openssl-ocsp');
  const cases = JSON.parse(fs.readFileSync(path.join(folder, 'openssl-ocsp.json'), 'utf8')) as Case[];
  const judged = cases.map((one) => ({ one, ...judge(folder, one) }));
  const wrong = judged.filter(({ one, passed }) => passed !== (one.error === undefined));
  return {
    suite: 'OpenSSL OCSP',
    rows: [['as expected', `${cases.length - wrong.length} of ${cases.length}`]],
    missed: wrong.length > 0 ? ['a response was judged otherwise than expected'] : [],
    notes: wrong.map(
      ({ one, passed, reason }) => `${passed ? 'ACCEPTED' : 'refused'} ${one.name}: ${reason}`,
    ),
  };
};
