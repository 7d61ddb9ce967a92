import { createHash } from 'node:crypto';
import { failed, indeterminate, PASSED, type Verdict } from '../rules/verdict.ts';
import { digestName, isWeakDigest } from './algorithms.ts';
import { checkSigner } from './cms-signer.ts';
import {
  children,
  context as tagged,
  DerError,
  expect,
  octets,
  oid,
  readAll,
  reading,
  same,
  small,
  TAG,
  time,
  type Node,
} from './der.ts';
import { explainTimestamp } from './explain.ts';
import { readExtension } from './extensions.ts';
import { generalNameKey, directoryKey, nameParts } from './names.ts';
import { validatePath, type ValidationContext } from './path.ts';
import type { TimestampFact } from './port.ts';
import type { Certificate } from './x509.ts';

/** id-ct-TSTInfo */
const TST_INFO = '1.2.840.113549.1.9.16.1.4';

/** TSTInfo (RFC 3161 §2.4.2). The nonce concerns only who asked for the token, so it is not read. */
export interface TimestampInfo {
  /** Name of the imprint's digest; null = unknown to us. */
  readonly digest: string | null;
  readonly imprint: Uint8Array;
  readonly genTime: Date;
  /** How far genTime may be off, both ways; null = not told. */
  readonly accuracyMs: number | null;
  /** GeneralName of the authority, when the token tells it. */
  readonly authority: Node | null;
}

export interface TimestampFinding {
  readonly fact: TimestampFact;
  /** genTime (at most receipt) when the token is trusted, else null. */
  readonly provenAt: Date | null;
  /** Addresses of revocation data about the authority that would settle TRY_LATER. */
  readonly wanted: readonly string[];
}

/** @throws DerError when the bytes are no TSTInfo of version 1 */
export const parseTimestampInfo = (der: Uint8Array): TimestampInfo => reading('TSTInfo', () => readInfo(der));

function readInfo(der: Uint8Array): TimestampInfo {
  const [version, policy, imprint, serial, genTime, ...rest] = children(
    expect(readAll(der), TAG.sequence, 'TSTInfo'),
  );
  if (small(version) !== 1) throw new DerError('TSTInfo of an unknown version');
  oid(policy);
  expect(serial, TAG.integer, 'serial number');
  const [algorithm, hash, ...more] = children(expect(imprint, TAG.sequence, 'message imprint'));
  if (more.length > 0) throw new DerError('message imprint with more than a digest');
  const accuracy = rest[0]?.tag === TAG.sequence ? rest.shift() : undefined;
  const extensions = rest.find((part) => part.tag === tagged(1));
  for (const extension of extensions === undefined ? [] : children(extensions)) {
    const { id, critical } = readExtension(extension);
    if (critical) throw new DerError(`critical extension ${id} of the token is not processed`);
  }
  const authority = rest.find((part) => part.tag === tagged(0));
  return {
    digest: digestName(oid(children(algorithm!)[0])),
    imprint: octets(hash),
    genTime: time(expect(genTime, TAG.generalizedTime, 'genTime')),
    accuracyMs: accuracy === undefined ? null : readAccuracy(accuracy),
    authority: authority === undefined ? null : children(authority)[0]!,
  };
}

/** Seconds, [0] milliseconds, [1] microseconds; each may be absent. */
function readAccuracy(accuracy: Node): number {
  const parts = children(accuracy);
  const amount = (tag: number): number => {
    const part = parts.find((one) => one.tag === tag);
    return part === undefined ? 0 : small({ ...part, tag: TAG.integer });
  };
  const fine = amount(tagged(0, false)) + amount(tagged(1, false)) / 1000;
  return amount(TAG.integer) * 1000 + fine;
}

/** Our clock and the authority's may differ; a token beyond that was not there when the letter came. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** ETSI EN 319 421 §7.7.2 asks for one second; an authority that may be off by more than a minute tells no moment. */
const MAX_INACCURACY_MS = 60_000;

class Distrust extends Error {
  override name = 'Distrust';
  readonly verdict: Verdict;
  readonly wanted: readonly string[];
  constructor(verdict: Verdict, reason: string, wanted: readonly string[] = []) {
    super(reason);
    this.verdict = verdict;
    this.wanted = wanted;
  }
}

/**
 * Does this token prove that the stamped bytes existed at its genTime (RFC 3161 §2.4.2, ETSI EN 319 102-1 §5.4)? It
 * must be over exactly these bytes, hold, name its certificate, and that certificate must be for time-stamping alone
 * with a path to a time-stamping anchor, unrevoked. Never throws on hostile bytes.
 * @param token DER of the token's ContentInfo
 * @param stamped the bytes the token must be over, in pieces
 * @param context `existedAt` = a later trusted token proved that this one existed then already
 * @param others certificates that may help to build the authority's path; nothing of them is trusted
 */
