import { css, plain, ring, star, stamp, textOnArc, type Colour, type Pen, type Press } from './ink.ts';
import type { Chance } from './random.ts';

/** Round seals of Vietnamese agencies as they come out on paper, and red marks that are none. Units: millimetres. */

const AGENCIES = [
  'SỞ NỘI VỤ TỈNH QUẢNG BÌNH',
  'UBND HUYỆN LỆ THỦY',
  'ỦY BAN NHÂN DÂN THÀNH PHỐ ĐỒNG HỚI',
  'SỞ TÀI CHÍNH',
  'VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH',
  'TRUNG TÂM Y TẾ HUYỆN',
  'UBND XÃ AN THỦY',
  'TRƯỜNG TRUNG HỌC PHỔ THÔNG SỐ 1',
];
const LOWER = ['T. QUẢNG BÌNH', 'HUYỆN LỆ THỦY', '*', 'TỈNH SÓC TRĂNG', '* * *', 'VIỆT NAM'];
const INSIDE = ['SỞ|NỘI VỤ', 'ỦY BAN|NHÂN DÂN', 'VĂN|PHÒNG', 'BAN|QUẢN LÝ|DỰ ÁN', 'TRUNG TÂM|Y TẾ'];

export function redInk(random: Chance): Colour {
  // From orange-red through crimson to pinkish: stamp pads differ and scanners turn the hue.
  const pink = random.between(0, 1);
  return [
    random.between(185, 240),
    random.between(15, 60) + 20 * (1 - pink),
    random.between(20, 50) + 45 * pink,
  ];
}

export interface SealLook {
  readonly diameter: number;
  readonly press: Press;
}

/** A round seal: one to three rings outside, words between the rings, a star, an emblem or words inside. */
export function drawSeal(
  page: Pen,
  x: number,
  y: number,
  { diameter, press }: SealLook,
  colour: Colour,
  random: Chance,
): void {
  const R = diameter / 2;
  const place = { x, y, reach: R + 1, turn: random.between(-0.5, 0.5) };
  stamp(page, place, press, random, (pen) => {
    pen.fillStyle = css(colour);
    pen.strokeStyle = css(colour);
    const outer = random.between(0.5, 1.1);
    ring(pen, R - outer / 2, outer);
    if (random.yes(0.6)) ring(pen, R - outer - random.between(0.5, 0.9), random.between(0.2, 0.4));
    const inner = R * random.between(0.56, 0.68);
    if (random.yes(0.85)) ring(pen, inner, random.between(0.3, 0.6));
    const size = random.between(2.6, 3.4) * (R / 18);
    const words = random.pick(AGENCIES);
    const middle = (R - outer + inner) / 2 - 0.2;
    textOnArc(pen, words, middle, size, Math.min(4.4, (words.length * size * 0.78) / middle));
    pen.rotate(Math.PI);
    const lower = random.pick(LOWER);
    textOnArc(pen, lower, middle, size, (lower.length * size * 0.7) / middle);
    pen.rotate(Math.PI);
    drawInside(pen, inner, random);
  });
}

function drawInside(pen: Pen, radius: number, random: Chance): void {
  const kind = random.whole(0, 3);
  if (kind === 0) {
    star(pen, radius * random.between(0.4, 0.75));
    pen.fill();
  } else if (kind === 1) {
    pen.lineWidth = 0.4;
    star(pen, radius * 0.6);
    pen.stroke();
    ring(pen, radius * 0.75, 0.5);
    for (let n = 0; n < 16; n++) {
      pen.rotate(Math.PI / 8);
      pen.fillRect(-0.3, -radius * 0.9, 0.6, radius * 0.15);
    }
  } else {
    const lines = random.pick(INSIDE).split('|');
    const size = Math.min(4.4, (radius * 1.5) / lines.length / 1.25);
    pen.font = `${size}px "Page Bold"`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    lines.forEach((line, n) => {
      pen.fillText(plain(line), 0, (n - (lines.length - 1) / 2) * size * 1.2, radius * 1.7);
    });
    if (kind === 3) {
      pen.translate(0, radius * 0.72);
      star(pen, radius * 0.16);
      pen.fill();
    }
  }
}

export type Mark = (page: Pen, x: number, y: number, random: Chance) => void;

const printed: Press = { opacity: 1, speckle: 0, tilt: 0 };
const stamped = (random: Chance): Press => ({
  opacity: random.between(0.45, 0.95),
  speckle: random.between(0, 0.5),
  tilt: random.between(0, 0.4),
});
const at = (x: number, y: number, reach: number, random: Chance, turn = 0.3) => ({
  x,
  y,
  reach,
  turn: random.between(-turn, turn),
});

