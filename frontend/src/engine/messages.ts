import type { Start } from "./particles";

/** What a worker is asked. Times are those of the tokens, rates are by the second of the reader. */
export type Request =
  /** Tokens at time 0; they rest until they are run. */
  | ({ kind: "start" } & Start)
  | ({ kind: "set" } & Partial<Pick<Start, "beta" | "model" | "causal" | "noise" | "masses" | "tolerance">>)
  | { kind: "move"; index: number; point: number[] }
  /** The time t grows by rate + growth t in a second: growth makes equal steps of log time, once t is large. */
  | { kind: "run"; rate: number; growth?: number }
  | { kind: "pause" }
  /** States at increasing times from the one that is reached on; `bare` leaves the points out. Ends a run. */
  | { kind: "record"; id: number; times: number[]; bare?: boolean };

export interface Frame {
  kind: "frame";
  time: number;
  energy: number;
  cosine: number;
  /** Steps of the integrator so far. */
  steps: number;
  points: Float32Array;
}

export interface Recorded {
  kind: "recorded";
  id: number;
  times: number[];
  energies: Float64Array;
  cosines: Float64Array;
  /** Points of all times in a row; empty where they were not wanted. */
  points: Float32Array;
}

export interface Failed {
  kind: "failed";
  message: string;
}

export type Reply = Frame | Recorded | Failed;
