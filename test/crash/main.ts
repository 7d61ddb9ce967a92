import { parseArgs } from 'node:util';
import { play, type Outcome, type PlayOptions } from './play.ts';
import { raiseCurtain, REAL } from './stage.ts';

/**
 * npm run test:crash [-- --letters 3000 --kills 50 --stops 10]: letters under load while gateways and PostgreSQL are
 * killed, and the same for a control that answers before its commit and must lose. Status 0 when both came out so.
 */
const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '3000' },
    kills: { type: 'string', default: '50' },
    stops: { type: 'string', default: '10' },
    pause: { type: 'string', default: '2500' },
  },
});
const [letters, kills, stops, pauseMs] = [values.letters, values.kills, values.stops, values.pause].map(
  Number,
) as [number, number, number, number];
const progress = (words: string): void => {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${words}\n`);
};

async function run(
  program: readonly string[],
  size: Pick<PlayOptions, 'letters' | 'kills' | 'stops' | 'untilRest'>,
): Promise<Outcome> {
  const stage = await raiseCurtain({ gateways: 2, program });
  try {
    return await play(stage, { ...size, senders: 10, pauseMs, progress });
  } finally {
    await stage.close();
  }
}

const gateway = await run(REAL, { letters, kills, stops, untilRest: true });
console.log('gateway', gateway);
const control = await run(['test/crash/control.ts'], {
  letters: 300,
  kills: 5,
  stops: 0,
  untilRest: false,
});
console.log('control', { acknowledged: control.acknowledged, lost: control.lost });
const good =
  gateway.lost + gateway.duplicateDossiers + gateway.unfinished + gateway.missingNotices + gateway.refused ===
    0 &&
  gateway.duplicateNotices <= gateway.crashes &&
  control.lost > 0;
console.log(good ? 'nothing lost; the control lost as it must' : 'FAILED');
process.exitCode = good ? 0 : 1;
