// What people do with a pull request before it is merged, what an apply says of it, and an apply that fails half-way.
import { giveArena } from '../support/give-arena.ts';
import type { Scene } from './use-pr-world.ts';

export type Files = Readonly<Record<string, string | null>>;

type MergeActs = {
  /** Planned and approved by whoever is asked, but not merged. Returns its number. */
  approve(branch: string, files: Files): Promise<number>;
  /** The comment on its apply; '' where there is none. */
  applyComment(number: number): Promise<string>;
  /** The arena changes hands just before the second transaction is handed over: it is mined, and fails. */
  loseArena(): void;
  giveArenaBack(): Promise<void>;
};

/** SIDE EFFECTS, when called: GitHub, the chain, the proxy's hooks. */
export function mergeActs(scene: Scene): MergeActs {
  return {
    async approve(branch, files) {
      const number = await scene.propose({ branch, files });
      await scene.plan();
      const { teams } = await scene.github.requestedReviewers(number);
      if (teams.includes('treasury')) await scene.github.review(number, { as: 'alice', event: 'APPROVE' });
      if (teams.includes('security')) await scene.github.review(number, { as: 'carol', event: 'APPROVE' });
      return number;
    },
    async applyComment(number) {
      return (await scene.github.comments(number)).map(({ body }) => body).find((body) => body.startsWith('<!-- mooring:apply')) ?? '';
    },
    loseArena() {
      let sendings = 0;
      scene.field.proxy.hooks = {
        async before({ calls }) {
          if (!calls.some(({ method }) => method === 'eth_sendRawTransaction')) return undefined;
          sendings += 1;
          if (sendings === 2) await giveArena(scene.field, 'stranger');
          return undefined;
        },
      };
    },
    async giveArenaBack() {
      scene.field.proxy.hooks = {};
      await giveArena(scene.field, 'owner');
    },
  };
}
