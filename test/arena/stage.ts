// A field world in which rounds can be run: a job, staked validators, an orchestrator's key, and a judge that says what a test wants.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { one } from '../../scripts/deployment/contract-list.ts';
import type { Score } from '../../src/arena/scoreboard.ts';
import type { Address } from '../../src/types.ts';
import type { Desk, Said } from '../support/cli.ts';
import { environmentName, type FieldWorld, folder, startFieldWorld } from '../support/field-world.ts';

export type JudgeAnswer = { scores: Record<string, number>; subjects?: Record<string, string[]> };

export type Stage = {
  world: FieldWorld;
  /** Students, teachers and validators of the address book, by name. */
  of(name: string): Address;
  /** What the judge answers; by default everyone has 0.9. May be changed at any time. */
  judge: { answer: ((question: { students: string[]; validators: string[] }) => JudgeAnswer | Promise<JudgeAnswer>) | null; asked: number };
  /** A fresh checkout with loops/arena.yaml. */
  desk(settings?: string): Desk;
  reset(): Promise<void>;
  stop(): Promise<void>;
};

export const arenaFolder = `storage/orchestrator/${environmentName}`;
const students = ['student', 'stranger', 'orchestrator-c'];

/** SIDE EFFECTS: a chain, a proxy and a judge, until `stop`. */
export async function startStage(): Promise<Stage> {
  const world = await startFieldWorld({ variant: 'governed' });
  const judge: Stage['judge'] = { answer: null, asked: 0 };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    judge.asked++;
    const question = JSON.parse(body) as { students: string[]; validators: string[] };
    const usual: JudgeAnswer = { scores: Object.fromEntries([...question.students, ...question.validators].map((address) => [address, 0.9])) };
    response.end(JSON.stringify((await judge.answer?.(question)) ?? usual));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const prepare = async (): Promise<void> => {
    await world.byHand({ on: 'jobRegistry', call: 'createJob', args: [`0x${'22'.repeat(32)}`], from: 'stranger' });
    for (const name of ['validator', 'guardian', 'lock-manager']) {
      await world.byHand({ on: 'token', call: 'transfer', args: [name, 100n * one] });
      await world.byHand({ on: 'token', call: 'approve', args: ['stake-manager', 100n * one], from: name });
      await world.byHand({ on: 'stakeManager', call: 'depositStake', args: [1n, 100n * one], from: name });
    }
  };
  await prepare();
  return {
    world,
    judge,
    of: (name) => world.addresses[name] ?? name,
    desk(settings = '') {
      const desk = world.desk();
      const key = 'ORCHESTRATOR_KEY';
      const file = `${folder}/environment.yaml`;
      desk.write(file, desk.read(file).replace('signers:\n', `signers:\n  orchestrator-a: { key: { env: ${key} } }\n`));
      desk.env[key] = world.deployment.accounts.orchestratorA.privateKey;
      desk.write(`${folder}/loops/arena.yaml`, arenaYaml(url, settings));
      return desk;
    },
    async reset() {
      [judge.answer, judge.asked] = [null, 0];
      await world.reset();
      await prepare();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await world.stop();
    },
  };
}

function arenaYaml(judge: string, settings: string): string {
  const list = (names: readonly string[]): string => names.map((name) => `  - { account: ${name}, job: 1 }\n`).join('');
  return `apiVersion: mooring/v1
kind: Arena
judge: "${judge}"
teachers:
${list(['teacher'])}agents:
${list(students)}validators:
${list(['validator', 'guardian'])}${settings}`;
}

export function arenaRun(desk: Desk, rounds = 1, more = ''): Promise<Said> {
  return desk.run(`arena run --env ${environmentName} --rounds ${rounds} --seed s ${more}`);
}

export function board(desk: Desk): Record<string, Score> {
  return JSON.parse(desk.read(`${arenaFolder}/scoreboard.json`)) as Record<string, Score>;
}

export type RoundJson = { stage: string; roundId: string; students: { address: string; path: string }[]; steps: { name: string; hash: string }[] };

export function roundOf(desk: Desk, id: string): RoundJson {
  return JSON.parse(desk.read(`${arenaFolder}/rounds/${id}.json`)) as RoundJson;
}

export function logOf(desk: Desk): Record<string, string | null>[] {
  const text = desk.read(`${arenaFolder}/orchestrator.ndjson`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string | null>);
}
