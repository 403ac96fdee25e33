// `npm run bench:loops`: the thermostat against simulated engines and other controllers. Prints Markdown; exit 1 where a target is missed.
import { benchText, targetsOf } from './loops/report.ts';
import { fullSize, runBench, shortSize } from './loops/run.ts';

const size = process.argv.includes('--quick') ? shortSize : fullSize;
const bench = runBench(size, (text) => process.stderr.write(`${text}\n`));
process.stdout.write(benchText(bench));
process.exitCode = targetsOf(bench).every(({ met }) => met) ? 0 : 1;
