import { createCanvas, type Canvas } from '@napi-rs/canvas';
import { cloud, type Chance } from './random.ts';

/** A telephone's picture of the paper on a desk: perspective, uneven light, a cast of colour, dark surroundings. */
export function photograph(paper: Canvas, random: Chance): Canvas {
  const { width, height } = paper;
  const from = paper.getContext('2d').getImageData(0, 0, width, height).data;
  const photo = createCanvas(width, height);
  const pen = photo.getContext('2d');
  const image = pen.createImageData(width, height);
  const to = image.data;
  const margin = random.between(0.01, 0.08);
  const corner = (): number => margin + random.between(0, 0.03);
  // Corners of the paper in the photograph, clockwise from the top left.
  const corners = [
    [corner() * width, corner() * height],
    [width * (1 - corner()), corner() * height],
    [width * (1 - corner()), height * (1 - corner())],
    [corner() * width, height * (1 - corner())],
  ] as const;
  const map = toUnitSquare(corners);
  const desk = [random.between(40, 130), random.between(35, 110), random.between(30, 90)] as const;
  const cast = [random.between(0.92, 1), random.between(0.9, 0.98), random.between(0.78, 0.96)] as const;
  const light = cloud(random, width / 2);
  const dim = random.between(0.15, 0.45);
  const wood = cloud(random, 9);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4) {
      const [u, v] = map(x, y);
      const bright = 1 - dim * light(x, y);
      const inside = u >= 0 && u < 1 && v >= 0 && v < 1;
      const source = inside ? (Math.floor(v * height) * width + Math.floor(u * width)) * 4 : 0;
      const shade = inside ? 1 : 0.8 + 0.4 * wood(x, y * 0.2);
      for (let c = 0; c < 3; c++)
        to[at + c] = (inside ? from[source + c]! : desk[c]!) * shade * bright * cast[c]!;
      to[at + 3] = 255;
    }
  pen.putImageData(image, 0, 0);
  return photo;
}

type Corners = readonly (readonly [x: number, y: number])[];

/** The projective map that takes the four corners to those of the unit square (Heckbert 1989, §2.2.3, inverted). */
function toUnitSquare([a, b, c, d]: Corners): (x: number, y: number) => readonly [number, number] {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = [a!, b!, c!, d!];
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const det = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / det;
  const h = (dx1 * sy - sx * dy1) / det;
  const [A, B, C] = [x1 - x0 + g * x1, x3 - x0 + h * x3, x0];
  const [D, E, F] = [y1 - y0 + g * y1, y3 - y0 + h * y3, y0];
  // Adjoint of [[A,B,C],[D,E,F],[g,h,1]]
  const m = [
    E - F * h, C * h - B, B * F - C * E,
    F * g - D, A - C * g, C * D - A * F,
    D * h - E * g, B * g - A * h, A * E - B * D,
  ] as const; // prettier-ignore
  return (x, y) => {
    const w = m[6] * x + m[7] * y + m[8];
    return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
  };
}
