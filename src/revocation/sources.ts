/** Which addresses revocation data may be fetched from. Certificates name them, so they are a stranger's choice. */
export interface SourceRules {
  /** "host" (ports 80 and 443) or "host:port", lower-case. Empty = nothing is ever fetched. */
  readonly hosts: readonly string[];
  /** Addresses that are no longer, or never were, reachable from here; the first that fits counts. */
  readonly map: readonly UrlMapping[];
}

export interface UrlMapping {
  readonly from: string;
  readonly to: string;
  /** `from` and `to` are beginnings; the rest is kept. */
  readonly prefix: boolean;
}

/** What is asked: a CRL, or an OCSP responder about one certificate. */
export interface Wanted {
  readonly url: string;
  /** DER of the OCSPRequest; null = a CRL. */
  readonly request: Buffer | null;
}

const OCSP_MARK = '#ocsp=';

/** `wanted` of the evidence: an address, and behind it the question to an OCSP responder in base64url. */
export function readWanted(text: string): Wanted {
  const at = text.indexOf(OCSP_MARK);
  return at < 0
    ? { url: text, request: null }
    : { url: text.slice(0, at), request: Buffer.from(text.slice(at + OCSP_MARK.length), 'base64url') };
}

/** Where `address` is really asked, or null when the configuration does not allow it (threats.md: SSRF). */
export function permitted(address: string, rules: SourceRules): URL | null {
  const url = URL.canParse(mapped(address, rules.map)) ? new URL(mapped(address, rules.map)) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  if (url.username !== '' || url.password !== '') return null;
  // The host that the parser found, never the text: "http://allowed@evil/" and the like mean evil.
  const known = rules.hosts.some((host) => (url.port === '' ? host === url.hostname : host === url.host));
  return known ? url : null;
}

function mapped(address: string, map: readonly UrlMapping[]): string {
  const rule = map.find(({ from, prefix }) => (prefix ? address.startsWith(from) : address === from));
  if (rule === undefined) return address;
  return rule.prefix ? rule.to + address.slice(rule.from.length) : rule.to;
}

/** Reads "OLD=NEW" or "OLD*=NEW" (beginnings); null when it is neither. */
export function parseMapping(text: string): UrlMapping | null {
  const match = /^(.+?)(\*?)=(https?:\/\/.+)$/.exec(text);
  if (match === null || !URL.canParse(match[1]!)) return null;
  return { from: match[1]!, prefix: match[2] === '*', to: match[3]! };
}