/** Red marks that are no round seal, by name. */
export const MARKS: Readonly<Record<string, Mark>> = {
  postmark(page, x, y, random) {
    const R = random.between(11, 14.2);
    stamp(page, at(x, y, R + 30, random), stamped(random), random, (pen) => {
      pen.fillStyle = pen.strokeStyle = css(redInk(random));
      ring(pen, R, random.between(0.4, 0.8));
      if (random.yes(0.6)) ring(pen, R * 0.66, 0.3);
      textOnArc(pen, random.pick(['BƯU ĐIỆN QUẢNG BÌNH', 'BƯU CỤC TRUNG TÂM']), R * 0.82, 2.3, 3.4);
      pen.font = '3px "Page Bold"';
      pen.textAlign = 'center';
      pen.fillText('12.03.26', 0, 1);
      pen.fillRect(-R * 0.95, -2.6, R * 1.9, 0.35);
      pen.fillRect(-R * 0.95, 2.2, R * 1.9, 0.35);
      if (random.yes(0.5)) for (let n = -2; n <= 2; n++) pen.fillRect(R + 1, n * 3, 24, 0.5);
    });
  },
  logo_disc(page, x, y, random) {
    const R = random.between(8, 21);
    stamp(page, at(x, y, R + 1, random, 0), printed, random, (pen) => {
      pen.fillStyle = css(redInk(random));
      pen.beginPath();
      pen.arc(0, 0, R, 0, Math.PI * 2);
      pen.fill();
      pen.fillStyle = 'white';
      star(pen, R * 0.6);
      pen.fill();
      if (random.yes(0.5)) {
        pen.strokeStyle = 'white';
        ring(pen, R * 0.85, 0.8);
      }
    });
  },
  logo_ring(page, x, y, random) {
    const R = random.between(8, 21);
    stamp(page, at(x, y, R + 1, random, 0), printed, random, (pen) => {
      pen.strokeStyle = css(redInk(random));
      ring(pen, R * 0.85, R * random.between(0.2, 0.3));
      pen.fillStyle = css([20, 80, 180]);
      pen.font = `${R}px "Page Bold"`;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      pen.fillText(plain(random.pick(['V', 'QB', '24'])), 0, 0);
    });
  },
  emblem(page, x, y, random) {
    const R = random.between(9, 13);
    stamp(page, at(x, y, R + 2, random, 0), printed, random, (pen) => {
      pen.fillStyle = css([218, 37, 29]);
      pen.beginPath();
      pen.arc(0, 0, R, 0, Math.PI * 2);
      pen.fill();
      pen.strokeStyle = css([250, 205, 30]);
      ring(pen, R * 0.93, R * 0.14);
      pen.fillStyle = css([250, 205, 30]);
      pen.translate(0, -R * 0.2);
      star(pen, R * 0.35);
      pen.fill();
      pen.fillRect(-R * 0.5, R * 0.75, R, R * 0.2);
    });
  },
  flag(page, x, y, random) {
    const width = random.between(20, 60);
    stamp(page, at(x, y, width, random, 0.05), printed, random, (pen) => {
      pen.fillStyle = css([218, 37, 29]);
      pen.fillRect(-width / 2, -width / 3, width, (width * 2) / 3);
      pen.fillStyle = css([255, 220, 0]);
      star(pen, width * 0.2);
      pen.fill();
    });
  },
  letterhead(page, _x, _y, random) {
    stamp(page, { x: 105, y: 18, reach: 100, turn: 0 }, printed, random, (pen) => {
      pen.fillStyle = css(redInk(random));
      pen.font = '7px "Page Bold"';
      pen.textAlign = 'center';
      pen.fillText('CONG TY CO PHAN BINH MINH', 0, 0);
      pen.fillRect(-85, 4, 170, random.between(0.5, 2));
    });
    MARKS[random.pick(['logo_disc', 'logo_ring', 'emblem'])]!(page, 28, 22, random);
  },
  hand_circle(page, x, y, random) {
    const R = random.between(9, 26);
    stamp(page, at(x, y, R * 1.6, random, 1.5), printed, random, (pen) => {
      pen.strokeStyle = css(redInk(random));
      pen.lineWidth = random.between(0.4, 1.1);
      pen.lineCap = 'round';
      const squeeze = random.between(0.75, 0.98);
      const [a, b, c] = [random.normal() * 0.035, random.normal() * 0.03, random.between(0, 6)];
      const turns = random.between(0.97, 1.6);
      pen.beginPath();
      for (let n = 0; n <= 120; n++) {
        const t = (n / 120) * Math.PI * 2 * turns;
        const r = R * (1 + a * Math.cos(3 * t + c) + b * Math.sin(2 * t) + (0.03 * n) / 120);
        pen.lineTo(r * Math.cos(t), r * squeeze * Math.sin(t));
      }
      pen.stroke();
    });
  },
  red_text(page, x, y, random) {
    stamp(page, at(x, y, 80, random, 0.05), printed, random, (pen) => {
      pen.fillStyle = css(redInk(random));
      const size = random.between(3, 7);
      pen.font = `${size}px "Page ${random.pick(['Sans', 'Bold'])}"`;
      pen.textAlign = 'center';
      for (let n = -3; n <= 3; n++) pen.fillText(plain(random.pick(AGENCIES)), 0, n * size * 1.4, 120);
    });
  },
  red_table(page, x, y, random) {
    stamp(page, at(x, y, 75, random, 0.03), printed, random, (pen) => {
      pen.strokeStyle = pen.fillStyle = css(redInk(random));
      pen.lineWidth = random.between(0.2, 0.7);
      pen.font = '3px "Page Sans"';
      const [columns, rows] = [random.whole(2, 6), random.whole(3, 9)];
      const [w, h] = [110 / columns, 60 / rows];
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < rows; j++) {
          pen.strokeRect(-55 + i * w, -30 + j * h, w, h);
          pen.fillText(plain(random.pick(AGENCIES)), -54 + i * w, -27 + j * h, w - 2);
        }
    });
  },
  square_seal(page, x, y, random) {
    const side = random.between(28, 44);
    stamp(page, at(x, y, side, random, 0.4), stamped(random), random, (pen) => {
      pen.strokeStyle = pen.fillStyle = css(redInk(random));
      pen.lineWidth = random.between(0.6, 1.2);
      pen.strokeRect(-side / 2, -side / 2, side, side);
      if (random.yes(0.5)) pen.strokeRect(-side / 2 + 1.6, -side / 2 + 1.6, side - 3.2, side - 3.2);
      pen.font = `${side / 8}px "Page Bold"`;
      pen.textAlign = 'center';
      for (let n = -1; n <= 2; n++)
        pen.fillText(plain(random.pick(AGENCIES)), 0, (n * side) / 5, side * 0.85);
    });
  },
  box_stamp(page, x, y, random) {
    stamp(page, at(x, y, 40, random, 0.2), stamped(random), random, (pen) => {
      pen.strokeStyle = pen.fillStyle = css(redInk(random));
      pen.lineWidth = 0.7;
      pen.strokeRect(-28, -14, 56, 28);
      pen.font = '5px "Page Bold"';
      pen.textAlign = 'center';
      pen.fillText(plain(random.pick(['CÔNG VĂN ĐẾN', 'KHẨN', 'SAO Y BẢN CHÍNH'])), 0, -5);
      pen.font = '3.4px "Page Sans"';
      pen.fillText('Số: 1234   Ngày 12/03/2026', 0, 2);
      pen.fillText('Chuyển: .....................', 0, 9);
    });
  },
  oval_stamp(page, x, y, random) {
    const R = random.between(17, 25);
    stamp(page, at(x, y, R + 1, random), stamped(random), random, (pen) => {
      pen.scale(1, random.between(0.55, 0.78));
      pen.strokeStyle = pen.fillStyle = css(redInk(random));
      ring(pen, R - 0.6, 0.9);
      textOnArc(pen, random.pick(AGENCIES), R * 0.8, 3, 3.2);
      pen.font = '5px "Page Bold"';
      pen.textAlign = 'center';
      pen.fillText('ĐA THU TIEN', 0, 2);
    });
  },
  blue_seal(page, x, y, random) {
    const look = { diameter: random.between(30, 42), press: stamped(random) };
    drawSeal(
      page,
      x,
      y,
      look,
      [random.between(20, 70), random.between(40, 90), random.between(150, 210)],
      random,
    );
  },
  coffee_ring(page, x, y, random) {
    const R = random.between(30, 41);
    stamp(page, at(x, y, R + 3, random), { opacity: 0.5, speckle: 0.6, tilt: 0.5 }, random, (pen) => {
      pen.strokeStyle = css([150, 100, 50]);
      ring(pen, R, random.between(1, 3));
    });
  },
  highlighter(page, x, y, random) {
    stamp(page, at(x, y, 60, random, 0.1), { opacity: 0.6, speckle: 0.1, tilt: 0 }, random, (pen) => {
      pen.fillStyle = css([255, random.between(90, 140), random.between(120, 160)]);
      for (let n = 0; n < 4; n++)
        pen.fillRect(-random.between(20, 45), -20 + n * 9, random.between(30, 90), 5);
    });
  },
};
