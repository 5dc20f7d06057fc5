import type { Answer } from "../model/questions";

export const WHO = ["model", "flow", "control"] as const;
export type Who = (typeof WHO)[number];
export type Numbers = "mean" | "low" | "high" | "close" | "rank";
const BINS = 100;

/** What came of a network: cosines of its tokens, of the fitted flow and of the control, layer by layer. */
export class Clouds {
  readonly layers: number[];

  constructor(private answer: Answer) {
    this.layers = answer.document.layers;
  }

  get document(): any {
    return this.answer.document;
  }

  has(who: Who): boolean {
    return `${who}_mean` in this.answer.arrays;
  }

  /** Centres of the bins of the cosines. */
  get bins(): number[] {
    return Array.from({ length: BINS }, (_, k) => (2 * k + 1) / BINS - 1);
  }

  /** Density of the cosines at a place in `layers`; undefined where there is none, as beyond the last fitted layer. */
  density(who: Who, at: number, centred: boolean): number[] | undefined {
    const found = this.answer.arrays[`${who}_${centred ? "centred" : "density"}`];
    if (!found || at >= found.shape[0]) return undefined;
    return [...found.values.subarray(at * BINS, (at + 1) * BINS)];
  }

  numbers(who: Who, name: Numbers): number[] {
    return [...(this.answer.arrays[`${who}_${name}`]?.values ?? [])];
  }

  /** Share of the block after a layer that one step of the model explains, with the ends of its interval. */
  explained(at: number, who: "explained" | "control_explained"): { value: number; lower: number; upper: number } | undefined {
    const part = (end: string) => this.answer.arrays[`${who}_${end}`]?.values[at];
    const value = part("value");
    return value === undefined ? undefined : { value, lower: part("lower"), upper: part("upper") };
  }

  fit(at: number): { beta: number; tau: number } {
    return { beta: this.answer.arrays.beta.values[at], tau: this.answer.arrays.tau.values[at] };
  }
}

/** 3.5 % [1.2, 5.0], or without an interval where it is open. */
export function percent(share: { value: number; lower: number; upper: number } | undefined): string {
  if (!share || !Number.isFinite(share.value)) return "-";
  const text = (part: number) => (100 * part).toFixed(2);
  const open = !Number.isFinite(share.lower) || !Number.isFinite(share.upper);
  return open ? `${text(share.value)} % (one text: no interval)` : `${text(share.value)} % [${text(share.lower)}, ${text(share.upper)}]`;
}
