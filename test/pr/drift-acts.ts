// What people do with a drift issue, and what a test sees of it.
import { expect } from 'vitest';
import type { Context } from '../../src/cli/command.ts';
import type { Said } from '../support/cli.ts';
import type { Issue } from '../support/github/world-looks.ts';
import type { Scene } from './use-pr-world.ts';

/** Fails unless it ends with `exit`. */
export async function drift(scene: Scene, exit: number, line = 'pr drift', more: Partial<Context> = {}): Promise<Said> {
  const said = await scene.ci.mooring(line, more);
  expect(said.exit, said.stdout + said.stderr).toBe(exit);
  return said;
}

/** That a further run finds nothing to write: `settled` for drift alone, without the plans and applies of a whole round. */
export async function driftWritesNothing(scene: Scene, exit: number): Promise<void> {
  const refs = scene.github.remote.git('for-each-ref');
  expect(scene.github.violations).toEqual([]);
  scene.github.resetLog();
  await drift(scene, exit);
  expect(scene.github.writes()).toEqual([]);
  expect(scene.github.remote.git('for-each-ref')).toBe(refs);
}

export async function onlyIssue(scene: Scene): Promise<Issue> {
  const found = await scene.github.issues();
  expect(found).toHaveLength(1);
  return found[0] as Issue;
}

export async function issue(scene: Scene, number: number): Promise<Issue> {
  const found = (await scene.github.issues('all')).find((one) => one.number === number);
  if (found === undefined) throw new Error(`there is no issue ${number}`);
  return found;
}

/** As a person does: a click on the box of a choice. */
export async function tick(scene: Scene, number: number, choice: string, id: string): Promise<void> {
  const { body } = await issue(scene, number);
  const mark = JSON.stringify({ do: choice, id });
  const lines = body.split('\n').map((line) => (line.includes(mark) ? line.replace('- [ ]', '- [x]') : line));
  const ticked = lines.join('\n');
  if (ticked === body) throw new Error(`the issue has no box for ${choice} ${id}:\n${body}`);
  const answer = await scene.github.api('alice', 'PATCH', `/repos/${scene.github.repo}/issues/${number}`, { body: ticked });
  expect(answer.status).toBe(200);
}
