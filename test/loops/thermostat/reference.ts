// The reference controller once more, written from its description alone, for comparing with: no code is shared with src/.

export type ReferenceSettings = {
  targetRoi: number;
  lowerMargin: number;
  upperMargin: number;
  roiWindow: number;
  wideningStep: number;
  minWideningAlpha: number;
  maxWideningAlpha: number;
  thompsonStep: number;
  minThompsonPrior: number;
  maxThompsonPrior: number;
  cooldownSteps: number;
};

export type ReferenceStep = { mean: number | null; moved: boolean; wideningAlpha: number; thompsonPrior: number; cooldown: number };

/** What is in effect after each sample. */
export function runReference(s: ReferenceSettings, start: { wideningAlpha: number; thompsonPrior: number }, rois: readonly number[]): ReferenceStep[] {
  const window: number[] = [];
  let { wideningAlpha: alpha, thompsonPrior: prior } = start;
  let cooldown = 0;
  const step = (mean: number | null, moved: boolean): ReferenceStep => ({ mean, moved, wideningAlpha: alpha, thompsonPrior: prior, cooldown });
  const wait = (mean: number | null): ReferenceStep => {
    if (cooldown > 0) cooldown -= 1;
    return step(mean, false);
  };
  return rois.map((roi) => {
    if (!Number.isFinite(roi)) return step(null, false);
    window.push(roi);
    if (window.length > s.roiWindow) window.shift();
    if (window.length < s.roiWindow) return wait(null);
    let total = 0;
    for (const value of window) total += value;
    const mean = total / window.length;
    const dip = mean < s.targetRoi * (1 - s.lowerMargin);
    const surge = mean > s.targetRoi * (1 + s.upperMargin);
    if ((!dip && !surge) || cooldown > 0) return wait(mean);
    const before = { alpha, prior };
    [alpha, prior] = dip ? raised(s, alpha, prior) : lowered(s, alpha, prior);
    cooldown = s.cooldownSteps;
    return step(mean, alpha !== before.alpha || prior !== before.prior);
  });
}

function raised(s: ReferenceSettings, alpha: number, prior: number): [number, number] {
  return [Math.min(s.maxWideningAlpha, alpha + s.wideningStep), Math.min(s.maxThompsonPrior, prior + s.thompsonStep)];
}

function lowered(s: ReferenceSettings, alpha: number, prior: number): [number, number] {
  return [Math.max(s.minWideningAlpha, alpha - s.wideningStep), Math.max(s.minThompsonPrior, prior - s.thompsonStep)];
}
