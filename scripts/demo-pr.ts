// `npm run demo:pr`: the story of one pull request, with the real commands, on an embedded chain, a real git repository and a
// stateful GitHub on this machine. Stops everything it started.
import { Interface } from 'ethers/abi';
import { beginStory, mooring, type Story, show, showChecks } from './demo-world.ts';
import { connectSender } from './deployment/sender.ts';
import { chapters, say } from './story.ts';

const chapter = chapters();

async function byHand(
  { chain }: Story,
  contract: 'arena' | 'pauseGuard',
  call: { function: string; args: readonly unknown[]; as: 'owner' | 'guardian' },
): Promise<void> {
  const { deployment } = chain;
  const sender = await connectSender({ url: chain.url, privateKey: deployment.accounts[call.as].privateKey });
  const data = new Interface(deployment.abis[contract]).encodeFunctionData(call.function, call.args);
  await sender.send({ to: deployment.addresses[contract], data, what: `${contract}.${call.function} by hand` });
}

async function tell(story: Story): Promise<void> {
  const { github } = story;
  chapter('An operator asks for another fee split');
  await mooring(story, [
    'propose',
    'set',
    'arena.teacherRewardSplitBps=60%',
    'arena.studentRewardSplitBps=20%',
    '--env',
    'demo',
    '--reason',
    'Teachers carry the longer rounds',
  ]);
  const [pull] = await github.pulls('open');
  if (pull === undefined) throw new Error('no pull request was opened');

  chapter('CI plans it, and the plan is where its reviewers are');
  await mooring(story, ['pr', 'plan', '--pr', String(pull.number)]);
  show(`comment on #${pull.number}`, (await github.comments(pull.number))[0]?.body ?? '');
  const { sha } = (await github.pull(pull.number)).head;
  showChecks(story, sha);
  say(`  labels: ${(await github.labels(pull.number)).join(', ')}; asked to review: ${(await github.requestedReviewers(pull.number)).teams.join(', ')}`);

  chapter('alice, of the treasury, approves; the required check turns green; it is merged');
  await github.review(pull.number, { as: 'alice', event: 'APPROVE' });
  await mooring(story, ['pr', 'plan', '--pr', String(pull.number)]);
  showChecks(story, sha);
  await github.merge(pull.number, { as: 'bob', method: 'squash' });

  chapter('Merging applies it: exactly what was approved, once');
  await mooring(story, ['pr', 'apply', '--env', 'demo']);
  show(`comment on #${pull.number}`, (await github.comments(pull.number))[1]?.body ?? '');
  say('\nA second apply finds nothing to do:');
  await mooring(story, ['pr', 'apply', '--env', 'demo']);

  chapter('Somebody changes the chain behind git’s back, and a guardian pauses the arena');
  await byHand(story, 'arena', { function: 'setCommitteeParameters', args: [5n, 5n * 10n ** 18n], as: 'owner' });
  await byHand(story, 'pauseGuard', { function: 'pause', args: [[story.chain.deployment.addresses.arena]], as: 'guardian' });
  await mooring(story, ['pr', 'drift'], { expected: 2 });
  const [issue] = await github.issues('open');
  show(`issue #${issue?.number}: ${issue?.title}`, issue?.body ?? '');

  chapter('The pause is adopted by a pull request that has opened by itself; alice ticks "adopt" for the committee, too');
  const ticked = (issue?.body ?? '').replace(/- \[ \] (Adopt.*committeeSize)/, '- [x] $1');
  await github.api('alice', 'PATCH', `/repos/${github.repo}/issues/${issue?.number}`, { body: ticked });
  await mooring(story, ['pr', 'drift'], { expected: 2 });
  await mooring(story, ['pr', 'plan']);
  for (const { number, title } of (await github.pulls('open')).toSorted((a, b) => a.number - b.number)) {
    say(`\n#${number} ${title}`);
    show(`comment on #${number}`, (await github.comments(number))[0]?.body ?? '');
  }

  say('\nThat is the story of a pull request. To set it up on GitHub: docs/github.md.');
}

say('Starting a chain, a git repository and a GitHub on this machine …');
const story = await beginStory();
try {
  await tell(story);
} finally {
  await story.stop();
}
