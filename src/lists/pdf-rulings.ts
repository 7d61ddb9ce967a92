import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Matrix } from './pdf-glyphs.ts';

/** A ruling line, upright or level. */
export interface Ruling {
  readonly upright: boolean;
  /** Where it stands: x of an upright line, y of a level one. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const STROKES = new Set<number>([
  OPS.stroke,
  OPS.closeStroke,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
]);
const FILLS = new Set<number>([OPS.fill, OPS.eoFill]);

/** LibreOffice strokes ruling lines, Word fills rectangles as thin as a line. `args`: those of constructPath. */
export function rulingsOf(args: readonly unknown[], matrix: Matrix): Ruling[] {
  const [painted, paths] = args as [number, readonly unknown[]];
  return subpaths(paths[0]).flatMap((path) =>
    linesOf(
      path.map((point) => moved(matrix, point)),
      painted,
    ),
  );
}

type Point = readonly [x: number, y: number];

const moved = (m: Matrix, [x, y]: Point): Point => [
  m[0]! * x + m[2]! * y + m[4]!,
  m[1]! * x + m[3]! * y + m[5]!,
];

/** Number of operands by drawing operator of pdf.js: move, line, curve, close. */
const OPERANDS = [2, 2, 6, 0];

/** Corner points of each subpath; curves end a path, they rule nothing. */
function subpaths(data: unknown): Point[][] {
  const paths: Point[][] = [];
  if (!(data instanceof Float32Array) && !Array.isArray(data)) return paths;
  const numbers = data as ArrayLike<number>;
  for (let at = 0; at < numbers.length;) {
    const operator = numbers[at]!;
    const operands = OPERANDS[operator];
    if (operands === undefined) break;
    const point: Point = [numbers[at + 1]!, numbers[at + 2]!];
    const path = paths.at(-1);
    if (operator === 0) paths.push([point]);
    else if (operator === 1) path?.push(point);
    else if (operator === 3 && path?.[0] !== undefined) path.push(path[0]);
    else if (operator === 2) paths.push([]);
    at += 1 + operands;
  }
  return paths;
}

/** Thicker than this it is a bar or a background. */
const THICKEST = 2.5;
/** Shorter than this it is part of a letter or a dash. */
const SHORTEST = 4;

function linesOf(path: readonly Point[], painted: number): Ruling[] {
  if (path.length < 2) return [];
  if (STROKES.has(painted)) return path.slice(1).flatMap((point, i) => lineOf(path[i]!, point));
  if (!FILLS.has(painted)) return [];
  const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
  return lineOf([Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]);
}

function lineOf([x1, y1]: Point, [x2, y2]: Point): Ruling[] {
  const [wide, high] = [Math.abs(x2 - x1), Math.abs(y2 - y1)];
  if (wide <= THICKEST && high >= SHORTEST)
    return [{ upright: true, at: (x1 + x2) / 2, from: Math.min(y1, y2), to: Math.max(y1, y2) }];
  if (high <= THICKEST && wide >= SHORTEST)
    return [{ upright: false, at: (y1 + y2) / 2, from: Math.min(x1, x2), to: Math.max(x1, x2) }];
  return [];
}
