import { createRequire } from 'node:module';
import path from 'node:path';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { cloud, type Chance } from './random.ts';

/** Fonts that come with a package, so that every machine draws the same page. */
const FONTS = path.join(
  path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
  'standard_fonts',
);
GlobalFonts.registerFromPath(path.join(FONTS, 'LiberationSans-Regular.ttf'), 'Page Sans');
GlobalFonts.registerFromPath(path.join(FONTS, 'LiberationSans-Bold.ttf'), 'Page Bold');

export type Pen = SKRSContext2D;
export type Colour = readonly [red: number, green: number, blue: number];
/** These fonts lack Vietnamese letters with two marks; a drawn seal does without marks. */
export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '');

export const css = ([r, g, b]: Colour): string => `rgb(${Math.round(r)},${Math.round(g)},${Math.round(b)})`;

/** How evenly a stamp took: a strength and what is missing of it. */
export interface Press {
  /** 0 to 1 */
  readonly opacity: number;
  /** 0 (even) to 1 (mostly speckles) */
  readonly speckle: number;
  /** 0 (even) to 1: one side prints, the other hardly. */
  readonly tilt: number;
}

/**
 * Draws in millimetres around (x, y) with stamp ink: speckled, uneven, and darkening what is below it as ink does.
 * `reach` is half the side of the square that is drawn into.
 */
export function stamp(
  page: Pen,
  place: { readonly x: number; readonly y: number; readonly reach: number; readonly turn: number },
  press: Press,
  random: Chance,
  draw: (pen: Pen) => void,
): void {
  const scale = page.getTransform().a === 0 ? 1 : Math.hypot(page.getTransform().a, page.getTransform().b);
  const side = Math.ceil(place.reach * 2 * scale);
  const layer = createCanvas(side, side);
  const pen = layer.getContext('2d');
  pen.translate(side / 2, side / 2);
  pen.rotate(place.turn);
  pen.scale(scale, scale);
  draw(pen);
  wear(pen, side, scale, press, random);
  page.save();
  page.globalCompositeOperation = 'multiply';
  page.translate(place.x, place.y);
  page.scale(1 / scale, 1 / scale);
  page.drawImage(layer, -side / 2, -side / 2);
  page.restore();
}

function wear(pen: Pen, side: number, scale: number, press: Press, random: Chance): void {
  const image = pen.getImageData(0, 0, side, side);
  const fine = cloud(random, 0.45 * scale);
  const coarse = cloud(random, 5 * scale);
  const direction = random.between(0, Math.PI * 2);
  const [dx, dy] = [Math.cos(direction) / (side / 2), Math.sin(direction) / (side / 2)];
  for (let y = 0, at = 3; y < side; y++)
    for (let x = 0; x < side; x++, at += 4) {
      if (image.data[at] === 0) continue;
      const missing = press.speckle * (0.9 * fine(x, y) + 0.9 * coarse(x, y) - 0.35);
      const lean = 1 - (press.tilt * (1 + (x - side / 2) * dx + (y - side / 2) * dy)) / 2;
      const kept = Math.max(0, Math.min(1, 1 - 1.4 * Math.max(0, missing))) * lean;
      image.data[at] = image.data[at]! * press.opacity * kept;
    }
  pen.putImageData(image, 0, 0);
}

/** Words round a circle of radius `radius`, upright at the top. */
export function textOnArc(pen: Pen, text: string, radius: number, size: number, sweep: number): void {
  pen.font = `${size}px "Page Bold"`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const step = sweep / Math.max(1, text.length - 1);
  Array.from(plain(text)).forEach((letter, n) => {
    pen.save();
    pen.rotate(-sweep / 2 + n * step);
    pen.fillText(letter, 0, -radius);
    pen.restore();
  });
}

export function star(pen: Pen, radius: number): void {
  pen.beginPath();
  for (let n = 0; n < 10; n++) {
    const r = n % 2 === 0 ? radius : radius * 0.382;
    const angle = (n * Math.PI) / 5;
    pen.lineTo(r * Math.sin(angle), -r * Math.cos(angle));
  }
  pen.closePath();
}

export function ring(pen: Pen, radius: number, width: number): void {
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(0, 0, radius, 0, Math.PI * 2);
  pen.stroke();
}
