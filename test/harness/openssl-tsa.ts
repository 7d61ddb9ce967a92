import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {
  generalizedTime,
  integer,
  octetString,
  oid,
  pieces,
  sequence,
  set,
  tlv,
  type Piece,
} from './der-writer.ts';
import { openssl, type Leaf, type Pki } from './openssl-pki.ts';

/** Time-stamping authorities of the test PKI. Tokens are made by `openssl ts`, or signed by `openssl cms`. */

export const TSA_USAGES =
  'keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nsubjectKeyIdentifier=hash';

let counter = 0;
const scratch = (pki: Pki, name: string): string => path.join(pki.dir, `${name}-${process.pid}-${counter++}`);

/** A token over `data` as an authority gives it now (`openssl ts -reply`). */
export function opensslToken(data: Buffer, tsa: Leaf, pki: Pki): Buffer {
  const at = (name: string): string => scratch(pki, name);
  const [file, query, reply, config, serial] = ['data', 'tsq', 'token', 'cnf', 'serial'].map(at) as [
    string,
    string,
    string,
    string,
    string,
  ];
  fs.writeFileSync(file, data);
  fs.writeFileSync(serial, '01\n');
  fs.writeFileSync(
    config,
    `[tsa]\ndefault_tsa=it\n[it]\nserial=${serial}\nsigner_cert=${tsa.cert}\ncerts=${pki.issuing}\nsigner_key=${tsa.key}\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\naccuracy=secs:1\nordering=no\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n`,
  );
  openssl(['ts', '-query', '-data', file, '-sha256', '-cert', '-out', query]);
  openssl(['ts', '-reply', '-config', config, '-queryfile', query, '-token_out', '-out', reply]);
  return fs.readFileSync(reply);
}

/** Does `openssl ts -verify` accept the token over `data`? */
export function opensslAccepts(token: Buffer, data: Buffer, pki: Pki): boolean {
  const [file, reply] = [scratch(pki, 'data'), scratch(pki, 'token')];
  fs.writeFileSync(file, data);
  fs.writeFileSync(reply, token);
  try {
    openssl([
      ...['ts', '-verify', '-data', file, '-in', reply, '-token_in'],
      ...['-CAfile', path.join(pki.anchors, 'root.pem'), '-untrusted', pki.issuing],
    ]);
    return true;
  } catch {
    return false;
  }
}

export interface TokenParts {
  readonly genTime: Date;
  readonly version?: number;
  readonly digest?: readonly [name: string, oid: string];
  /** Parts after genTime: accuracy, authority, extensions. */
  readonly rest?: readonly Uint8Array[];
  /** Further arguments of `openssl cms -sign`; '-cades' names the certificate. */
  readonly options?: readonly string[];
  readonly contentType?: string;
}

const SHA256 = ['sha256', '2.16.840.1.101.3.4.2.1'] as const;

/** A token of any moment and content, signed by `openssl cms`. */
export function ownToken(data: Buffer, tsa: Leaf, pki: Pki, parts: TokenParts): Buffer {
  const [name, algorithm] = parts.digest ?? SHA256;
  const info = sequence(
    integer(parts.version ?? 1),
    oid('1.2.3.4.1'),
    sequence(sequence(oid(algorithm)), octetString(createHash(name).update(data).digest())),
    integer(77),
    generalizedTime(parts.genTime),
    ...(parts.rest ?? []),
  );
  const file = scratch(pki, 'tstinfo');
  fs.writeFileSync(file, info);
  return openssl([
    ...['cms', '-sign', '-binary', '-nodetach', '-md', 'sha256', '-outform', 'DER', '-in', file],
    ...['-econtent_type', parts.contentType ?? '1.2.840.113549.1.9.16.1.4'],
    ...['-signer', tsa.cert, '-inkey', tsa.key, '-certfile', pki.issuing],
    ...(parts.options ?? ['-cades']),
  ]);
}

/** Rebuilds the only SignerInfo of a CMS SignedData; lengths around it are written anew. */
export function editSignerInfo(cms: Buffer, edit: (parts: readonly Piece[]) => readonly Buffer[]): Buffer {
  const [type, explicit] = pieces(pieces(cms)[0]!.content);
  const signedData = pieces(pieces(explicit!.content)[0]!.content);
  const signers = signedData.at(-1)!;
  const info = pieces(pieces(signers.content)[0]!.content);
  const rebuilt = sequence(
    ...signedData.slice(0, -1).map(({ whole }) => whole),
    set(sequence(...edit(info))),
  );
  return sequence(type!.whole, tlv(0xa0, rebuilt));
}

/** Puts tokens over the signature value into a CMS, as signature timestamps (RFC 3161 appendix A). */
export function stampCms(cms: Buffer, ...tokens: readonly ((value: Buffer) => Buffer)[]): Buffer {
  return editSignerInfo(cms, (parts) => {
    const value = parts[5]!.content;
    const attribute = sequence(
      oid('1.2.840.113549.1.9.16.2.14'),
      set(...tokens.map((token) => token(value))),
    );
    return [...parts.slice(0, 6).map(({ whole }) => whole), tlv(0xa1, attribute)];
  });
}
