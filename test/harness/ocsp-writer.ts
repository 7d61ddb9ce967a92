import { createHash, createPublicKey, sign } from 'node:crypto';
import {
  bitString,
  generalizedText,
  integer,
  NULL,
  octetString,
  oid,
  pieces,
  sequence,
  tlv,
} from './der-writer.ts';
import type { Holder } from './x509-writer.ts';

/** OCSP responses (RFC 6960) as plain code writes them: also those no responder would give. */
export interface AnswerForm {
  /** Whom it is about, and that certificate's issuer as the CertID names it. */
  readonly about: Holder;
  readonly issuer: Holder;
  /** Who signs; default the issuer. */
  readonly responder?: Holder;
  /** Certificates sent along. */
  readonly certificates?: readonly Buffer[];
  readonly status?: 'good' | 'unknown' | { readonly revokedAt: string };
  readonly thisUpdate?: string;
  readonly nextUpdate?: string | null;
  readonly digest?: 'sha256' | 'sha1';
  /** Extensions of the single answer. */
  readonly extensions?: readonly Buffer[];
}

const SHA1 = sequence(oid('1.3.14.3.2.26'), NULL);
const sha1 = (bytes: Buffer): Buffer => createHash('sha1').update(bytes).digest();

/** The key's bits without the algorithm round them. */
function keyBits({ key }: Holder): Buffer {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return pieces(pieces(spki)[0]!.content)[1]!.content.subarray(1);
}

export function ocspAnswer(form: AnswerForm): Buffer {
  const { about, issuer, responder = issuer, status = 'good', digest = 'sha256' } = form;
  const thisUpdate = form.thisUpdate ?? '20260101000000Z';
  const nextUpdate = form.nextUpdate === undefined ? '20270101000000Z' : form.nextUpdate;
  const told =
    status === 'good'
      ? tlv(0x80)
      : status === 'unknown'
        ? tlv(0x82)
        : tlv(0xa1, generalizedText(status.revokedAt));
  const single = sequence(
    sequence(SHA1, octetString(sha1(issuer.name)), octetString(sha1(keyBits(issuer))), integer(about.serial)),
    told,
    generalizedText(thisUpdate),
    ...(nextUpdate === null ? [] : [tlv(0xa0, generalizedText(nextUpdate))]),
    ...(form.extensions === undefined ? [] : [tlv(0xa1, sequence(...form.extensions))]),
  );
  const tbs = sequence(tlv(0xa1, responder.name), generalizedText(thisUpdate), sequence(single));
  const algorithm = sequence(oid(digest === 'sha1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'));
  const certificates = form.certificates ?? [];
  const basic = sequence(
    tbs,
    algorithm,
    bitString(sign(digest, tbs, responder.key)),
    ...(certificates.length === 0 ? [] : [tlv(0xa0, sequence(...certificates))]),
  );
  return sequence(
    tlv(0x0a, Buffer.of(0)),
    tlv(0xa0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))),
  );
}
