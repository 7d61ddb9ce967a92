/** Public mail services (thư điện tử công cộng, QB-2.4, HCM-7.2b, BH-8.1, TH-8): never a channel for requests. */
const PUBLIC_DOMAINS: ReadonlySet<string> = new Set([
  'gmail.com',
  'googlemail.com',
  'yahoo.com',
  'yahoo.com.vn',
  'ymail.com',
  'rocketmail.com',
  'hotmail.com',
  'hotmail.com.vn',
  'outlook.com',
  'outlook.com.vn',
  'live.com',
  'msn.com',
  'icloud.com',
  'me.com',
  'aol.com',
  'mail.ru',
  'yandex.com',
  'yandex.ru',
  'proton.me',
  'protonmail.com',
  'zoho.com',
  'gmx.com',
  'gmx.net',
  'mail.com',
  'qq.com',
  '163.com',
  'fpt.vn',
  'vnn.vn',
  'hcm.vnn.vn',
  'hn.vnn.vn',
  'dng.vnn.vn',
]);

export const isPublicMail = (domain: string): boolean => PUBLIC_DOMAINS.has(domain.toLowerCase());

/** Domain names are at most 253 octets (RFC 1035 §2.3.4); longer input is not worth comparing. */
const LONGEST_DOMAIN = 253;

/**
 * True when a domain is one or two keystrokes away from an official one, carries it as a label in front of another
 * domain, or imitates it under another ending: "socstrang.gov.vn", "quangbinh.gov.vn.example.com", "quangbinh-gov.vn".
 */
export function looksLike(domain: string, official: string): boolean {
  const given = domain.toLowerCase();
  if (given === official || given.length > LONGEST_DOMAIN || given.endsWith(`.${official}`)) return false;
  if (given.startsWith(`${official}.`) || given.includes(`.${official}.`)) return true;
  const squeeze = (name: string): string => name.replaceAll(/[.-]/gu, '');
  if (squeeze(given) === squeeze(official)) return true;
  // Between neighbouring provinces' true names ("quangninh", "quangbinh") lies one letter too: the registry of
  // official names decides that before this question is asked.
  return editDistance(given, official, 2) <= 2;
}

/** Levenshtein distance, given up above `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
