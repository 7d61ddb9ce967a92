import { createCanvas, Image, type Canvas } from '@napi-rs/canvas';
import { css, plain, stamp, type Colour, type Pen } from './ink.ts';
import { chance, type Chance } from './random.ts';
import { photograph } from './photo.ts';
import { drawSeal, MARKS, redInk, type SealLook } from './stamps.ts';

/** A synthetic A4 page as a scanner or a telephone would hand it over, with what is known to stand on it. */
export interface DrawnPage {
  readonly width: number;
  readonly height: number;
  /** RGB, 3 bytes a pixel. */
  readonly data: Uint8Array;
  /** Null for a photograph: nothing tells its scale. */
  readonly pxPerMm: number | null;
  readonly truth: {
    /** Centre and diameter on the paper; null when there is none. */
    readonly seal: { readonly x: number; readonly y: number; readonly diameter: number } | null;
    readonly signed: boolean;
    /** What else stands there: 'postmark', 'text', … */
    readonly kind: string;
    readonly description: string;
  };
}

const PAPER = { width: 210, height: 297 };
const WORDS =
  'căn cứ quyết định số ngày tháng năm của ủy ban nhân dân tỉnh về việc ban hành quy chế quản lý sử dụng hệ thống thư điện tử công vụ đề nghị sở thông tin truyền thông cấp mới hộp thư cho các cán bộ công chức viên chức theo danh sách kèm theo'.split(
    ' ',
  );

export type Tint = 'colour' | 'grey' | 'bilevel';

/** The page of a seed. Even seeds carry a red round seal, odd ones do not. */
export function drawPage(seed: number): DrawnPage {
  const random = chance(seed);
  return seed % 2 === 0 ? drawSealed(random) : drawUnsealed(random);
}

/** A sealed and signed page handed over in grey or in black and white: nothing red is left. */
export const drawColourless = (seed: number, tint: 'grey' | 'bilevel'): DrawnPage =>
  drawSealed(chance(seed), tint);

function drawSealed(random: Chance, tint: Tint = 'colour'): DrawnPage {
  const look: SealLook = {
    diameter: Math.max(
      30,
      Math.min(42.5, random.pick([30, 32, 34, 36, 36, 38, 40, 42]) + random.normal() * 0.3),
    ),
    press: {
      opacity: random.between(0.25, 0.95),
      speckle: random.yes(0.7) ? random.between(0, 0.6) : random.between(0.6, 0.9),
      tilt: random.yes(0.7) ? random.between(0, 0.3) : random.between(0.3, 0.8),
    },
  };
  const cut = random.yes(0.04);
  const x = cut ? PAPER.width - look.diameter * random.between(0.3, 0.48) : random.between(100, 168);
  const y = random.between(120, 255);
  const signed = random.yes(0.9);
  const page = sheet(random);
  page.draw((pen) => {
    drawText(pen, random, y);
    if (random.yes(0.2)) MARKS[random.pick(['emblem', 'box_stamp', 'red_text'])]!(pen, 50, 40, random);
    const first = random.yes(0.5);
    if (signed && first) drawSignature(pen, x + random.between(2, 14), y + random.between(-4, 6), random);
    drawSeal(pen, x, y, look, redInk(random), random);
    if (signed && !first) drawSignature(pen, x + random.between(2, 14), y + random.between(-4, 6), random);
  });
  const description = `seal ${look.diameter.toFixed(1)} mm opacity ${look.press.opacity.toFixed(2)} speckle ${look.press.speckle.toFixed(2)} tilt ${look.press.tilt.toFixed(2)}${cut ? ' cut' : ''}`;
  return page.finish(
    { seal: { x, y, diameter: look.diameter }, signed, kind: cut ? 'cut seal' : 'seal', description },
    tint,
  );
}

function drawUnsealed(random: Chance): DrawnPage {
  const kind = random.pick(['text', 'signature', ...Object.keys(MARKS)]);
  const [x, y] = [random.between(80, 165), random.between(120, 250)];
  const signed = kind === 'signature' || random.yes(0.5);
  const page = sheet(random);
  page.draw((pen) => {
    drawText(pen, random, y);
    MARKS[kind]?.(pen, x, y, random);
    if (signed) drawSignature(pen, x + random.between(-5, 12), y + random.between(-6, 6), random);
  });
  return page.finish({ seal: null, signed, kind, description: kind }, 'colour');
}

