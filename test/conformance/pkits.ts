import fs from 'node:fs';
import path from 'node:path';
import { parseRevocationList } from '../../src/evidence/crl.ts';
import { STRICT, validateSigner } from '../../src/evidence/path.ts';
import { ANY_POLICIES } from '../../src/evidence/policies.ts';
import { trustStoreFrom } from '../../src/evidence/trust-store.ts';
import type { Suite } from './suite.ts';

interface Case {
  readonly id: string;
  readonly name: string;
  readonly cert: string;
  readonly other_certs?: readonly string[];
  readonly crls?: readonly string[];
  readonly revocation?: boolean;
  readonly params?: {
    readonly user_initial_policy_set?: readonly string[];
    readonly initial_explicit_policy?: boolean;
    readonly initial_policy_mapping_inhibit?: boolean;
    readonly initial_any_policy_inhibit?: boolean;
  };
  readonly error?: { readonly msg_regex: string };
}

/** Inside the validity of every PKITS certificate that is meant to be valid (2010–2030). */
const AT = new Date('2022-05-01T00:00:00Z');

/** A list that cannot be read (one has an odd signature) counts as missing. */
function readable(list: Uint8Array): boolean {
  try {
    return parseRevocationList(list).issuer !== '';
  } catch {
    return false;
  }
}

function judge(folder: string, one: Case): { passed: boolean; reason: string } {
  const certificate = (name: string): Buffer => fs.readFileSync(path.join(folder, 'certs', name));
  const list = (name: string): Buffer => fs.readFileSync(path.join(folder, 'crls', name));
  const { params = {} } = one;
  const trust = trustStoreFrom({
    anchors: [certificate('TrustAnchorRootCertificate.crt')],
    crls: ['TrustAnchorRootCRL.crl', ...(one.crls ?? [])].map(list).filter(readable),
  });
  const acceptable = params.user_initial_policy_set;
  const policies = {
    ...ANY_POLICIES,
    acceptable: acceptable === undefined ? null : new Set(acceptable),
    requireExplicit: params.initial_explicit_policy === true,
    inhibitMapping: params.initial_policy_mapping_inhibit === true,
    inhibitAny: params.initial_any_policy_inhibit === true,
  };
  const context = { trust, at: AT, policy: { ...STRICT, policies } };
  const found = validateSigner(
    certificate(one.cert),
    (one.other_certs ?? []).map(certificate),
    context,
    'any',
  );
  return { passed: found.verdict.verdict === 'TOTAL-PASSED', reason: found.reason };
}

export const pkits: Suite = (vectors) => {
  const folder = path.join(vectors, 'pkits');
  const cases = JSON.parse(fs.readFileSync(path.join(folder, 'pkits.json'), 'utf8')) as Case[];
  const judged = cases.map((one) => ({ one, ...judge(folder, one) }));
  const invalid = judged.filter(({ one }) => one.error !== undefined);
  const valid = judged.filter(({ one }) => one.error === undefined);
  const accepted = invalid.filter(({ passed }) => passed);
  const refused = valid.filter(({ passed }) => !passed);
  return {
    suite: 'NIST PKITS paths',
    rows: [
      ['invalid accepted', `${accepted.length} of ${invalid.length}`],
      ['valid accepted', `${valid.length - refused.length} of ${valid.length}`],
    ],
    missed: [
      ...(accepted.length > 0 ? ['an invalid path was accepted'] : []),
      ...(refused.length > 2 ? ['more than two valid paths were refused'] : []),
    ],
    notes: [
      ...accepted.map(({ one }) => `ACCEPTED ${one.id} ${one.name}: ${one.error?.msg_regex ?? ''}`),
      ...refused.map(({ one, reason }) => `refused ${one.id} ${one.name}: ${reason}`),
    ],
  };
};
