/**
 * One mailbox that the IMAP door watches, written as a URL:
 *
 *     imaps://stttt%40quangbinh.gov.vn:password@imap.quangbinh.gov.vn:993/INBOX?intake=stttt@quangbinh.gov.vn
 *
 * `imaps:` is TLS from the first byte, `imap:` demands STARTTLS; only on a loopback address may it stay in the clear.
 * Parameters: `intake` the address its letters were sent to (default: the user, when that is an address); `oauth` a JSON
 * file with OAuth2 credentials in place of the password (see intake/imap-token.ts); `ca` a PEM file of the server's own CA.
 */
export interface ImapAccount {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly user: string;
  readonly login:
    | { readonly kind: 'password'; readonly password: string }
    | { readonly kind: 'oauth2'; readonly file: string };
  readonly folder: string;
  /** Lower-case. */
  readonly intake: string;
  readonly ca: string | null;
}

/** The account, or what is wrong with the URL (which holds a password and is never part of the text). */
export function readImapAccount(text: string): ImapAccount | string {
  if (!URL.canParse(text)) return 'not a URL';
  const url = new URL(text);
  if (url.protocol !== 'imaps:' && url.protocol !== 'imap:') return 'must begin with imaps:// or imap://';
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  const oauth = url.searchParams.get('oauth');
  const intake = (url.searchParams.get('intake') ?? user).toLowerCase();
  if (user === '') return 'names no user';
  if ((password === '') === (oauth === null)) return 'needs a password or oauth=FILE, one of the two';
  if (!/^[^\s@]+@[^\s@]+$/.test(intake)) return 'needs intake=ADDRESS, since its user is no address';
  const implicit = url.protocol === 'imaps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (implicit ? 993 : 143) : Number(url.port),
    tls: implicit ? 'implicit' : isLoopback(url.hostname) ? 'none' : 'starttls',
    user,
    login: oauth === null ? { kind: 'password', password } : { kind: 'oauth2', file: oauth },
    folder: decodeURIComponent(url.pathname.slice(1)) || 'INBOX',
    intake,
    ca: url.searchParams.get('ca'),
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
