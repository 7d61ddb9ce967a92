/** Second-level domains under .vn that VNNIC shares out: nobody's own domain. */
const SHARED_UNDER_VN: ReadonlySet<string> = new Set([
  ...[
    'ac',
    'ai',
    'biz',
    'com',
    'edu',
    'gov',
    'health',
    'id',
    'info',
    'int',
    'io',
    'name',
    'net',
    'org',
    'pro',
  ],
]);

/** Domains without an owner of their own: top-level ones and those registries share out. */
function isShared(domain: string): boolean {
  const labels = domain.split('.');
  if (labels.length < 2) return true;
  return labels.length === 2 && labels[1] === 'vn' && SHARED_UNDER_VN.has(labels[0]!);
}

/** Lower case, without the root's dot. */
const plain = (domain: string): string => domain.toLowerCase().replace(/\.$/, '');

/**
 * Whether a proven domain speaks for the author's domain: they are equal, or one lies inside the other and the outer
 * one has an owner. Narrower than DMARC's relaxed alignment (RFC 7489 §3.1), which also lets sisters speak for each
 * other: that needs the public suffix list, and where a domain publishes DMARC its own verdict is used instead.
 */
export function aligned(proven: string, author: string): boolean {
  const [a, b] = [plain(proven), plain(author)];
  const outer = a.length < b.length ? a : b;
  if (isShared(outer)) return false;
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

/** What follows the last "@"; the whole text when there is none (RFC 8601 properties may hold a bare domain). */
export const domainOf = (address: string): string => plain(address.slice(address.lastIndexOf('@') + 1));
