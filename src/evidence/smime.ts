import { contentType, decodedBody, sliceEntity, sliceMultipart, type Entity } from '../mime/slice.ts';
import { failed, indeterminate, NO_SIGNATURE, type Verdict } from '../rules/verdict.ts';
import { verifySignedData } from './cms.ts';
import { explain } from './explain.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence } from './port.ts';

export interface SignedLetter {
  readonly evidence: Evidence;
  /** The entity that may be read: the signed one when there is a signature, else the letter itself. */
  readonly entity: Buffer;
}

const SIGNATURE_TYPES = ['application/pkcs7-signature', 'application/x-pkcs7-signature'];
const MIME_TYPES = ['application/pkcs7-mime', 'application/x-pkcs7-mime'];
const SIGNED_ANYWHERE = /content-type:\s*(?:multipart\/signed|application\/(?:x-)?pkcs7-(?:mime|signature))/i;

/**
 * The signature over a whole letter (RFC 8551): the outermost entity only. What is wrapped deeper, or signed inside
 * a signature, proves nothing about the letter and is said to be indeterminate.
 */
export function examineSmime(raw: Buffer, context: ValidationContext): SignedLetter {
  const letter = sliceEntity(raw);
  if (letter === null) return unsigned(raw, NO_SIGNATURE, 'the header block is too large');
  const type = contentType(letter);
  if (type?.type === 'multipart/signed') return detached(letter, type.parameters, context);
  if (type !== null && MIME_TYPES.includes(type.type))
    return opaque(letter, type.parameters.get('smime-type'), context);
  const buried = SIGNED_ANYWHERE.test(letter.body.subarray(0, 4 * 1024 * 1024).toString('latin1'));
  if (buried)
    return unsigned(
      raw,
      indeterminate('SIG_CONSTRAINTS_FAILURE'),
      'the signature is not the outermost part of the letter',
    );
  return unsigned(raw, NO_SIGNATURE, 'the letter is not signed');
}

function detached(
  letter: Entity,
  parameters: ReadonlyMap<string, string>,
  context: ValidationContext,
): SignedLetter {
  const boundary = parameters.get('boundary');
  const protocol = parameters.get('protocol')?.toLowerCase();
  const refuse = (reason: string): SignedLetter => unsigned(letter.whole, failed('FORMAT_FAILURE'), reason);
  if (boundary === undefined) return refuse('multipart/signed without a boundary');
  if (protocol !== undefined && !SIGNATURE_TYPES.includes(protocol))
    return refuse(`signature protocol ${protocol}`);
  const { parts, closed } = sliceMultipart(letter.body, boundary);
  if (!closed || parts.length !== 2)
    return refuse('multipart/signed must hold exactly two parts and be closed');
  const [content, second] = parts as [Buffer, Buffer];
  const signature = sliceEntity(second);
  const type = signature === null ? null : contentType(signature);
  if (signature === null || type === null || !SIGNATURE_TYPES.includes(type.type))
    return refuse('the second part is no signature');
  const { fact } = verifySignedData(decodedBody(signature), [content], context);
  return within(content, {
    format: 'smime',
    verdict: fact.verdict,
    signatures: [fact],
    reason: fact.reason,
    explanation: fact.explanation,
  });
}

function opaque(letter: Entity, kind: string | undefined, context: ValidationContext): SignedLetter {
  if (kind !== undefined && kind.toLowerCase() !== 'signed-data') {
    return unsigned(letter.whole, NO_SIGNATURE, `S/MIME of the kind ${kind} carries no signature`);
  }
  const { fact, content } = verifySignedData(decodedBody(letter), null, context);
  const evidence: Evidence = {
    format: 'smime',
    verdict: fact.verdict,
    signatures: [fact],
    reason: fact.reason,
    explanation: fact.explanation,
  };
  return within(
    content === null ? letter.whole : Buffer.from(content.buffer, content.byteOffset, content.length),
    evidence,
  );
}

/** A signature inside the signed content would let two readers see two signers. */
function within(entity: Buffer, evidence: Evidence): SignedLetter {
  const inner = sliceEntity(entity);
  const type = inner === null ? null : contentType(inner);
  const nested = type !== null && (type.type === 'multipart/signed' || MIME_TYPES.includes(type.type));
  if (!nested || evidence.verdict.verdict !== 'TOTAL-PASSED') return { evidence, entity };
  const verdict = indeterminate('SIG_CONSTRAINTS_FAILURE');
  const reason = 'a signature inside a signature';
  return { entity, evidence: { ...evidence, verdict, reason, explanation: explain(verdict, null, []) } };
}

function unsigned(entity: Buffer, verdict: Verdict, reason: string): SignedLetter {
  const format = verdict.verdict === 'NONE' ? 'none' : 'smime';
  return {
    entity,
    evidence: { format, verdict, signatures: [], reason, explanation: explain(verdict, null, []) },
  };
}
