import { setImmediate as nextTurn } from 'node:timers/promises';
import { lookAt } from '../../src/scan/look.ts';
import { drawColourless, drawPage, type DrawnPage } from '../scans/page.ts';

/**
 * Recall and precision on seeds the detector was never tuned on (tuning: 1000 to 1999), beside the obvious way to do
 * it. The pages are synthetic: on real scans both will do worse (StaVer, 400 scans: 83 % and 84 %).
 */
const HELD_OUT = { first: 500_000, pages: 600 };
const COLOURLESS = 30;
const A4_MM = 297;

interface Contestant {
  readonly name: string;
  readonly finds: (page: DrawnPage) => boolean;
}

const ours: Contestant = {
  name: 'ring detector',
  finds: (page) => lookAt(page, page.pxPerMm).seals.length > 0,
};

/** Counts red pixels and takes their bounding box for the seal's. */
const naive: Contestant = {
  name: 'red pixels and their box',
  finds({ width, height, data, pxPerMm }) {
    let [count, left, right, top, bottom] = [0, width, 0, height, 0];
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at += 3) {
        const red = data[at]!;
        if (red < 120 || red - data[at + 1]! < 50 || red - data[at + 2]! < 40) continue;
        count++;
        [left, right, top, bottom] = [
          Math.min(left, x),
          Math.max(right, x),
          Math.min(top, y),
          Math.max(bottom, y),
        ];
      }
    const scale = pxPerMm ?? Math.max(width, height) / A4_MM;
    const sides = [(right - left) / scale, (bottom - top) / scale];
    return count > 40 * scale * scale && sides.every((side) => side > 28 && side < 46);
  },
};

interface Score {
  hits: number;
  misses: string[];
  falseAlarms: string[];
  quiet: number;
  readonly ms: number[];
}

export async function run(): Promise<void> {
  const contestants = [ours, naive];
  const scores = contestants.map((): Score => ({ hits: 0, misses: [], falseAlarms: [], quiet: 0, ms: [] }));
  for (let n = 0; n < HELD_OUT.pages; n++) {
    const page = drawPage(HELD_OUT.first + n);
    contestants.forEach((contestant, k) => {
      judge(contestant, page, scores[k]!);
    });
    // The canvases of a page are given back between turns of the event loop only.
    await nextTurn();
  }
  contestants.forEach(({ name }, k) => {
    print(name, scores[k]!);
  });
  await colourless();
}

function judge({ finds }: Contestant, page: DrawnPage, score: Score): void {
  const before = process.cpuUsage();
  const found = finds(page);
  const { user, system } = process.cpuUsage(before);
  if (page.pxPerMm !== null && Math.abs(page.pxPerMm * 25.4 - 200) < 1) score.ms.push((user + system) / 1000);
  const { seal, description } = page.truth;
  if (seal !== null && found) score.hits++;
  else if (seal !== null) score.misses.push(description);
  else if (found) score.falseAlarms.push(description);
  else score.quiet++;
}

function print(name: string, { hits, misses, falseAlarms, quiet, ms }: Score): void {
  const [sealed, bare] = [hits + misses.length, falseAlarms.length + quiet];
  console.log(name);
  console.log(`  recall           ${share(hits, sealed)}`);
  console.log(`  false positives  ${share(falseAlarms.length, bare)}`);
  console.log(`  precision        ${share(hits, hits + falseAlarms.length)}`);
  const sorted = ms.toSorted((a, b) => a - b);
  console.log(
    `  CPU per 200 dpi page: median ${sorted[sorted.length >> 1]!.toFixed(0)} ms, 95 % below ${sorted[Math.floor(sorted.length * 0.95)]!.toFixed(0)} ms`,
  );
  if (misses.length <= 12) for (const text of misses) console.log(`  missed: ${text}`);
  if (falseAlarms.length <= 12) for (const text of falseAlarms) console.log(`  false:  ${text}`);
}

/** "97.3 % (292 of 300; 95 % between 94.8 and 98.6)": the interval by Wilson (1927). */
function share(hits: number, of: number): string {
  const z = 1.96;
  const p = hits / of;
  const centre = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  const percent = (value: number): string => (100 * value).toFixed(1);
  return `${percent(p)} % (${hits} of ${of}; 95 % between ${percent(centre - half)} and ${percent(centre + half)})`;
}

async function colourless(): Promise<void> {
  let right = 0;
  for (let n = 0; n < COLOURLESS; n++) {
    const page = drawColourless(HELD_OUT.first + 2 * n, n % 2 === 0 ? 'grey' : 'bilevel');
    const { colour, seals } = lookAt(page, page.pxPerMm);
    if (colour !== 'colour' && seals.length === 0) right++;
    await nextTurn();
  }
  console.log(`grey and black-and-white pages told as "not colour": ${right} of ${COLOURLESS}`);
}
