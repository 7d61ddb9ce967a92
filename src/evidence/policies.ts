import type { Certificate } from './x509.ts';

/** Certificate policies along a path (RFC 5280 §6.1). */
export interface PolicyInputs {
  /** null = any-policy. */
  readonly acceptable: ReadonlySet<string> | null;
  readonly requireExplicit: boolean;
  readonly inhibitMapping: boolean;
  readonly inhibitAny: boolean;
}

/** What letters are judged with: any policy will do; what the CAs themselves demand still holds. */
export const ANY_POLICIES: PolicyInputs = Object.freeze({
  acceptable: null,
  requireExplicit: false,
  inhibitMapping: false,
  inhibitAny: false,
});

const ANY = '2.5.29.32.0';
/** The tree can be made to grow exponentially (CVE-2023-0464); real paths need a handful of nodes. */
const MAX_NODES = 512;

/** Only the deepest level matters later; its ancestors hang on the parent links. */
interface PolicyNode {
  readonly policy: string;
  expected: ReadonlySet<string>;
  readonly parent: PolicyNode | null;
}

interface Counters {
  explicit: number;
  mapping: number;
  any: number;
}

/** @param path leaf first, anchor last. Returns why the policies fail, or null. */
export function policyFault(path: readonly Certificate[], inputs: PolicyInputs): string | null {
  const steps = path.slice(0, -1).reverse();
  const start = (now: boolean): number => (now ? 0 : steps.length + 1);
  const counters: Counters = {
    explicit: start(inputs.requireExplicit),
    mapping: start(inputs.inhibitMapping),
    any: start(inputs.inhibitAny),
  };
  let level: PolicyNode[] = [{ policy: ANY, expected: new Set([ANY]), parent: null }];
  for (const [i, certificate] of steps.entries()) {
    const last = i === steps.length - 1;
    level = grow(level, certificate, counters.any > 0 || (!last && certificate.selfIssued));
    if (level.length > MAX_NODES) return 'too many certificate policies';
    if (counters.explicit === 0 && level.length === 0) return 'no certificate policy is valid';
    if (last) break;
    const mapped = map(level, certificate, counters.mapping > 0);
    if (mapped === null) return 'anyPolicy is mapped';
    level = mapped;
    advance(counters, certificate);
  }
  const leaf = path[0]!;
  if (counters.explicit > 0) counters.explicit--;
  if (leaf.requireExplicitPolicy === 0) counters.explicit = 0;
  const accepted = level.some((node) => acceptable(node, inputs.acceptable));
  return counters.explicit > 0 || accepted ? null : 'no acceptable certificate policy';
}

/** §6.1.3 (d), (e): the next level of the tree; empty is the NULL tree, which stays empty. */
function grow(level: readonly PolicyNode[], certificate: Certificate, anyCounts: boolean): PolicyNode[] {
  const next: PolicyNode[] = [];
  const anyParent = level.find((node) => node.policy === ANY);
  const stated = [...(certificate.policies ?? [])];
  for (const policy of stated.filter((one) => one !== ANY)) {
    const parents = level.filter((node) => node.expected.has(policy));
    if (parents.length === 0 && anyParent !== undefined) parents.push(anyParent);
    for (const parent of parents) next.push({ policy, expected: new Set([policy]), parent });
    if (next.length > MAX_NODES) return next;
  }
  if (!stated.includes(ANY) || !anyCounts) return next;
  for (const parent of level) {
    const taken = new Set(next.filter((node) => node.parent === parent).map((node) => node.policy));
    for (const policy of parent.expected) {
      if (!taken.has(policy)) next.push({ policy, expected: new Set([policy]), parent });
      if (next.length > MAX_NODES) return next;
    }
  }
  return next;
}

/** §6.1.4 (a), (b): null when anyPolicy itself is mapped. */
function map(level: PolicyNode[], { policyMappings }: Certificate, allowed: boolean): PolicyNode[] | null {
  if (policyMappings.flat().includes(ANY)) return null;
  const from = new Map<string, Set<string>>();
  for (const [issuer, subject] of policyMappings)
    from.set(issuer, (from.get(issuer) ?? new Set<string>()).add(subject));
  if (!allowed) return level.filter((node) => !from.has(node.policy));
  const any = level.find((node) => node.policy === ANY);
  for (const [policy, expected] of from) {
    const nodes = level.filter((node) => node.policy === policy);
    for (const node of nodes) node.expected = expected;
    if (nodes.length === 0 && any !== undefined) level.push({ policy, expected, parent: any.parent });
  }
  return level;
}

/** §6.1.4 (h)–(j) */
function advance(counters: Counters, certificate: Certificate): void {
  if (!certificate.selfIssued) {
    counters.explicit = Math.max(0, counters.explicit - 1);
    counters.mapping = Math.max(0, counters.mapping - 1);
    counters.any = Math.max(0, counters.any - 1);
  }
  counters.explicit = Math.min(counters.explicit, certificate.requireExplicitPolicy ?? Infinity);
  counters.mapping = Math.min(counters.mapping, certificate.inhibitPolicyMapping ?? Infinity);
  counters.any = Math.min(counters.any, certificate.inhibitAnyPolicy ?? Infinity);
}

/** §6.1.5 (g): the policy in the domain of the relying party is the topmost one below anyPolicy. */
function acceptable(node: PolicyNode, wanted: ReadonlySet<string> | null): boolean {
  if (wanted === null) return true;
  let top = node;
  while (top.parent !== null && top.parent.policy !== ANY) top = top.parent;
  return top.policy === ANY ? wanted.size > 0 : wanted.has(top.policy);
}
