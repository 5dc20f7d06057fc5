/** The rows and columns of the diagram, as `fathometer.app.questions.phase` has them. */
export const ROWS = 30;
const [LOWEST, HIGHEST] = [0.3, 30];
const BY_DECADE = 24;

export const BETAS = Array.from({ length: ROWS }, (_, k) => LOWEST * (HIGHEST / LOWEST) ** (k / (ROWS - 1)));

/** Times from 1/100 on, in equal ratios; powers of ten are among them. */
export function timesUntil(end: number): number[] {
  const count = BY_DECADE * Math.round(Math.log10(end / 0.01));
  return Array.from({ length: count + 1 }, (_, k) => (k % BY_DECADE ? 0.01 * 10 ** (k / BY_DECADE) : Number(`1e${k / BY_DECADE - 2}`)));
}

/** When a row first reaches a level, between two columns in equal ratios; undefined if it does not. */
export function timeOf(level: number, times: number[], cosines: ArrayLike<number>): number | undefined {
  for (let k = 0; k < times.length; k++) {
    if (cosines[k] < level) continue;
    if (k === 0) return times[0];
    const share = (level - cosines[k - 1]) / (cosines[k] - cosines[k - 1]);
    return times[k - 1] * (times[k] / times[k - 1]) ** share;
  }
  return undefined;
}

/** Up to which beta rows have reached a level by a time: all below have, and the next one takes longer. */
export function betaInTime(time: number, reached: (number | undefined)[]): number | undefined {
  const late = reached.findIndex((at) => at === undefined || at > time);
  if (late < 0) return reached.length ? BETAS[reached.length - 1] : undefined;
  if (late === 0) return undefined;
  const [before, after] = [reached[late - 1]!, reached[late]];
  if (after === undefined) return BETAS[late - 1];
  const share = Math.log(time / before) / Math.log(after / before);
  return BETAS[late - 1] * (BETAS[late] / BETAS[late - 1]) ** share;
}
