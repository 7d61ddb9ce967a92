import { aligned, domainOf } from './alignment.ts';
import { readAuthenticationResults } from './authentication-results.ts';
import type { AuthenticationResults, MethodResult } from './authentication-results.ts';
import { valuesOf } from './head.ts';
import type { Head } from './head.ts';
import type { Finding } from './own-check.ts';

/**
 * What a trusted relay says about the author's domain. Only the topmost Authentication-Results with the relay's own
 * name counts (RFC 8601 §5): the relay puts its own on top and may have let forged ones pass below it.
 */
export function relayCheck(head: Head, authorDomain: string, authservId: string): Finding {
  const stamp = topmost(head, authservId);
  if (stamp === null) return { result: 'fail', detail: `no Authentication-Results of ${authservId}` };
  const dmarc = stamp.results.filter(({ method }) => method === 'dmarc');
  const detail = stamp.results.map(shown).join(' ').slice(0, 300) || 'none';
  if (dmarc.some((it) => it.result === 'pass' && isAbout(it, 'header.from', authorDomain))) {
    return { result: 'pass', detail };
  }
  if (dmarc.some(({ result }) => result === 'temperror')) return { result: 'temperror', detail };
  // A domain that publishes a DMARC policy and fails it is not saved by a passing half of the check.
  if (dmarc.some(({ result }) => result !== 'none')) return { result: 'fail', detail };
  const proven = stamp.results.filter((it) => speaksFor(it, authorDomain));
  if (proven.some(({ result }) => result === 'pass')) return { result: 'pass', detail };
  return { result: proven.some(({ result }) => result === 'temperror') ? 'temperror' : 'fail', detail };
}

/** A field that may be the relay's but cannot be read ends the search: below it only a sender could have written. */
function topmost(head: Head, authservId: string): AuthenticationResults | null {
  const own = authservId.toLowerCase();
  for (const value of valuesOf(head, 'authentication-results')) {
    const results = readAuthenticationResults(value);
    if (results === null && value.toLowerCase().includes(own)) return null;
    if (results?.authservId === own) return results;
  }
  return null;
}

const isAbout = (it: MethodResult, property: string, domain: string): boolean =>
  domainOf(it.properties.get(property) ?? '') === domain;

/** An aligned DKIM signature or SPF domain. `header.i` ("@domain") is what older stamps give instead of header.d. */
function speaksFor(it: MethodResult, authorDomain: string): boolean {
  const named =
    it.method === 'dkim'
      ? (it.properties.get('header.d') ?? it.properties.get('header.i'))
      : it.method === 'spf'
        ? it.properties.get('smtp.mailfrom')
        : undefined;
  return named !== undefined && aligned(domainOf(named), authorDomain);
}

function shown({ method, result, properties }: MethodResult): string {
  const about =
    properties.get('header.from') ?? properties.get('header.d') ?? properties.get('smtp.mailfrom');
  return `${method}=${result}${about === undefined ? '' : ` (${about})`}`;
}
