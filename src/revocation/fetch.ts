import { permitted, type SourceRules, type Wanted } from './sources.ts';

/** Why nothing was fetched; always temporary for the letter: what is unreachable is never "good". */
export class FetchError extends Error {
  override name = 'FetchError';
}

export interface FetchLimits {
  /** From the first byte sent to the last received, redirects included. */
  readonly deadlineMs: number;
  /** The largest national CRL is about 2 MB; an OCSP answer is a few KB. */
  readonly crlBytes: number;
  readonly ocspBytes: number;
}

export const FETCH_LIMITS: FetchLimits = Object.freeze({
  deadlineMs: 15_000,
  crlBytes: 16 * 1024 * 1024,
  ocspBytes: 64 * 1024,
});

/** http → https of the same host is the only redirect seen in practice. */
const MAX_REDIRECTS = 2;

/** GET of a CRL, POST to a responder (RFC 6960 appendix A). @throws FetchError */
export async function fetchWanted(
  { url, request }: Wanted,
  rules: SourceRules,
  limits: FetchLimits = FETCH_LIMITS,
): Promise<Buffer> {
  const start = permitted(url, rules);
  if (start === null) throw new FetchError('the host is not configured');
  const signal = AbortSignal.timeout(limits.deadlineMs);
  const maximum = request === null ? limits.crlBytes : limits.ocspBytes;
  try {
    let at = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await ask(at, request, signal);
      if (response.status < 300 || response.status > 399) return await bodyOf(response, maximum);
      await response.body?.cancel();
      at = redirected(at, response.headers.get('location'), rules);
    }
    throw new FetchError('too many redirects');
  } catch (error) {
    if (error instanceof FetchError) throw error;
    throw new FetchError(signal.aborted ? 'no complete answer in time' : 'not reachable', { cause: error });
  }
}

const ask = (url: URL, request: Buffer | null, signal: AbortSignal): Promise<Response> =>
  fetch(url, {
    redirect: 'manual',
    signal,
    // Compressed answers could unfold to anything.
    headers: {
      'accept-encoding': 'identity',
      ...(request === null ? {} : { 'content-type': 'application/ocsp-request' }),
    },
    ...(request === null ? {} : { method: 'POST', body: new Uint8Array(request) }),
  });

function redirected(from: URL, location: string | null, rules: SourceRules): URL {
  const target = location !== null && URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  const allowed = target === null ? null : permitted(target.href, { ...rules, map: [] });
  if (allowed?.hostname !== from.hostname) throw new FetchError('redirected to another host');
  return allowed;
}

async function bodyOf(response: Response, maximum: number): Promise<Buffer> {
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new FetchError(`answered with status ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    total += piece.length;
    // Leaving the loop cancels the body and closes the connection.
    if (total > maximum) throw new FetchError(`longer than ${maximum} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
