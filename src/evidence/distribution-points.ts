import { children, context, type Node } from './der.ts';
import { directoryKey, generalNameKey, rdnKey, rdnKeys } from './names.ts';

/** Reasons of ReasonFlags as a bit mask (bit n = reason n); "unused" is no reason. */
export const ALL_REASONS = 0b1_1111_1110;

/** Where a certificate says its CRL is (RFC 5280 §4.2.1.13). */
export interface DistributionPoint {
  readonly name: PointName | null;
  readonly reasons: number;
  /** `nameKey`s of cRLIssuer; empty = the certificate's own issuer. */
  readonly issuers: readonly string[];
  readonly urls: readonly string[];
}

/** fullName as comparable names, or the part that is put behind the CRL issuer's name. */
export type PointName = { readonly full: readonly string[] } | { readonly relative: string };

export function readPoint(node: Node): DistributionPoint {
  const parts = children(node);
  const name = parts.find((part) => part.tag === context(0));
  const reasons = parts.find((part) => part.tag === context(1, false));
  const issuers = parts.find((part) => part.tag === context(2));
  const full = name === undefined ? undefined : children(name)[0];
  return {
    name: full === undefined ? null : readPointName(full),
    reasons: reasons === undefined ? ALL_REASONS : reasonMask(reasons),
    issuers: (issuers === undefined ? [] : children(issuers))
      .filter((one) => one.tag === context(4))
      .map((one) => JSON.stringify(rdnKeys(children(one)[0]!))),
    urls: (full?.tag === context(0) ? children(full) : [])
      .filter((one) => one.tag === context(6, false))
      .map((one) => Buffer.from(one.content).toString('latin1')),
  };
}

export function readPointName(node: Node): PointName {
  return node.tag === context(0)
    ? { full: children(node).map(generalNameKey) }
    : { relative: rdnKey({ ...node, tag: 0x31 }) };
}

export function reasonMask(bitString: Node): number {
  let mask = 0;
  for (let i = 0; i < 9; i++) {
    if (((bitString.content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) !== 0) mask |= 1 << i;
  }
  return mask & ALL_REASONS;
}

/** The names a point stands for, once the CRL issuer is known. */
export function pointNames(name: PointName, crlIssuer: string): readonly string[] {
  if ('full' in name) return name.full;
  const rdns = JSON.parse(crlIssuer) as string[];
  return [directoryKey(JSON.stringify([...rdns, name.relative]))];
}
