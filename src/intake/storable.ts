import { storableText } from '../rules/text/storable.ts';

/**
 * The same value with texts PostgreSQL can hold: a stranger's letter may say NUL in base64, or have half a character where
 * a subject was cut, and would otherwise fail to be stored each time it comes again. The bytes of the letter stay as they are.
 */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return storableText(value) as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, storable(one)])) as T;
}
