// The reference's sentinel once more, written from its description alone and in its own manner: one object that changes.
// For comparing decisions; shares no code with what it checks.

import type { SentinelSettings } from '../../../src/loop-types.ts';
import type { SentinelEvent } from '../../../src/loops/sentinel/state.ts';

export class Reference {
  totalValue = 0;
  totalCost = 0;
  breaches = 0;
  reasons = new Set<string>();
  stopReason: string | null = null;
  streaks = new Map<string, number>();
  pruned = new Set<string>();
  told = new Set<string>();
  isOpen = true;
  private readonly settings: SentinelSettings;
  private said: string[] = [];

  constructor(settings: SentinelSettings) {
    this.settings = settings;
  }

  /** What it did and told, in a few words. */
  observe(event: SentinelEvent): string[] {
    this.said = [];
    const { cost, value } = event;
    const evaluated = event.type === 'evaluation';
    this.totalCost += cost ?? 0;
    if (evaluated) this.totalValue += value ?? 0;
    if (evaluated && event.agent !== null) this.judge(event.agent, this.succeeded(event));
    const moved = Boolean(cost) || (evaluated && Boolean(value));
    if (moved && this.totalCost > 0) this.roi(this.totalValue / this.totalCost);
    this.budget();
    return this.said;
  }

  snapshot() {
    return {
      totalValue: this.totalValue,
      totalCost: this.totalCost,
      roi: this.totalCost > 0 ? this.totalValue / this.totalCost : null,
      pauseReasons: [...this.reasons].sort(),
      stopRequested: this.stopReason !== null,
      stopReason: this.stopReason,
      prunedAgents: [...this.pruned].sort(),
      roiBreachCount: this.breaches,
    };
  }

  private succeeded({ success, reward, value, cost }: SentinelEvent): boolean {
    if (success !== null) return success;
    if (reward !== null) return reward >= this.settings.successThreshold;
    return value !== null && cost !== null ? value >= cost : true;
  }

  private judge(agent: string, success: boolean): void {
    const { threshold, successReset } = this.settings.failureStreak;
    const streak = this.streaks.get(agent) ?? 0;
    this.streaks.set(agent, success ? (successReset ? 0 : Math.max(0, streak - 1)) : streak + 1);
    if (success || streak + 1 < threshold || this.pruned.has(agent)) return;
    this.pruned.add(agent);
    this.said.push(`prune ${agent}`);
    this.tell('critical', 'failure_streak', agent);
  }

  private roi(roi: number): void {
    if (roi < this.settings.roiFloor) {
      this.breaches += 1;
      if (this.breaches >= this.settings.roiGracePeriod) this.pause('roi_floor', 'warning');
      return;
    }
    if (this.breaches > 0) this.breaches -= 1;
    if (this.breaches === 0 && this.reasons.delete('roi_floor')) {
      if (this.reasons.size === 0 && this.stopReason === null) {
        this.isOpen = true;
        this.said.push('open roi_floor');
      }
      this.said.push('info roi_floor_clear');
    }
  }

  private budget(): void {
    const { budgetCap, budgetSoftRatio } = this.settings;
    if (this.totalCost >= budgetCap * budgetSoftRatio) this.pause('budget_soft', 'warning');
    if (this.totalCost < budgetCap || this.stopReason !== null) return;
    this.pause('budget_stop', 'critical');
    this.stopReason = 'budget_cap';
    this.said.push('requestStop budget_cap');
    this.tell('critical', 'budget_cap', '');
  }

  private pause(reason: string, severity: string): void {
    if (this.reasons.has(reason)) return;
    this.reasons.add(reason);
    this.isOpen = false;
    this.said.push(`pause ${reason}`);
    this.tell(severity, reason, '');
  }

  private tell(severity: string, reason: string, message: string): void {
    const key = `${severity}:${reason}:${message}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.said.push(`${severity} ${reason}`);
  }
}
