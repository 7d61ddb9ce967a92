import { isIP } from 'node:net';
import { children, context, hex, readAll, type Node } from './der.ts';
import { EMAIL_ADDRESS, nameParts, nameText, rdnKeys } from './names.ts';
import type { Certificate } from './x509.ts';

const DIRECTORY = context(4);
const MAIL = context(1, false);

/** RFC 5280 §4.2.1.10 and §6.1.3 (b), (c): the first name of a path that a CA above it did not allow, or null. */
export function nameConstraintFault(path: readonly Certificate[]): string | null {
  for (const [i, certificate] of path.entries()) {
    // A self-issued CA in the middle (key roll-over) is exempt; the last certificate never is.
    if (i > 0 && certificate.selfIssued) continue;
    const names = namesOf(certificate);
    for (const { nameConstraints } of path.slice(i + 1)) {
      if (nameConstraints === null) continue;
      const fault = names.find((name) => !allowed(name, nameConstraints));
      if (fault !== undefined)
        return `a name (${fault.tag.toString(16)}) of "${nameText(certificate.subject)}" is outside the name constraints`;
    }
  }
  return null;
}

interface Name {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly node: Node | null;
}

function namesOf(certificate: Certificate): Name[] {
  const names: Name[] = certificate.alternativeNames.map((node) => ({
    tag: node.tag,
    content: node.content,
    node: node.tag === DIRECTORY ? children(node)[0]! : null,
  }));
  const subject = readAll(certificate.subject);
  if (subject.content.length > 0) names.push({ tag: DIRECTORY, content: subject.whole, node: subject });
  // An address in the subject is a mailbox claim as much as one in the SAN, so it is bound in the same way.
  for (const email of nameParts(certificate.subject).get(EMAIL_ADDRESS) ?? [])
    names.push({ tag: MAIL, content: Buffer.from(email), node: null });
  return names;
}

function allowed(name: Name, constraints: NonNullable<Certificate['nameConstraints']>): boolean {
  const sameKind = (base: Node): boolean => base.tag === name.tag;
  const permitted = constraints.permitted.filter(sameKind);
  const within = (base: Node): boolean | null => KINDS[name.tag]?.(name, base) ?? null;
  // A kind or a value that cannot be judged stays outside: excluded when excluded is asked, not permitted else.
  if (constraints.excluded.filter(sameKind).some((base) => within(base) !== false)) return false;
  return permitted.length === 0 || permitted.some((base) => within(base) === true);
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').toLowerCase();

/** By tag: is the name inside the base? null = cannot be told. */
const KINDS: Readonly<Record<number, (name: Name, base: Node) => boolean | null>> = {
  [MAIL]: (name, base) => mailWithin(latin(name.content), latin(base.content)),
  [context(2, false)]: (name, base) => {
    const [host, domain] = [latin(name.content), latin(base.content)];
    return domain === '' || host === domain || host.endsWith(domain.startsWith('.') ? domain : `.${domain}`);
  },
  [DIRECTORY]: (name, base) => {
    const prefix = rdnKeys(children(base)[0]!);
    const whole = rdnKeys(name.node!);
    return prefix.every((rdn, i) => rdn === whole[i]);
  },
  [context(6, false)]: (name, base) => {
    const host = uriHost(latin(name.content));
    return host === null ? null : hostWithin(host, latin(base.content));
  },
  [context(7, false)]: (name, base) => {
    const size = name.content.length;
    if (base.content.length !== size * 2 || ![4, 16].includes(size)) return null;
    const mask = base.content.subarray(size);
    const masked = (bytes: Uint8Array): string => hex(bytes.map((byte, i) => byte & mask[i]!));
    return masked(name.content) === masked(base.content.subarray(0, size));
  },
};

/** ".domain" means below it, "host" that host alone. */
const hostWithin = (host: string, base: string): boolean =>
  base.startsWith('.') ? host.endsWith(base) : host === base;

function mailWithin(address: string, base: string): boolean | null {
  const at = address.lastIndexOf('@');
  if (at < 1) return null;
  return base.includes('@') ? address === base : hostWithin(address.slice(at + 1), base);
}

function uriHost(uri: string): string | null {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/.exec(uri)?.[1] ?? '';
  return host === '' || isIP(host) !== 0 || host.startsWith('[') ? null : host;
}
