/** A text PostgreSQL can hold: it takes neither NUL nor half a surrogate pair, and a stranger may send both. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');
