import { addedField, filledField } from './pdf-added-field.ts';
import type { PdfDocument } from './pdf-document.ts';
import {
  entry,
  isArray,
  isDict,
  isName,
  isRef,
  isStream,
  isString,
  nameAt,
  PdfError,
  sameBytes,
} from './pdf-values.ts';
import type { PdfArray, PdfDict, PdfRef, PdfValue } from './pdf-values.ts';

/**
 * What a later revision changed, object by object. Both revisions are walked together from the catalog: everything a
 * reader can reach must be the same, except at the few places where a validation update (ETSI EN 319 142-1 §5.4, §5.5)
 * or a further signature must write. Form filling and annotations are changes: published shadow attacks pass as such.
 */

/**
 * `validation`: only DSS and document timestamps. `signatures`: also further signatures with their appearance, and
 * metadata; that much may stand after a signature that is reported, never after the one that decides.
 */
export type Permitted = 'validation' | 'signatures';

/** A graph of this many objects belongs to no letter. */
const MAX_COMPARED = 500_000;

type Role = 'value' | 'catalog' | 'form' | 'field list' | 'annotations';

interface Pair {
  readonly before: PdfValue;
  readonly after: PdfValue;
  readonly role: Role;
  readonly path: string;
}

/** Null when all that `after` adds to `before` is permitted, else what was changed. Never throws on hostile input. */
export function changeBeyond(before: PdfDocument, after: PdfDocument, permitted: Permitted): string | null {
  try {
    new Comparison(before, after, permitted).run();
    return null;
  } catch (error) {
    if (error instanceof PdfError) return error.message;
    throw error;
  }
}

export class Comparison {
  readonly before: PdfDocument;
  readonly after: PdfDocument;
  readonly permitted: Permitted;
  readonly #queue: Pair[] = [];
  /** Existing objects found the same. */
  readonly #same = new Set<number>();
  /** New objects that belong to permitted additions. */
  readonly #added = new Set<number>();

  constructor(before: PdfDocument, after: PdfDocument, permitted: Permitted) {
    this.before = before;
    this.after = after;
    this.permitted = permitted;
  }

  run(): void {
    this.#sameTrailers();
    this.#walk();
    if (this.permitted === 'validation') this.#nothingElseWritten();
  }

  /** Queues a pair that must be the same in both revisions. */
  same(before: PdfValue, after: PdfValue, path: string): void {
    this.#queue.push({ before, after, role: 'value', path });
  }

  /** Takes in what a permitted addition refers to: new objects freely, existing ones only unchanged. */
  takeIn(value: PdfValue): void {
    const open: PdfValue[] = [value];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (isRef(next)) {
        if (!this.#isNew(next)) this.same(next, next, `object ${next.num} used by an addition`);
        else if (!this.#added.has(next.num)) {
          this.#remember(this.#added, next.num);
          open.push(this.after.resolve(next));
        }
      } else if (isArray(next)) open.push(...next.items);
      else if (isDict(next)) open.push(...next.entries.values());
      else if (isStream(next)) open.push(next.dict);
    }
  }