function drawText(pen: Pen, random: Chance, signatureAt: number): void {
  pen.fillStyle = css([25, 25, 25]);
  const size = random.between(3.8, 4.8);
  pen.font = `${size}px "Page Sans"`;
  for (let y = 25; y < signatureAt - 28; y += size * random.between(1.4, 1.7)) {
    const words = Array.from({ length: 14 }, () => plain(random.pick(WORDS))).join(' ');
    pen.fillText(words, 30, y, 160);
  }
  pen.font = `${size}px "Page Bold"`;
  pen.textAlign = 'center';
  pen.fillText('KT. GIAM ĐOC', 140, signatureAt - 22);
  pen.fillText('PHO GIAM ĐOC', 140, signatureAt - 16);
  pen.fillText('Nguyen Van Binh', 140, signatureAt + 23);
  pen.textAlign = 'left';
}

const INKS: readonly Colour[] = [
  [30, 50, 150],
  [20, 40, 120],
  [50, 70, 190],
  [25, 25, 35],
];

function drawSignature(pen: Pen, x: number, y: number, random: Chance): void {
  const ink = random.pick(INKS);
  stamp(
    pen,
    { x, y, reach: 40, turn: random.between(-0.2, 0.2) },
    { opacity: 0.9, speckle: 0.1, tilt: 0 },
    random,
    (p) => {
      p.strokeStyle = css(ink);
      p.lineCap = p.lineJoin = 'round';
      for (let n = random.whole(1, 3); n > 0; n--) {
        p.lineWidth = random.between(0.35, 0.8);
        p.beginPath();
        p.moveTo(random.between(-22, -10), random.between(-6, 6));
        for (let k = random.whole(3, 7); k > 0; k--) {
          const to = (): number => random.between(-1, 1);
          p.bezierCurveTo(to() * 22, to() * 12, to() * 22, to() * 12, to() * 24, to() * 8);
        }
        p.stroke();
      }
    },
  );
}

type Truth = DrawnPage['truth'];

/** Scanner or telephone, resolution, skew, noise and compression of one page. */
function sheet(random: Chance) {
  const photo = random.yes(0.2);
  const dpi = photo ? random.pick([130, 170, 210]) : random.pick([100, 150, 150, 200, 200, 200, 300]);
  const scale = dpi / 25.4;
  const skew = (random.normal() * 1.2 * Math.PI) / 180;
  const canvas = createCanvas(Math.round(PAPER.width * scale), Math.round(PAPER.height * scale));
  const pen = canvas.getContext('2d');
  const white: Colour = [random.between(236, 255), random.between(234, 255), random.between(222, 255)];
  pen.fillStyle = css(white);
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.scale(scale, scale);
  pen.translate(PAPER.width / 2, PAPER.height / 2);
  pen.rotate(skew);
  pen.translate(-PAPER.width / 2, -PAPER.height / 2);
  return {
    draw(how: (pen: Pen) => void) {
      how(pen);
    },
    finish(truth: Truth, tint: Tint): DrawnPage {
      const taken = photo ? photograph(canvas, random) : canvas;
      grain(taken, random.between(0, photo ? 9 : 6), random);
      const quality = random.between(30, 92);
      const described = {
        ...truth,
        description: `${truth.description}; ${dpi} dpi ${photo ? 'photo' : `skew ${((skew * 180) / Math.PI).toFixed(1)}°`}, q ${quality.toFixed(0)}`,
      };
      const data = tinted(throughJpeg(taken, quality), tint);
      return {
        width: taken.width,
        height: taken.height,
        data,
        pxPerMm: photo ? null : scale,
        truth: described,
      };
    },
  };
}

function grain(canvas: Canvas, sigma: number, random: Chance): void {
  const pen = canvas.getContext('2d');
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  // A table of noise is walked from changing places: a million logarithms a page would make the sets slow.
  const table = Int8Array.from({ length: 65_521 }, () =>
    Math.max(-127, Math.min(127, random.normal() * sigma)),
  );
  let k = random.whole(0, 60_000);
  for (let at = 0; at < image.data.length; at += 4) {
    if ((at & 0xffff) === 0) k = (k + random.whole(1, 60_000)) % table.length;
    for (let c = 0; c < 3; c++) {
      k = k + 1 === table.length ? 0 : k + 1;
      image.data[at + c] = image.data[at + c]! + table[k]!;
    }
  }
  pen.putImageData(image, 0, 0);
}

function throughJpeg(canvas: Canvas, quality: number): Uint8Array {
  const image = new Image();
  image.src = canvas.toBuffer('image/jpeg', Math.round(quality));
  const pen = canvas.getContext('2d');
  pen.resetTransform();
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return rgb;
}

function tinted(rgb: Uint8Array, tint: Tint): Uint8Array {
  if (tint === 'colour') return rgb;
  for (let at = 0; at < rgb.length; at += 3) {
    const luma = 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
    rgb.fill(tint === 'grey' ? luma : luma < 160 ? 0 : 255, at, at + 3);
  }
  return rgb;
}
