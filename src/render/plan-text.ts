// A plan for a terminal: what changes, which transactions, the proof, what else matters, what to do next. Pure.
import type { Plan, Reduction, SideEffect, Step, StepProof, Unmanaged } from '../types.ts';
import { changeRow, isRisky, riskWord } from './change-row.ts';
import { findingLines } from './finding-text.ts';
import { approvalWords, count, groupDigits, type Lexicon, paint, shortHex, showAddress, showArgument, showEther, showValue } from './lexicon.ts';
import { table } from './table.ts';

/** The whole plan as lines that a reviewer grasps in ten seconds, the table first. `next`: with the command to go on, where nobody is asked for it. */
export function planText(plan: Plan, lexicon: Lexicon, next = true): string {
  const sections = [
    headLines(plan, lexicon),
    changeLines(plan, lexicon),
    editLines(plan, lexicon),
    liftLines(plan, lexicon),
    stepLines(plan, lexicon),
    sideEffectLines(plan.sideEffects, lexicon),
    proofLines(plan, lexicon),
    findingsSection(plan, lexicon),
    unmanagedLines(plan.unmanaged, lexicon),
    next || plan.steps.length === 0 ? nextLines(plan, lexicon) : [],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** `Plan for local: 3 changes, 1 raises risk`. */
export function planTitle(plan: Plan): string {
  const errors = plan.findings.filter((finding) => finding.severity === 'error').length;
  const stands = emergencies(plan);
  const words = (amount: number, one: string, many: string): string[] => (amount === 0 ? [] : [`${amount} ${amount === 1 ? one : many}`]);
  const parts = [
    ...(plan.changes.length === 0 ? [] : [count(plan.changes.length, 'change')]),
    ...words(plan.changes.filter((change) => change.risk === 'increase').length, 'raises risk', 'raise risk'),
    ...words(plan.changes.filter((change) => change.risk === 'ambiguous').length, 'needs judgement', 'need judgement'),
    ...(plan.edits.length === 0 ? [] : [`${count(plan.edits.length, plan.changes.length === 0 ? 'edit' : 'other edit')} without a transaction`]),
    ...riskyEdits(plan),
    ...words(stands, 'emergency measure stands', 'emergency measures stand'),
    ...words(errors, 'error', 'errors'),
  ];
  return `Plan for ${plan.environment}: ${parts.length === 0 ? 'nothing to change, git and chain agree' : parts.join(', ')}`;
}

function editLines(plan: Plan, lexicon: Lexicon): string[] {
  if (plan.edits.length === 0) return [];
  const rows = plan.edits.map((edit) => {
    const risky = isRisky(edit.risk);
    const sides = [edit.from, edit.to].filter((text) => text !== null).join(' → ');
    return [risky ? paint(lexicon, 'yellow', '!') : ' ', edit.subject, edit.what, sides, risky ? paint(lexicon, 'yellow', riskWord(edit.risk)) : ''];
  });
  return ['Besides, without a transaction:', ...table(rows, '')];
}

function riskyEdits({ edits }: Plan): string[] {
  const risky = edits.filter((edit) => isRisky(edit.risk)).length;
  if (risky === 0) return [];
  return [edits.length === 1 ? 'which carries risk' : `${risky} of them with risk`];
}

/** Fields whose reduction of risk is not reversed, though git says otherwise. */
function emergencies(plan: Plan): number {
  return new Set(plan.findings.filter((finding) => finding.code === 'STICKY_REDUCTION').map((finding) => `${finding.contract}.${finding.field}`)).size;
}

function headLines(plan: Plan, lexicon: Lexicon): string[] {
  // A plan that can't touch the chain was made without it.
  const block = plan.block.hash === '0x' ? '' : ` · block ${groupDigits(plan.block.number)} ${shortHex(plan.block.hash)}`;
  const place = `chain ${plan.chainId}${block} · digest ${plan.digest.slice(0, 12)}`;
  return [paint(lexicon, 'bold', planTitle(plan)), paint(lexicon, 'dim', place)];
}

function changeLines(plan: Plan, lexicon: Lexicon): string[] {
  if (plan.changes.length === 0) return [];
  const rows = plan.changes.map((change) => {
    const row = changeRow(change, lexicon);
    const risky = isRisky(change.risk);
    return [risky ? paint(lexicon, 'yellow', '!') : ' ', row.contract, row.field, row.live, row.desired, risky ? paint(lexicon, 'yellow', row.risk) : row.risk];
  });
  return table([[' ', 'Contract', 'Field', 'Live', 'Desired', 'Risk'], ...rows], '');
}

/** Emergency measures that this plan reverses because a lift says so: a reviewer must see whose. */
function liftLines(plan: Plan, lexicon: Lexicon): string[] {
  const lifted = liftedReductions(plan);
  if (lifted.length === 0) return [];
  const rows = lifted.map((one) => [
    `${one.contract}.${one.field}`,
    `reduced by ${showAddress(lexicon, one.sender)} in block ${groupDigits(one.block)}`,
    one.transaction,
  ]);
  return [paint(lexicon, 'yellow', 'Reverses emergency measures, as lifts.yaml says:'), ...table(rows)];
}

/** Reductions outside of git that one of the changes reverses. */
export function liftedReductions(plan: Plan): readonly Reduction[] {
  const changed = new Set(plan.changes.map((change) => `${change.contract}.${change.field}.${change.member ?? ''}`.toLowerCase()));
  return plan.reductions.filter((one) => changed.has(`${one.contract}.${one.field}.${one.member ?? ''}`.toLowerCase()));
}

function stepLines(plan: Plan, lexicon: Lexicon): string[] {
  if (plan.steps.length === 0) return [];
  const proofs = new Map(
    plan.simulation.status === 'proven' || plan.simulation.status === 'failed' ? plan.simulation.steps.map((proof) => [proof.step, proof]) : [],
  );
  const lines = [paint(lexicon, 'bold', `Transactions, in this order (${count(plan.steps.length, 'transaction')}, ${count(groupCount(plan), 'group')}):`)];
  plan.steps.forEach((step, index) => {
    if (step.group !== plan.steps[index - 1]?.group && index > 0) lines.push(paint(lexicon, 'dim', '     — after confirmation —'));
    lines.push(...oneStep(step, index, proofs.get(step.id), lexicon));
  });
  return lines;
}

function groupCount(plan: Plan): number {
  return new Set(plan.steps.map((step) => step.group)).size;
}

function oneStep(step: Step, index: number, proof: StepProof | undefined, lexicon: Lexicon): string[] {
  const route = step.route.via === 'direct' ? '' : ` through ${step.route.relayName}`;
  const gas = proof === undefined || !proof.ok ? '' : ` · gas ${groupDigits(proof.gas)}`;
  const failed = proof === undefined || proof.ok ? '' : paint(lexicon, 'red', ` · would revert: ${proof.error ?? 'no reason given'}`);
  const lines = [
    `${String(index + 1).padStart(3)}. ${callText(step, lexicon)}${failed}`,
    paint(lexicon, 'dim', `     from ${showAddress(lexicon, step.route.signer)}${route}${gas}`),
  ];
  if (step.carries.length > 0) lines.push(paint(lexicon, 'dim', `     unchanged, carried along: ${step.carries.join(', ')}`));
  if (step.corrects.length > 0) lines.push(paint(lexicon, 'dim', `     puts back: ${step.corrects.join(', ')}`));
  return lines;
}

/** `arena.setRewardSplits(teacher: 6000, …)`. */
export function callText(step: Step, lexicon: Lexicon): string {
  const args = step.call.args.map((arg) => (arg.name === '' ? '' : `${arg.name}: `) + showArgument(lexicon, arg.value));
  return `${step.call.contract}.${step.call.function}(${args.join(', ')})`;
}

function sideEffectLines(effects: readonly SideEffect[], lexicon: Lexicon): string[] {
  if (effects.length === 0) return [];
  const rows = effects.map((effect) => [
    `${effect.contract}.${effect.field}`,
    `${showValue(lexicon, effect.from, effect.unit)} → ${showValue(lexicon, effect.to, effect.unit)}`,
    effect.corrected ? 'put back by a later transaction' : effect.managed ? paint(lexicon, 'red', 'not put back') : 'not declared in git',
  ]);
  return [paint(lexicon, 'bold', 'Side effects:'), ...table(rows)];
}

function proofLines(plan: Plan, lexicon: Lexicon): string[] {
  const proof = plan.simulation;
  if (proof.status === 'not needed') return [];
  if (proof.status === 'unproven') return [paint(lexicon, 'yellow', `Not proven: ${proof.reason}`)];
  const gas = proof.steps.reduce((sum, step) => sum + (step.ok ? step.gas : 0n), 0n);
  const succeeded = proof.steps.filter((step) => step.ok).length;
  const verdict = `${succeeded} of ${count(proof.steps.length, 'call')} ${succeeded === 1 ? 'succeeds' : 'succeed'}; ${proof.asDeclared} of ${count(proof.declared, 'declared field')} end as declared (${groupDigits(proof.reread)} read again)`;
  const cost = proof.feePerGas === null ? '' : `, about ${showEther(gas * proof.feePerGas)}`;
  const word = proof.status === 'proven' ? paint(lexicon, 'green', 'Proven') : paint(lexicon, 'red', 'Proof failed');
  return [`${word}: ${verdict}.`, paint(lexicon, 'dim', `Gas ${groupDigits(gas)}${cost} · by ${proof.method} at block ${groupDigits(proof.block.number)}`)];
}

function findingsSection(plan: Plan, lexicon: Lexicon): string[] {
  return plan.findings.length === 0 ? [] : [paint(lexicon, 'bold', 'Findings:'), ...plan.findings.flatMap((finding) => findingLines(finding, lexicon))];
}

function unmanagedLines(unmanaged: readonly Unmanaged[], lexicon: Lexicon): string[] {
  if (unmanaged.length === 0) return [];
  const byContract = new Map<string, Unmanaged[]>();
  for (const item of unmanaged) byContract.set(item.contract, [...(byContract.get(item.contract) ?? []), item]);
  const lines = [...byContract].flatMap(([contract, items]) =>
    lexicon.verbose ? verboseUnmanaged(contract, items, lexicon) : [`  ${contract}: ${items.map((item) => item.field).join(', ')}`],
  );
  return [
    paint(lexicon, 'dim', `On chain but not managed by git (${count(unmanaged.length, 'field')}${lexicon.verbose ? '' : '; values with --verbose'}):`),
    ...lines.map((line) => paint(lexicon, 'dim', line)),
  ];
}

function verboseUnmanaged(contract: string, items: readonly Unmanaged[], lexicon: Lexicon): string[] {
  return table(items.map((item) => [`${contract}.${item.field}`, showValue(lexicon, item.value, item.unit), item.reason]));
}

function nextLines(plan: Plan, lexicon: Lexicon): string[] {
  const errors = plan.findings.filter((finding) => finding.severity === 'error');
  if (errors.length > 0)
    return [
      paint(
        lexicon,
        'red',
        `Next: ${errors.length === 1 ? 'settle the error above' : `settle the ${errors.length} errors above`}; until then this plan can't be applied.`,
      ),
    ];
  if (plan.steps.length === 0)
    return emergencies(plan) === 0 ? [] : ['Next: nothing is sent. What was reduced in an emergency stays as it is until git adopts it or a lift reverses it.'];
  const asks = plan.approvals.length === 0 ? '' : ` It needs ${approvalWords(plan.approvals)}.`;
  const unproven = plan.simulation.status === 'unproven' ? ' --unproven' : '';
  return [`Next: nothing has been sent.${asks} To send exactly this plan:`, `  mooring apply --env ${plan.environment} --digest ${plan.digest}${unproven}`];
}