  #isNew(ref: PdfRef): boolean {
    const place = this.before.place(ref.num);
    return place === undefined || place.kind === 'free';
  }

  #remember(set: Set<number>, num: number): void {
    if (set.size >= MAX_COMPARED) throw new PdfError(`more than ${MAX_COMPARED} objects to compare`);
    set.add(num);
  }

  /** The later revision must be the earlier one plus sections written behind it. */
  #sameTrailers(): void {
    const { before, after } = this;
    const updates = after.sections.length - before.sections.length;
    const kept = after.sections.slice(Math.max(0, updates));
    if (updates < 1 || kept.some((section, index) => section.at !== before.sections[index]!.at)) {
      throw new PdfError('the later revision does not build on the signed one');
    }
    if (after.sections.slice(0, updates).some((section) => section.at < before.end)) {
      throw new PdfError('the later revision uses a cross-reference inside the signed one');
    }
    if (before.encrypted || after.encrypted) throw new PdfError('the file is encrypted');
    this.#queue.push(this.#trailerPair('Root', 'catalog'));
    if (this.permitted === 'validation') this.#queue.push(this.#trailerPair('Info', 'value'));
  }

  #trailerPair(key: string, role: Role): Pair {
    const [before, after] = [entry(this.before.trailer, key), entry(this.after.trailer, key)];
    return { before, after, role, path: `/${key}` };
  }

  #walk(): void {
    for (let pair = this.#queue.pop(); pair !== undefined; pair = this.#queue.pop()) {
      const { before, after } = pair;
      if (pair.role === 'value' || pair.role === 'catalog') this.#compare(pair);
      else if (pair.role === 'form') this.#compareForms(pair);
      else this.#compareLists(before, after, pair.path, pair.role);
    }
  }

  #compare({ before, after, role, path }: Pair): void {
    if (isRef(before) && isRef(after)) {
      if (before.num !== after.num || before.gen !== after.gen) differs(path);
      if (this.#same.has(before.num)) return;
      this.#remember(this.#same, before.num);
      this.#compareValues(this.before.resolve(before), this.after.resolve(after), role, path);
    } else this.#compareValues(before, after, role, path);
  }

  #compareValues(before: PdfValue, after: PdfValue, role: Role, path: string): void {
    if (isDict(before) && isDict(after)) this.#compareDicts(before, after, role, path);
    else if (isArray(before) && isArray(after)) this.#compareItems(before, after, path);
    else if (isStream(before) && isStream(after)) {
      if (!sameBytes(before.raw, after.raw)) differs(path);
      this.#compareDicts(before.dict, after.dict, role, path);
    } else if (!sameScalar(before, after)) differs(path);
  }

  #compareItems(before: PdfArray, after: PdfArray, path: string): void {
    if (before.items.length !== after.items.length) differs(path);
    before.items.forEach((item, index) => {
      this.same(item, after.items[index]!, path);
    });
  }

  #compareDicts(before: PdfDict, after: PdfDict, role: Role, path: string): void {
    if (after.repeated.length > 0 && before.repeated.length === 0) differs(path);
    const free = filledField(this, before, after);
    const page = nameAt(before, 'Type') === 'Page' && nameAt(after, 'Type') === 'Page';
    for (const key of new Set([...before.entries.keys(), ...after.entries.keys()])) {
      if (free.has(key)) continue;
      const pair = { before: entry(before, key), after: entry(after, key), path: pathOf(path, key) };
      if (role === 'catalog' && this.#catalogMayDiffer(key, pair.after)) continue;
      if (role === 'catalog' && key === 'AcroForm') this.#queue.push({ ...pair, role: 'form' });
      else if (page && key === 'Annots') this.#queue.push({ ...pair, role: 'annotations' });
      else this.#queue.push({ ...pair, role: 'value' });
    }
  }

  #catalogMayDiffer(key: string, after: PdfValue): boolean {
    const free =
      key === 'DSS' || key === 'Extensions' || (this.permitted === 'signatures' && key === 'Metadata');
    if (free) this.#takeInRewritten(after);
    return free;
  }

  /** What belongs to no page may rewrite its own objects; when a page shares one, the walk still finds it changed. */
  #takeInRewritten(value: PdfValue): void {
    const open: PdfValue[] = [value];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (isRef(next)) {
        if (this.#added.has(next.num)) continue;
        this.#remember(this.#added, next.num);
        open.push(this.after.resolve(next));
      } else if (isArray(next)) open.push(...next.items);
      else if (isDict(next)) open.push(...next.entries.values());
      else if (isStream(next)) open.push(next.dict);
    }
  }

  /** The form keeps its entries; /Fields may grow, /SigFlags may be set. */
  #compareForms({ before, after, path }: Pair): void {
    if (isRef(before) && isRef(after) && before.num !== after.num) differs(path);
    for (const ref of [before, after]) if (isRef(ref)) this.#remember(this.#same, ref.num);
    const [old, now] = [this.before.resolve(before), this.after.resolve(after)];
    if (!isDict(now) || (old !== null && !isDict(old)) || now.repeated.length > 0) differs(path);
    const keys = new Set([...(old?.entries.keys() ?? []), ...now.entries.keys()]);
    for (const key of keys) {
      const pair = { before: old === null ? null : entry(old, key), after: entry(now, key) };
      if (key === 'Fields') this.#queue.push({ ...pair, role: 'field list', path: `${path}/Fields` });
      else if (key === 'DR' && this.permitted === 'signatures')
        this.#compareResources(pair.before, pair.after, `${path}/DR`, 2);
      else if (key !== 'SigFlags' && !this.#mayBeAdded(key, pair.before, pair.after)) {
        this.same(pair.before, pair.after, `${path}/${key}`);
      }
    }
  }

  /** Signing tools add a default appearance with the first visible signature. */
  #mayBeAdded(key: string, before: PdfValue, after: PdfValue): boolean {
    if (this.permitted === 'validation' || before !== null || key !== 'DA') return false;
    this.takeIn(after);
    return true;
  }

  /** Signing tools add their font to the form's resources under a new name: /DR, below it /Font, below it names. */
  #compareResources(before: PdfValue, after: PdfValue, path: string, levels: number): void {
    const [old, now] = [this.before.resolve(before), this.after.resolve(after)];
    if (levels === 0 || !isDict(old) || !isDict(now) || now.repeated.length > 0) {
      if (before === null) this.takeIn(after);
      else this.same(before, after, path);
      return;
    }
    if (isRef(before) && isRef(after) && before.num === after.num) this.#remember(this.#same, before.num);
    for (const key of new Set([...old.entries.keys(), ...now.entries.keys()]))
      this.#compareResources(entry(old, key), entry(now, key), pathOf(path, key), levels - 1);
  }

  /** /Fields and /Annots keep their items in order; what is appended must be a permitted signature field. */
  #compareLists(before: PdfValue, after: PdfValue, path: string, role: Role): void {
    for (const [document, list] of [
      [this.before, before],
      [this.after, after],
    ] as const) {
      if (isRef(list) && isArray(document.resolve(list))) this.#remember(this.#same, list.num);
    }
    const [old, now] = [this.before.resolve(before), this.after.resolve(after)];
    const oldItems = isArray(old) ? old.items : [];
    const nowItems = isArray(now) ? now.items : [];
    if (!isArray(now) && !(old === null && now === null)) differs(path);
    if (nowItems.length < oldItems.length) differs(path);
    oldItems.forEach((item, index) => {
      this.same(item, nowItems[index]!, path);
    });
    for (const item of nowItems.slice(oldItems.length)) {
      if (!isRef(item) || !this.#isNew(item)) differs(path);
      addedField(this, this.after.resolve(item), role === 'annotations' ? path : `${path} (new field)`);
      this.takeIn(item);
    }
  }

  /** Every object that the update writes must have been explained, whether a reader reaches it or not. */
  #nothingElseWritten(): void {
    const updates = this.after.sections.slice(0, this.after.sections.length - this.before.sections.length);
    for (const num of updates.flatMap((section) => [...section.entries.keys()])) {
      const place = this.after.place(num);
      if (this.#same.has(num) || this.#added.has(num) || place === undefined || place.kind === 'free')
        continue;
      const gen = place.kind === 'offset' ? place.gen : 0;
      const value = this.after.resolve({ kind: 'ref', num, gen });
      if (hasEffect(isStream(value) ? value.dict : value))
        throw new PdfError(`object ${num} was written without a purpose`);
    }
  }
}

/**
 * An update of validation data leaves arrays and VRIs behind that its successor replaced. What no reader reaches is
 * harmless unless it is a thing that some reader searches for: a page, an annotation, an action, a field.
 */
function hasEffect(value: PdfValue): boolean {
  if (!isDict(value)) return false;
  const harmless = ['XRef', 'ObjStm', 'VRI', 'DSS'].includes(nameAt(value, 'Type') ?? 'VRI');
  return !harmless || ['Subtype', 'FT', 'S', 'Kids', 'ByteRange'].some((key) => value.entries.has(key));
}

function sameScalar(before: PdfValue, after: PdfValue): boolean {
  if (isString(before) && isString(after)) return sameBytes(before.bytes, after.bytes);
  if (isName(before) && isName(after)) return before.name === after.name;
  return before === after;
}

const pathOf = (path: string, key: string): string =>
  path.length > 80 ? path : `${path}/${key.slice(0, 40)}`;

function differs(path: string): never {
  throw new PdfError(`${path} was changed after signing`);
}
