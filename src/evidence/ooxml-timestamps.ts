import { existenceBy, NOT_PROVEN, type Existence } from './existence.ts';
import { XADES } from './ooxml-properties.ts';
import type { XmlSignature } from './ooxml-signature.ts';
import { canonicalBy, DSIG } from './ooxml-transforms.ts';
import type { ValidationContext } from './path.ts';
import { checkTimestamp } from './timestamp.ts';
import { childrenNamed, descendants, onlyChild, textOf, type XmlElement } from './xml.ts';
import { canonicalizeSimply } from './xml-c14n.ts';

/** More than a signature with yearly renewals has; each costs a certificate path. */
const MAX_TOKENS = 8;

/**
 * What XAdES signature timestamps (ETSI EN 319 132-1 §5.3) prove about a signature: each token is over the canonical
 * ds:SignatureValue. They stand outside of what is signed, so whoever holds the file may add or drop them; a token
 * proves by itself, wherever it stands. Timestamps over references and archives are not counted.
 * @throws XmlError when a timestamp cannot be read
 */
export function officeExistence(signature: XmlSignature, context: ValidationContext): Existence {
  const stamps = [...descendants(signature.root)].filter(
    ({ uri, local }) => uri === XADES && local === 'SignatureTimeStamp',
  );
  if (stamps.length === 0) return NOT_PROVEN;
  const tokens = stamps.flatMap((stamp) => {
    const stamped = stampedBytes(stamp, signature.value);
    return childrenNamed(stamp, XADES, 'EncapsulatedTimeStamp').map((token) => ({ token, stamped }));
  });
  const around = tokens
    .slice(0, MAX_TOKENS)
    .map(({ token, stamped }) =>
      checkTimestamp(Buffer.from(textOf(token), 'base64'), [stamped], context, signature.certificates),
    );
  return existenceBy([], [], context, { around });
}

/** Without a method of its own it is inclusive Canonical XML 1.0 (§5.1.4.5.2). */
function stampedBytes(stamp: XmlElement, value: XmlElement): Uint8Array {
  const method = onlyChild(stamp, DSIG, 'CanonicalizationMethod');
  return method === null ? canonicalizeSimply(value) : canonicalBy(method, value);
}
