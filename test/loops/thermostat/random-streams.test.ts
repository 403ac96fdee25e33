// Whatever comes, and in whatever order: no bound, step, daily cap, cooldown, freeze, pause or staleness is broken.
import { expect, test } from 'vitest';
import { playRandomStream } from './random-streams.ts';

const streams = process.env.MOORING_FULL === '1' ? 10_000 : 500;

test(`${streams} random streams`, () => {
  let moves = 0;
  let refused = 0;
  for (let seed = 1; seed <= streams; seed++) {
    const watched = playRandomStream(seed);
    expect(watched.breaches, `seed ${seed}`).toEqual([]);
    moves += watched.moves;
    refused += watched.refused;
  }
  // Else nothing was tested.
  expect(moves).toBeGreaterThan(streams * 5);
  expect(refused).toBeGreaterThan(streams * 20);
});
