import type { Answer } from "../model/questions";

const COLUMNS = ["at", "loss", "excess_risk", "imbalance", "sharpness", "sharpness_lower", "sharpness_upper", "centre"] as const;
type Column = (typeof COLUMNS)[number];

/** Loss below which what is left of it is rounding, and is not drawn. */
export const ROUNDING = 1e-18;

/** A run look by look, put together from its pieces as they come. */
export class History {
  private columns: Record<Column, number[]> = { at: [], loss: [], excess_risk: [], imbalance: [], sharpness: [], sharpness_lower: [], sharpness_upper: [], centre: [] };

  take({ arrays }: Answer): void {
    for (const name of COLUMNS) this.columns[name].push(...(arrays[name]?.values ?? []));
  }

  get at(): number[] {
    return this.columns.at;
  }

  /** Values of a column at given places, null where there is none that can be drawn. */
  along(x: number[], name: Column, above = -Infinity): (number | null)[] {
    const known = new Map(this.columns.at.map((at, k) => [at, this.columns[name][k]]));
    return x.map((at) => drawn(known.get(at), above));
  }

  last(name: Column): number | undefined {
    return this.columns[name].filter(Number.isFinite).at(-1);
  }
}

/** A value that a chart can draw: finite, and above 0 or more where the axis is logarithmic; else null. */
export function drawn(value: number | undefined, above = -Infinity): number | null {
  return value === undefined || !Number.isFinite(value) || value <= above ? null : value;
}

/** All places of several runs, in order. */
export function places(histories: History[]): number[] {
  return [...new Set(histories.flatMap((history) => history.at))].sort((a, b) => a - b);
}
