import type { Answer } from "../model/questions";

export interface Forecast {
  log_time: number;
  lower: number;
  upper: number;
  members: [number[], number[]];
  clusters: number;
  ranges: number;
  levels: [number, number];
}

/** One row of the merge list; times are natural logarithms. */
export interface Merger {
  log_time: number | null;
  error: number | null;
  condition: number | null;
  members: [number[], number[]];
  mass: number;
  tied: boolean;
  ill_conditioned: boolean;
  predicted: Forecast | null;
  why_not_predicted: string;
  certified?: [number, number] | null;
  why_not_certified?: string;
}

/** log10 of a time from its natural logarithm. */
export const decades = (log: number): number => log / Math.LN10;

/** A collapse that was computed: merge list, and frames at given times between which places are interpolated. */
export class Collapse {
  mergers: Merger[] = [];
  status = "";
  note = "";
  clusters = 1;
  final = false;
  times: number[] = [];
  energies: Float32Array = new Float32Array(0);
  private frames: Float32Array = new Float32Array(0);
  private rows = 3;
  private n = 0;
  private mixed: Float32Array = new Float32Array(0);

  /** Takes the next answer: the first one has the frames, later ones know more about the mergers. */
  take({ document, arrays }: Answer): void {
    [this.mergers, this.status, this.note, this.clusters, this.final] = [document.events, document.status, document.note, document.clusters, document.final];
    this.times = document.log_times.map(decades);
    if (!arrays.frames) return;
    [, this.n, this.rows] = arrays.frames.shape;
    this.frames = arrays.frames.values;
    this.energies = arrays.energies.values;
    this.mixed = new Float32Array(3 * this.n);
  }

  get first(): number {
    return this.times[0];
  }

  get last(): number {
    return this.times[this.times.length - 1];
  }

  /** log10 of the time of a merger; the first moment if it was at the start. */
  timeOf(merger: Merger): number {
    return merger.log_time === null ? this.first : decades(merger.log_time);
  }

  get lastMerger(): number | undefined {
    const last = this.mergers[this.mergers.length - 1];
    return this.status === "collapsed" && last ? this.timeOf(last) : undefined;
  }

  /** Number of the frame, with a fraction, at log10 of a time. */
  frameAt(time: number): number {
    const { times } = this;
    let [low, high] = [0, times.length - 1];
    if (time >= times[high]) return high;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= time) low = middle;
      else high = middle;
    }
    return low + Math.max(0, (time - times[low]) / (times[high] - times[low]));
  }

  timeAt(frame: number): number {
    return this.between(this.times, frame);
  }

  energyAt(frame: number): number {
    return this.between(this.energies, frame);
  }

  private between(values: ArrayLike<number>, frame: number): number {
    const k = Math.min(Math.floor(frame), values.length - 1);
    const next = Math.min(k + 1, values.length - 1);
    return values[k] + (frame - k) * (values[next] - values[k]);
  }

  /** Places at a frame, three numbers a token; valid until the next call. Rows of unit length are kept so. */
  placesAt(frame: number): Float32Array {
    const { n, rows, frames, mixed } = this;
    const k = Math.min(Math.floor(frame), this.times.length - 1);
    const next = Math.min(k + 1, this.times.length - 1);
    const share = frame - k;
    for (let i = 0; i < n; i++) {
      let square = 0;
      let whole = 0;
      for (let c = 0; c < rows; c++) {
        const [a, b] = [frames[(k * n + i) * rows + c], frames[(next * n + i) * rows + c]];
        mixed[3 * i + c] = a + share * (b - a);
        square += mixed[3 * i + c] ** 2;
        whole += (1 - share) * a * a + share * b * b;
      }
      const size = Math.sqrt(whole / square);
      if (Number.isFinite(size)) for (let c = 0; c < rows; c++) mixed[3 * i + c] *= size;
    }
    return mixed;
  }

  /** How many clusters there are at log10 of a time. */
  clustersAt(time: number): number {
    return this.clusters + this.mergers.filter((merger) => this.timeOf(merger) > time).length;
  }

  /**
   * Ways of the tokens as ends of short lines, four numbers each, in the order of time; and for each frame how many of
   * the ends come before it.
   */
  trails(): { ends: Float32Array; upTo: number[] } {
    const rows: number[] = [];
    const upTo = [0];
    for (let k = 0; k + 1 < this.times.length; k++) {
      this.addTrails(rows, k);
      upTo.push(rows.length / 4);
    }
    return { ends: Float32Array.from(rows), upTo };
  }

  private addTrails(rows: number[], k: number): void {
    const from = this.placesAt(k).slice();
    const to = this.placesAt(k + 1).slice();
    for (let i = 0; i < this.n; i++) {
      const move = Math.hypot(to[3 * i] - from[3 * i], to[3 * i + 1] - from[3 * i + 1], to[3 * i + 2] - from[3 * i + 2]);
      const parts = move < 2e-3 ? 0 : Math.ceil(move / 0.08);
      for (let p = 0; p < parts; p++) for (const share of [p / parts, (p + 1) / parts]) rows.push(...mix(from, to, i, share), 0.85);
    }
  }
}

function mix(from: Float32Array, to: Float32Array, i: number, share: number): number[] {
  const row = [0, 1, 2].map((c) => from[3 * i + c] + share * (to[3 * i + c] - from[3 * i + c]));
  const size = Math.hypot(...row) || 1;
  const whole = (1 - share) * Math.hypot(...from.subarray(3 * i, 3 * i + 3)) + share * Math.hypot(...to.subarray(3 * i, 3 * i + 3));
  return row.map((value) => (value * whole) / size);
}
