import type { StepsData } from "../drawing/steps";
import { Collapse, decades, type Merger } from "./collapse";

/** The measured energy, the steps that were predicted, and the windows in which clusters are certain to stay apart. */
export function staircase(collapse: Collapse, chosen: Merger | undefined): StepsData {
  const low = collapse.first;
  const high = collapse.last + 0.02 * (collapse.last - low);
  const bands = collapse.mergers.filter(({ certified }) => certified).map(({ certified }) => {
    const [from, to] = certified!.map(decades);
    return { from: Math.max(low, from), to, low: 0, high: collapse.energyAt(collapse.frameAt(Math.max(low, Math.min((Math.max(low, from) + to) / 2, high)))) };
  });
  return {
    low,
    high,
    bands,
    lines: [{ x: [...collapse.times, high], y: [...collapse.energies, collapse.energies[collapse.energies.length - 1]], role: "measured" }, predicted(collapse, high)],
    marks: collapse.mergers.map((merger) => {
      const x = collapse.timeOf(merger);
      return { x, y: collapse.energyAt(collapse.frameAt(x)), strong: merger === chosen };
    }),
    xLabel: "log10 of the time",
  };
}

/** Levels between predicted mergers; a gap where a merger is not predicted. */
function predicted({ mergers, first }: Collapse, high: number): StepsData["lines"][number] {
  const [x, y]: [number[], number[]] = [[], []];
  const add = (at: number, level: number) => (x.push(at), y.push(level));
  let open = false;
  mergers.forEach((merger, k) => {
    const forecast = merger.predicted;
    if (!forecast) return open ? ((open = false), add(merger.log_time === null ? first : decades(merger.log_time), y[y.length - 1]), add(NaN, NaN)) : undefined;
    const fresh = !open || forecast.clusters !== mergers[k - 1]?.predicted?.clusters;
    if (fresh) add(NaN, NaN);
    if (fresh) add(k ? (mergers[k - 1].log_time === null ? first : decades(mergers[k - 1].log_time!)) : first, forecast.levels[0]);
    add(decades(forecast.log_time), forecast.levels[0]);
    add(decades(forecast.log_time), forecast.levels[1]);
    open = true;
  });
  if (open) add(high, y[y.length - 1]);
  return { x, y, role: "predicted" };
}
