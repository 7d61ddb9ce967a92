import { children, context, DerError, expect, hex, oid, readAll, small, TAG, type Node } from './der.ts';
import { generalNameKey } from './names.ts';
import { readPoint, type DistributionPoint } from './distribution-points.ts';

/** The extensions of a certificate (RFC 5280 §4.2) that path validation and revocation act on. */
export interface Extensions {
  ca: boolean;
  pathLength: number | null;
  /** null = no keyUsage extension: every use is allowed. */
  keyUsage: ReadonlySet<KeyUsage> | null;
  /** null = no extendedKeyUsage extension. */
  extendedKeyUsage: ReadonlySet<string> | null;
  extendedKeyUsageCritical: boolean;
  keyId: string | null;
  authorityKeyId: string | null;
  /** GeneralNames of subjectAltName. */
  alternativeNames: readonly Node[];
  /** Bases of the subtrees; null = no constraint. */
  nameConstraints: { readonly permitted: readonly Node[]; readonly excluded: readonly Node[] } | null;
  /** null = no certificatePolicies extension. */
  policies: ReadonlySet<string> | null;
  policyMappings: readonly (readonly [issuer: string, subject: string])[];
  requireExplicitPolicy: number | null;
  inhibitPolicyMapping: number | null;
  inhibitAnyPolicy: number | null;
  distributionPoints: readonly DistributionPoint[];
  ocspUrls: readonly string[];
  /** id-pkix-ocsp-nocheck: the CA answers for this responder until it expires (RFC 6960 §4.2.2.2.1). */
  ocspNoCheck: boolean;
  /** Critical extensions this reader does not process: such a certificate never passes. */
  unknownCritical: readonly string[];
}

const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** @throws DerError when an extension occurs twice or cannot be read */
export function readExtensions(node: Node | undefined): Extensions {
  const found: Extensions = {
    ca: false,
    pathLength: null,
    keyUsage: null,
    extendedKeyUsage: null,
    extendedKeyUsageCritical: false,
    keyId: null,
    authorityKeyId: null,
    alternativeNames: [],
    nameConstraints: null,
    policies: null,
    policyMappings: [],
    requireExplicitPolicy: null,
    inhibitPolicyMapping: null,
    inhibitAnyPolicy: null,
    distributionPoints: [],
    ocspUrls: [],
    ocspNoCheck: false,
    unknownCritical: [],
  };
  if (node === undefined) return found;
  const seen = new Set<string>();
  const unknown: string[] = [];
  for (const extension of children(children(node)[0]!)) {
    const { id, critical, value } = readExtension(extension);
    if (seen.has(id)) throw new DerError(`extension ${id} occurs twice`);
    seen.add(id);
    const read = READERS[id];
    if (read === undefined) {
      if (critical) unknown.push(id);
    } else read(found, readAll(value), critical);
  }
  found.unknownCritical = unknown;
  return found;
}

export function readExtension(extension: Node): { id: string; critical: boolean; value: Uint8Array } {
  const fields = children(extension);
  const critical = fields[1]?.tag === TAG.boolean && fields[1].content[0] !== 0;
  return {
    id: oid(fields[0]),
    critical,
    value: expect(fields.at(-1), TAG.octetString, 'extension value').content,
  };
}

type Reader = (found: Extensions, value: Node, critical: boolean) => void;

const READERS: Readonly<Record<string, Reader>> = {
  '2.5.29.19': (found, value) => {
    const [ca, length] = children(value);
    found.ca = ca?.tag === TAG.boolean && ca.content[0] !== 0;
    found.pathLength = length === undefined ? null : small(length);
  },
  '2.5.29.15': (found, value) => {
    const content = expect(value, TAG.bitString, 'keyUsage').content;
    found.keyUsage = new Set(
      KEY_USAGES.filter((_, i) => ((content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) !== 0),
    );
  },
  '2.5.29.37': (found, value, critical) => {
    found.extendedKeyUsage = new Set(children(value).map((purpose) => oid(purpose)));
    found.extendedKeyUsageCritical = critical;
  },
  '2.5.29.17': (found, value) => {
    found.alternativeNames = children(value).map(readableName);
  },
  '2.5.29.14': (found, value) => {
    found.keyId = hex(value.content);
  },
  '2.5.29.35': (found, value) => {
    const id = children(value).find((part) => part.tag === context(0, false));
    found.authorityKeyId = id === undefined ? null : hex(id.content);
  },
  '2.5.29.30': (found, value) => {
    const subtrees = (n: number): Node[] =>
      children(value)
        .filter((part) => part.tag === context(n))
        .flatMap(children)
        .map(subtreeBase);
    found.nameConstraints = { permitted: subtrees(0), excluded: subtrees(1) };
  },
  '2.5.29.32': (found, value) => {
    found.policies = new Set(children(value).map((policy) => oid(children(policy)[0])));
  },
  '2.5.29.33': (found, value) => {
    found.policyMappings = children(value).map((pair) => {
      const [issuer, subject] = children(pair);
      return [oid(issuer), oid(subject)] as const;
    });
  },
  '2.5.29.36': (found, value) => {
    found.requireExplicitPolicy = implicit(value, 0);
    found.inhibitPolicyMapping = implicit(value, 1);
  },
  '2.5.29.54': (found, value) => {
    found.inhibitAnyPolicy = small(value);
  },
  '2.5.29.31': (found, value) => {
    found.distributionPoints = children(value).map(readPoint);
  },
  '1.3.6.1.5.5.7.1.1': (found, value) => {
    found.ocspUrls = children(value).flatMap((access) => {
      const [method, location] = children(access);
      const isOcsp = oid(method) === '1.3.6.1.5.5.7.48.1' && location?.tag === context(6, false);
      return isOcsp ? [Buffer.from(location.content).toString('latin1')] : [];
    });
  },
  '1.3.6.1.5.5.7.48.1.5': (found) => {
    found.ocspNoCheck = true;
  },
};

/** RFC 5280 §4.2.1.10: minimum is 0 and maximum absent; any other subtree has no defined meaning. */
function subtreeBase(subtree: Node): Node {
  const [base, ...bounds] = children(subtree);
  if (base === undefined || bounds.length > 0) throw new DerError('name constraint with bounds');
  return readableName(base);
}

/** Names are compared later, where nobody expects that one cannot be read: so they are read once here. */
function readableName(name: Node): Node {
  generalNameKey(name);
  return name;
}

/** An implicitly tagged integer [n]. */
function implicit(value: Node, n: number): number | null {
  const part = children(value).find((node) => node.tag === context(n, false));
  return part === undefined ? null : small({ ...part, tag: TAG.integer });
}
