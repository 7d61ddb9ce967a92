import fc from 'fast-check';
import { pieces, tlv } from './der-writer.ts';

/** Generators of hostile bytes from honest seeds, for fast-check: all of them shrink. */

/** Positions are shares of the length, so that they shrink and fit any seed. */
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

type Edit = { readonly at: number } & (
  | { readonly put: Uint8Array }
  | { readonly cut: number }
  | { readonly repeat: number }
  | { readonly end: true }
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ at: share, put: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
  fc.record({ at: share, cut: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ at: share, repeat: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ at: share, end: fc.constant(true as const) }),
);

/** The seed with bytes changed, cut out, repeated, and its end cut off. */
export const edited = (seed: Buffer): fc.Arbitrary<Buffer> =>
  fc.array(edit, { minLength: 1, maxLength: 5 }).map((edits) => edits.reduce(applied, seed));

function applied(bytes: Buffer, change: Edit): Buffer {
  const place = Math.floor(change.at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if ('put' in change) return Buffer.concat([before, change.put, after.subarray(change.put.length)]);
  if ('cut' in change) return Buffer.concat([before, after.subarray(change.cut)]);
  if ('repeat' in change) return Buffer.concat([before, after.subarray(0, change.repeat), after]);
  return before;
}

/** A DER value as a tree, so that changes deep inside keep every length round them true. */
interface Tree {
  readonly tag: number;
  readonly content: Buffer;
  readonly parts: readonly Tree[] | null;
}

function treeOf(tag: number, content: Buffer, depth = 0): Tree {
  const inside = (): Tree[] | null => {
    try {
      const found = pieces(content);
      const whole = found.reduce((sum, piece) => sum + piece.whole.length, 0);
      if (whole !== content.length) return null;
      return found.map((piece) => treeOf(piece.tag, piece.content, depth + 1));
    } catch {
      return null;
    }
  };
  return { tag, content, parts: (tag & 0x20) === 0 || depth > 30 ? null : inside() };
}

const bytesOf = ({ tag, content, parts }: Tree): Buffer =>
  tlv(tag, ...(parts === null ? [content] : parts.map(bytesOf)));

const count = (tree: Tree): number => 1 + (tree.parts ?? []).reduce((sum, part) => sum + count(part), 0);

type Graft = { readonly at: number } & (
  | { readonly tag: number }
  | { readonly content: Uint8Array }
  | { readonly gone: true }
  | { readonly twice: number }
  | { readonly from: number }
  | { readonly nest: number }
);

/** Tags that formats look at, besides any byte. */
const someTag = fc.oneof(
  fc.constantFrom(
    0x01,
    0x02,
    0x03,
    0x04,
    0x05,
    0x06,
    0x0c,
    0x17,
    0x18,
    0x30,
    0x31,
    0xa0,
    0xa1,
    0xa3,
    0x80,
    0x24,
  ),
  fc.integer({ min: 0, max: 255 }),
);

const graft: fc.Arbitrary<Graft> = fc.oneof(
  fc.record({ at: share, tag: someTag }),
  fc.record({ at: share, content: fc.uint8Array({ maxLength: 12 }) }),
  fc.record({ at: share, gone: fc.constant(true as const) }),
  fc.record({ at: share, twice: fc.integer({ min: 2, max: 40 }) }),
  fc.record({ at: share, from: share }),
  fc.record({ at: share, nest: fc.integer({ min: 1, max: 90 }) }),
);

/** The seed, one DER value, with values inside it exchanged, doubled, dropped, nested and relabelled. */
export function regrown(seed: Buffer): fc.Arbitrary<Buffer> {
  const [root] = pieces(seed);
  const tree = treeOf(root!.tag, root!.content);
  return fc
    .array(graft, { minLength: 1, maxLength: 4 })
    .map((grafts) => Buffer.concat(grafts.reduce<readonly Tree[]>(grown, [tree]).map(bytesOf)));
}

function grown(trees: readonly Tree[], change: Graft): readonly Tree[] {
  const total = trees.reduce((sum, tree) => sum + count(tree), 0);
  const wanted = Math.floor(change.at * total);
  let number = 0;
  const donor = 'from' in change ? nth(trees, Math.floor(change.from * total)) : null;
  const visit = (tree: Tree): readonly Tree[] => {
    const here = number++ === wanted;
    const parts = tree.parts?.flatMap(visit) ?? null;
    const kept = { ...tree, parts };
    return here ? changed(kept, change, donor) : [kept];
  };
  return trees.flatMap(visit);
}

function changed(tree: Tree, change: Graft, donor: Tree | null): readonly Tree[] {
  if ('tag' in change) return [{ ...tree, tag: change.tag }];
  if ('content' in change) return [{ ...tree, content: Buffer.from(change.content), parts: null }];
  if ('twice' in change) return Array.from({ length: change.twice }, () => tree);
  if ('nest' in change)
    return [
      Array.from({ length: change.nest }).reduce<Tree>(
        (inner) => ({ tag: 0x30, content: Buffer.alloc(0), parts: [inner] }),
        tree,
      ),
    ];
  return donor === null ? [] : [donor];
}

function nth(trees: readonly Tree[], wanted: number): Tree | null {
  const all: Tree[] = [];
  const collect = (tree: Tree): void => {
    all.push(tree);
    tree.parts?.forEach(collect);
  };
  trees.forEach(collect);
  return all[wanted] ?? null;
}
