/** Tags after which a reader sees a new line. */
const NEW_LINE = new Set([
  'br',
  'p',
  'div',
  'tr',
  'li',
  'table',
  'ul',
  'ol',
  'h1',
  'h2',
  'h3',
  'h4',
  'blockquote',
]);
const NEW_CELL = new Set(['td', 'th']);
/** Elements whose content nobody sees. */
const UNSEEN = new Set(['script', 'style', 'head', 'title', 'template']);

/**
 * The words of an HTML letter, for rules and clerks that read text; it is never shown as HTML. One pass, linear in
 * its length, whatever the tags look like.
 */
export function htmlToText(html: string): string {
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    text += collapsed(html.slice(at, open < 0 ? html.length : open));
    if (open < 0) break;
    const tag = tagAt(html, open);
    if (tag.name === '') text += '<';
    else if (NEW_LINE.has(tag.name)) text += '\n';
    else if (NEW_CELL.has(tag.name) && tag.closing) text += '\t';
    at = UNSEEN.has(tag.name) && !tag.closing ? afterElement(html, tag.end, tag.name) : tag.end;
  }
  return decoded(text)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const collapsed = (text: string): string => text.replace(/\s+/g, ' ');

function tagAt(html: string, open: number): { name: string; closing: boolean; end: number } {
  if (html.startsWith('<!--', open)) return { name: '!', closing: false, end: after(html, '-->', open) };
  const [, slash = '', name = ''] = /^<(\/?)([a-z][a-z0-9]{0,20})/i.exec(html.slice(open, open + 24)) ?? [];
  // A "<" that begins no tag is a character the sender forgot to escape.
  if (name === '' && html[open + 1] !== '!' && html[open + 1] !== '?')
    return { name: '', closing: false, end: open + 1 };
  return { name: name.toLowerCase() || '!', closing: slash === '/', end: after(html, '>', open) };
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
}

function afterElement(html: string, from: number, name: string): number {
  const closing = new RegExp(`</${name}\\b`, 'gi');
  closing.lastIndex = from;
  return closing.test(html) ? after(html, '>', closing.lastIndex) : html.length;
}

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ndash: '–', mdash: '—', hellip: '…' },
  ...{ lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', bull: '•', shy: '', middot: '·' },
};
/** &agrave; &ecirc; &otilde; … are a letter and its mark, which is all that Vietnamese needs of the named entities. */
const MARKS: Readonly<Record<string, string>> = {
  ...{ grave: '\u0300', acute: '\u0301', circ: '\u0302', tilde: '\u0303', uml: '\u0308' },
};

const decoded = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z])(grave|acute|circ|tilde|uml)|([a-z]{2,7}));/gi,
    (whole, decimal?: string, hex?: string, letter?: string, mark?: string, name?: string) => {
      if (decimal !== undefined) return character(parseInt(decimal, 10));
      if (hex !== undefined) return character(parseInt(hex, 16));
      if (letter !== undefined && mark !== undefined)
        return (letter + (MARKS[mark.toLowerCase()] ?? '')).normalize();
      return NAMED[name?.toLowerCase() ?? ''] ?? whole;
    },
  );

const character = (code: number): string =>
  code > 0x1f && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ' ';
