import { CONTENT_TYPE, RELATIONSHIP, relationshipsPart, targetPart } from './ooxml-package.ts';
import type { OfficePackage } from './ooxml-package.ts';
import { XmlError } from './xml.ts';

/** What holds the signatures of a package (ECMA-376 part 2 §10.4): package → origin → signatures → certificates. */
export interface SignatureOrigin {
  /** Signature parts in the order of the origin. */
  readonly signatures: readonly string[];
  /** Certificates kept in parts of their own, as .NET packages do. */
  readonly certificates: ReadonlyMap<string, readonly string[]>;
  /** All these parts with their relationships: they cannot be signed by what they hold. */
  readonly parts: ReadonlySet<string>;
}

/** A document is signed by a few people; each signature costs reading the whole package. */
const MAX_SIGNATURES = 16;

/** @throws XmlError, ZipError when a signature is missing, listed twice or of another content type */
export function readOrigin(office: OfficePackage): SignatureOrigin {
  const origins = office.relationships('/').filter(({ type }) => type === RELATIONSHIP.origin);
  if (origins.length > 1) throw new XmlError('the package has two signature origins');
  if (origins[0] === undefined) return { signatures: [], certificates: new Map(), parts: new Set() };
  const [origin] = typed(office, '/', RELATIONSHIP.origin, CONTENT_TYPE.origin);
  const signatures = typed(office, origin!, RELATIONSHIP.signature, CONTENT_TYPE.signature);
  if (signatures.length > MAX_SIGNATURES) throw new XmlError(`more than ${MAX_SIGNATURES} signatures`);
  const certificates = new Map(
    signatures.map((part) => [part, typed(office, part, RELATIONSHIP.certificate, CONTENT_TYPE.certificate)]),
  );
  const sources = [origin!, ...signatures];
  const parts = [...sources, ...sources.map(relationshipsPart), ...[...certificates.values()].flat()];
  return { signatures, certificates, parts: new Set(parts) };
}

/** The parts that relationships of this type lead to; each must be there, once, and be what it is called. */
function typed(office: OfficePackage, source: string, type: string, contentType: string): string[] {
  const found = office
    .relationships(source)
    .filter((relationship) => relationship.type === type)
    .map(({ target, external }) => (external ? null : targetPart(source, target)));
  for (const part of found) {
    if (part === null || !office.has(part) || office.contentType(part) !== contentType) {
      throw new XmlError(`${source} leads to a signature part that is missing or of another kind`);
    }
  }
  if (new Set(found).size < found.length) throw new XmlError('a signature is listed twice');
  return found as string[];
}
