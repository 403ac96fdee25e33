// mooring rotate: one account in the place of another, by pull request; a compromised one is revoked at once.
import { type Command, type CommandSpec, type Context, errorFormat, type Options } from './command.ts';
import { repositoryOptions } from './pr/repository.ts';

const spec: CommandSpec = {
  name: 'rotate',
  summary: 'put one account in the place of another, by pull request',
  description: [
    'Reviews who holds the role, since when and by whom, and what the scoreboard and the receipts of rounds say of them. Opens a pull request that grants',
    'the new account and revokes the old one wherever it holds it; the planner finds the safe order. Refuses where the old one does not hold the role, or',
    'the new one does already. A compromised account is revoked at once, with a key of this machine that may, without approval: git records it, and no later',
    'merge grants it again without a lift. Owners and pausers of one value are handed over, not revoked: by the pull request alone. Ends by saying whether',
    'the runner signs with the new key.',
  ],
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      description: 'a field’s name: orchestrators, validatorLockManagers, guardians, roles.NAME; or owner, pauser',
      required: true,
    },
    old: { type: 'string', value: 'ACCOUNT', description: 'the account that goes, by name or address', required: true },
    new: { type: 'string', value: 'ACCOUNT', description: 'the account that comes, by name or address (may be left out with --compromised)' },
    contract: { type: 'string', value: 'NAME', description: 'only on this contract (default: on every one where the old account holds the role)' },
    reason: { type: 'string', description: 'why, for the reviewers (required, but for --check)' },
    title: { type: 'string', description: 'the pull request’s title (default: what is done)' },
    compromised: { type: 'boolean', description: 'the old key is in other hands: revoke it at once' },
    'even-the-last': { type: 'boolean', description: 'with --compromised: revoke it although nobody else holds the role then' },
    'runner-address': { type: 'string', value: 'ADDRESS', description: 'with which account the runner signs, as it says itself' },
    runner: { type: 'string', value: 'URL|FILE', description: 'the runner’s published configuration, JSON with its account' },
    dir: { type: 'string', value: 'DIR', description: 'where scoreboard and receipts are (default: storage/orchestrator/<env>)' },
    'runner-key-env': {
      type: 'string',
      value: 'VARIABLE',
      description: 'the variable with the new account’s key: the pull request replaces the old one’s line in environment.yaml too',
    },
    check: { type: 'boolean', description: 'only look whether the rotation is done; exit 2 where it is not' },
    'dry-run': { type: 'boolean', description: 'only show what would be done; needs no credentials' },
    ...repositoryOptions,
    format: errorFormat,
  },
  exits: ['changes', 'denied', 'stale', 'indeterminate', 'badInput'],
  examples: [
    'mooring rotate --env local --role orchestrators --old orchestrator-a --new orchestrator-c --reason scheduled',
    'mooring rotate --env local --role orchestrators --old orchestrator-a --new orchestrator-c --compromised --runner-key-env ORCHESTRATOR_C_KEY --reason leaked',
    'mooring rotate --env local --role orchestrators --old orchestrator-a --new orchestrator-c --check',
  ],
};

export const rotate: Command = {
  spec,
  async run(context: Context, options: Options): Promise<number> {
    const { runRotation } = await import('./rotate/run-rotation.ts');
    return runRotation(context, options);
  },
};
