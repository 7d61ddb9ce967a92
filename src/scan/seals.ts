import type { SealWeakness } from '../rules/scan-facts.ts';
import { guessRings } from './circles.ts';
import type { RedMap } from './red.ts';
import { measureRings, type Ring } from './rings.ts';

/**
 * Round seals of Vietnamese agencies: 30 to 42.5 mm across, words between the outer ring and an inner one, a star, an
 * emblem or words in the middle. What is measured and where the bounds lie was learnt on the tuning seeds of
 * test/scans; the bench tells how it does on others.
 */
export interface FoundSeal {
  readonly grade: 'strong' | 'weak';
  readonly weaknesses: readonly SealWeakness[];
  /** Pixels of the red map. */
  readonly x: number;
  readonly y: number;
  readonly r: number;
  readonly diameterMm: number;
}

/** Half a millimetre is what blots and scanners add or take. */
const SIZE = { low: 29.5, high: 43 };
/** The scale of a photograph is a guess: seals may seem a little larger. */
const GUESSED_SIZE = { low: 29, high: 45 };

/** `scaleKnown`: false for a photograph, where a millimetre is only taken from the paper's size. */
export function findSeals(map: RedMap, pxPerMm: number, scaleKnown: boolean): FoundSeal[] {
  const size = scaleKnown ? SIZE : GUESSED_SIZE;
  const [low, high] = [(size.low / 2 - 1.5) * pxPerMm, (size.high / 2 + 1) * pxPerMm];
  const rings = measureRings(map, guessRings(map, low, high), low, high);
  const seals = rings.flatMap((ring) => grade(ring, map.threshold, pxPerMm, size, scaleKnown));
  return apart(seals);
}

function grade(
  ring: Ring,
  threshold: number,
  pxPerMm: number,
  size: { low: number; high: number },
  scaleKnown: boolean,
): (FoundSeal & { readonly clearness: number })[] {
  const diameterMm = (2 * ring.r) / pxPerMm;
  const wobbleMm = ring.wobble / pxPerMm;
  const thicknessMm = ring.thickness / pxPerMm;
  if (diameterMm < size.low || diameterMm > size.high) return [];
  // A disc, a thick ring or a red picture: printed, not stamped with a seal.
  if (thicknessMm > 3.6 || ring.band > 0.75) return [];
  // Writing, squares and ovals leave a bent line with red on both sides of it; a ring has a clean edge.
  if (wobbleMm > 0.2 || ring.flattening > 0.07 || ring.outside > 0.08) return [];
  // Where little of the ring took ink, what is there must lie on it the more exactly.
  const clean = wobbleMm < 0.13 && ring.flattening < 0.04 && ring.outside < 0.03;
  if (ring.coverage < (clean ? 0.33 : 0.6) || ring.inside < 0.5) return [];
  // Nothing written inside: a circle, not a seal.
  if (ring.band + ring.middle < 0.03 || ring.changes < 8) return [];
  const weaknesses: SealWeakness[] = [];
  if (ring.coverage < 0.8 || ring.strength < threshold * 1.6) weaknesses.push('faint');
  if (ring.inside < 0.97) weaknesses.push('cut');
  if (wobbleMm > 0.15 || ring.flattening > 0.05 || ring.outside > 0.05) weaknesses.push('shape');
  if (ring.band < 0.05 || ring.middle < 0.02 || ring.changes < 12) weaknesses.push('plain_inside');
  if (!scaleKnown) weaknesses.push('scale_assumed');
  const { x, y, r } = ring;
  const clearness = ring.coverage - wobbleMm - ring.outside;
  return [{ grade: weaknesses.length === 0 ? 'strong' : 'weak', weaknesses, x, y, r, diameterMm, clearness }];
}

/** One seal is found by several guesses; the clearest stays. Two seals never lie closer than half their width. */
function apart(seals: readonly (FoundSeal & { readonly clearness: number })[]): FoundSeal[] {
  const kept: FoundSeal[] = [];
  for (const { clearness: _, ...seal } of seals.toSorted((a, b) => b.clearness - a.clearness)) {
    if (!kept.some(({ x, y, r }) => Math.hypot(x - seal.x, y - seal.y) < r)) kept.push(seal);
  }
  return kept;
}
