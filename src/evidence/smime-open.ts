import { children, context as tagged, expect, octets, oid, readAll, TAG } from './der.ts';
import { contentOf, readEntity, walk, type Entity, type PartBudget } from './mime.ts';
import { fieldValues, firstField, type Field } from './mime-fields.ts';
import { isPlainBase64 } from './mime-transfer.ts';

/**
 * Which S/MIME form a letter has (RFC 8551 §3.5), looking at the outermost entity only, and where its content is.
 * Structure alone: nothing here says that a signature holds.
 */
export type OpenedLetter = {
  /** What a reader should see; for an unsigned or unreadable letter the letter itself. */
  readonly payload: Entity;
  /** Header fields inside the signature (RFC 9788, RFC 8551 §3.1); null when the sender protected none. */
  readonly protectedFields: readonly Field[] | null;
  /** A further signature below the outermost entity, in words; null without. */
  readonly nested: string | null;
  /** Where two readers take other words or files from the same payload, in words; null without. */
  readonly unclear: string | null;
} & (
  | { readonly form: 'unsigned' | 'encrypted' }
  | { readonly form: 'malformed'; readonly fault: string }
  | {
      readonly form: 'detached';
      readonly signedData: Uint8Array;
      readonly signedBytes: Uint8Array;
      readonly micalg: string | null;
    }
  | { readonly form: 'opaque'; readonly signedData: Uint8Array }
);

const OID_SIGNED_DATA = '1.2.840.113549.1.7.2';

const isSignatureType = (type: string): boolean => /^application\/(x-)?pkcs7-signature$/.test(type);
const isOpaqueType = (type: string): boolean => /^application\/(x-)?pkcs7-mime$/.test(type);

export function openLetter(root: Entity, budget: PartBudget): OpenedLetter {
  const types = fieldValues(root.fields, 'content-type').join('; ').toLowerCase();
  if (root.ambiguity !== null && /multipart\/signed|pkcs7/.test(types)) {
    return { form: 'malformed', fault: root.ambiguity, ...unopened(root) };
  }
  if (isSmimeSigned(root)) return openDetached(root, budget);
  if (isOpaque(root)) return openOpaque(root, budget);
  return { form: 'unsigned', ...unopened(root), nested: nestedSignature(root) };
}

/** RFC 8551 §3.9: gateways that do not know the type leave application/octet-stream, and the name tells. */
const isOpaque = ({ type, filename }: Entity): boolean =>
  isOpaqueType(type.value) || (type.value === 'application/octet-stream' && /\.p7m$/i.test(filename ?? ''));

const unopened = (root: Entity) => ({ payload: root, protectedFields: null, nested: null, unclear: null });

/** RFC 1847 §2.1; a signature of another protocol (PGP) is no S/MIME, whatever it proves. */
function isSmimeSigned(entity: Entity): boolean {
  if (entity.type.value !== 'multipart/signed') return false;
  const protocol = entity.type.parameters.get('protocol')?.toLowerCase();
  return protocol === undefined
    ? entity.parts.some((part) => isSignatureType(part.type.value))
    : isSignatureType(protocol.trim());
}

function openDetached(root: Entity, budget: PartBudget): OpenedLetter {
  const fault = detachedFault(root);
  if (fault !== null) return { form: 'malformed', fault, ...unopened(root) };
  const [content, signature] = root.parts as [Entity, Entity];
  return {
    form: 'detached',
    signedData: contentOf(signature),
    signedBytes: content.whole,
    micalg: root.type.parameters.get('micalg')?.toLowerCase() ?? null,
    ...unfold(content, budget),
  };
}

/** RFC 1847 §2.1: exactly two parts, the second the signature; evidence.md: the boundary must be closed. */
function detachedFault(root: Entity): string | null {
  if (root.parts.length !== 2) return `multipart/signed with ${root.parts.length} parts instead of two`;
  if (!root.closed) return 'the boundary of multipart/signed is not closed';
  const signature = root.parts[1]!;
  if (!isSignatureType(signature.type.value)) return 'the second part is not a signature';
  return signature.ambiguity ?? encodingFault(signature);
}

const encodingFault = ({ fields, body }: Entity): string | null =>
  /^base64$/i.test(firstField(fields, 'content-transfer-encoding') ?? '') && !isPlainBase64(body)
    ? 'base64 that holds other bytes'
    : null;

function openOpaque(root: Entity, budget: PartBudget): OpenedLetter {
  const der = contentOf(root);
  const inside = encapsulated(der);
  if (inside === null) {
    const claimsSigned = root.type.parameters.get('smime-type')?.toLowerCase() === 'signed-data';
    return claimsSigned
      ? { form: 'malformed', fault: 'unreadable signed-data', ...unopened(root) }
      : { form: 'encrypted', ...unopened(root) };
  }
  const fault = inside.content === null ? 'signed-data without content' : encodingFault(root);
  if (inside.content === null || fault !== null)
    return { form: 'malformed', fault: fault ?? '', ...unopened(root) };
  return { form: 'opaque', signedData: der, ...unfold(readEntity(inside.content, budget, 1), budget) };
}

/** The content inside a SignedData, unverified; null when the bytes are no SignedData. */
export function encapsulated(der: Uint8Array): { readonly content: Uint8Array | null } | null {
  try {
    const [type, wrapped] = children(expect(readAll(der), TAG.sequence, 'ContentInfo'));
    if (oid(type) !== OID_SIGNED_DATA) return null;
    const encapsulation = children(children(expect(wrapped, tagged(0), 'content'))[0]!)[2];
    const explicit = children(expect(encapsulation, TAG.sequence, 'encapContentInfo'))[1];
    return { content: explicit === undefined ? null : octets(children(explicit)[0]) };
  } catch {
    return null;
  }
}

/** Takes the payload out of its message/rfc822 wrapper (RFC 8551 §3.1) and notes which headers are protected. */
function unfold(content: Entity, budget: PartBudget) {
  const wrapped =
    /^message\/(rfc822|global)$/.test(content.type.value) && content.disposition !== 'attachment';
  const payload = wrapped ? readEntity(contentOf(content), budget, 2) : content;
  const { parameters } = content.type;
  const marked = parameters.has('hp') || parameters.get('protected-headers')?.toLowerCase() === 'v1';
  return {
    payload,
    protectedFields: wrapped || marked ? payload.fields : null,
    nested: nestedSignature(payload),
    unclear: unclearPart(payload),
  };
}

/** Fields given twice, and base64 with other bytes in it or behind it, which some readers skip and others show. */
function unclearPart(payload: Entity): string | null {
  for (const entity of walk(payload)) {
    const fault = entity.ambiguity ?? (entity.parts.length === 0 ? encodingFault(entity) : null);
    if (fault !== null) return fault;
  }
  return null;
}

/** evidence.md: anything deeper, or a signature inside a signature, proves nothing about the letter. */
function nestedSignature(payload: Entity): string | null {
  for (const entity of walk(payload)) {
    if (isSmimeSigned(entity)) return 'multipart/signed below the outermost entity';
    // A named .p7m is an attachment like any other (detached.ts); smime.p7m is how mailers write a signed letter.
    const letterName = entity.filename === null || /^smime\.p7m$/i.test(entity.filename);
    if (isOpaqueType(entity.type.value) && letterName)
      return 'application/pkcs7-mime below the outermost entity';
  }
  return null;
}