export function checkTimestamp(
  token: Uint8Array,
  stamped: readonly Uint8Array[],
  context: ValidationContext,
  others: readonly Certificate[] = [],
): TimestampFinding {
  const { trust } = context;
  const form = { contentType: TST_INFO, detached: null, namesCertificate: true };
  const signed = checkSigner(token, form, [...others, ...trust.intermediates, ...trust.tsaAnchors]);
  let info: TimestampInfo | null = null;
  const tell = (verdict: Verdict, reason: string, wanted: readonly string[] = []): TimestampFinding => {
    const authority = signed.signer === null ? null : commonName(signed.signer);
    const genTime = info?.genTime.toISOString() ?? null;
    const explanation = explainTimestamp(verdict, genTime);
    const provenAt = verdict.verdict === 'TOTAL-PASSED' ? earlier(info!.genTime, context.at) : null;
    return { fact: { genTime, authority, verdict, reason, explanation }, provenAt, wanted };
  };
  try {
    if (signed.fault !== null) throw new Distrust(signed.fault.verdict, signed.fault.reason);
    info = parseTimestampInfo(signed.content!);
    requireImprint(info, stamped);
    requireAuthority(info, signed.signer!);
    requireMoment(info, signed.signer!, context);
    requireTrust(info, signed.signer!, [...signed.certificates, ...others], context);
    return tell(PASSED, 'trusted');
  } catch (error) {
    if (error instanceof Distrust) return tell(error.verdict, error.message, error.wanted);
    if (error instanceof DerError) return tell(failed('FORMAT_FAILURE'), error.message);
    throw error;
  }
}

const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

const commonName = (certificate: Certificate): string | null =>
  nameParts(certificate.subject).get('2.5.4.3')?.[0] ?? null;

function requireImprint({ digest, imprint }: TimestampInfo, stamped: readonly Uint8Array[]): void {
  if (digest === null || isWeakDigest(digest))
    throw new Distrust(
      indeterminate('CRYPTO_CONSTRAINTS_FAILURE'),
      `imprint by ${digest ?? 'an unknown digest'}`,
    );
  const hash = createHash(digest);
  for (const piece of stamped) hash.update(piece);
  if (!same(hash.digest(), imprint))
    throw new Distrust(failed('HASH_FAILURE'), 'the token is over other bytes');
}

/** §2.4.2: a name in the token must be one of its certificate's, or two readers would credit two authorities. */
function requireAuthority({ authority }: TimestampInfo, signer: Certificate): void {
  if (authority === null) return;
  const names = [directoryKey(signer.subjectKey), ...signer.alternativeNames.map(generalNameKey)];
  if (!names.includes(generalNameKey(authority)))
    throw new Distrust(
      indeterminate('SIG_CONSTRAINTS_FAILURE'),
      'the token names another authority than its certificate',
    );
}

function requireMoment(info: TimestampInfo, signer: Certificate, { at, existedAt }: ValidationContext): void {
  const latest = Math.min(at.getTime(), existedAt?.getTime() ?? Infinity) + CLOCK_TOLERANCE_MS;
  if (info.genTime.getTime() > latest)
    throw new Distrust(
      indeterminate('TIMESTAMP_ORDER_FAILURE'),
      'the token is of after the moment it was seen',
    );
  if (info.genTime < signer.notBefore)
    throw new Distrust(
      indeterminate('TIMESTAMP_ORDER_FAILURE'),
      'the token is older than its own certificate',
    );
  if ((info.accuracyMs ?? 0) > MAX_INACCURACY_MS)
    throw new Distrust(indeterminate('SIG_CONSTRAINTS_FAILURE'), `accurate to ${info.accuracyMs!} ms only`);
}

/** RFC 3161 §4.1: revoked for these reasons, what the authority stamped before stays good. */
const HARMLESS_REVOCATIONS = new Set(['affiliationChanged', 'superseded', 'cessationOfOperation']);

function requireTrust(
  info: TimestampInfo,
  signer: Certificate,
  others: readonly Certificate[],
  context: ValidationContext,
): void {
  let path = validatePath(signer, others, context, 'timestamping');
  const revoked = path.revocation.find((fact) => fact.status === 'revoked');
  if (path.chain === 'revoked' && HARMLESS_REVOCATIONS.has(revoked?.reason ?? ''))
    path = validatePath(signer, others, { ...context, existedAt: info.genTime }, 'timestamping');
  const { verdict } = path;
  if (verdict.verdict === 'TOTAL-PASSED') return;
  // Judged where the token was seen: whether it was made before the authority's end is just what is not proven.
  const told =
    path.chain === 'revoked'
      ? indeterminate('REVOKED_NO_POE')
      : path.chain === 'expired'
        ? indeterminate('OUT_OF_BOUNDS_NO_POE')
        : verdict;
  throw new Distrust(told, path.reason, path.wanted);
}
