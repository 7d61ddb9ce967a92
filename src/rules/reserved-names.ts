/** Local parts nobody is given: role names of RFC 2142 and of mail servers, and what a stranger would trust. */
const RESERVED: ReadonlySet<string> = new Set([
  'abuse',
  'admin',
  'administrator',
  'amavis',
  'bounce',
  'bounces',
  'clamav',
  'congthu',
  'daemon',
  'dovecot',
  'ftp',
  'guest',
  'helpdesk',
  'hostmaster',
  'hotline',
  'hotro',
  'info',
  'mail',
  'mailer-daemon',
  'mailerdaemon',
  'news',
  'no-reply',
  'nobody',
  'noreply',
  'operator',
  'postfix',
  'postmaster',
  'quantri',
  'quantrimang',
  'root',
  'sales',
  'security',
  'spam',
  'support',
  'sysadmin',
  'system',
  'test',
  'vmail',
  'webmaster',
  'www',
  'xulythurac',
]);

/** Readings a person would be ashamed of; such results are left to an officer, never refused. */
const AWKWARD: ReadonlySet<string> = new Set([
  'cac',
  'cut',
  'dit',
  'du',
  'deo',
  'lon',
  'buoi',
  'dm',
  'vcl',
  'ngu',
]);

/** The part before the first dot stands for the person or role. */
const head = (localPart: string): string => localPart.split('.')[0]!;

export const isReserved = (localPart: string): boolean =>
  RESERVED.has(localPart) || RESERVED.has(head(localPart));

export const isAwkward = (localPart: string): boolean => AWKWARD.has(head(localPart));
