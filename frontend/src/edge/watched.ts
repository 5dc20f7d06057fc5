import type { Answer } from "../model/questions";
import { drawn, History } from "./history";

/** The looks of a Watch as a history; its loss is as it was, and not above a minimum that nobody knows. */
export function asHistory(watch: Answer): History {
  const history = new History();
  const { at, loss, sharpness, sharpness_lower, sharpness_upper } = watch.arrays;
  const none = { shape: loss.shape, values: loss.values.map(() => NaN) };
  history.take({ document: {}, arrays: { at, loss, excess_risk: loss, imbalance: none, sharpness, sharpness_lower, sharpness_upper } });
  return history;
}

/** The edge at the last look where it is known. */
export function edgeOf(watch: Answer): number {
  return [...watch.arrays.edge.values].filter(Number.isFinite).at(-1) ?? NaN;
}

/** The edge at every look. */
export function edges(watch: Answer): (number | null)[] {
  return [...watch.arrays.edge.values].map((value) => drawn(value));
}
