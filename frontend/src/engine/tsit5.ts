/** Runge-Kutta pair of Tsitouras (2011) of orders 5 and 4: rows of stages, the difference of both, and dense output. */
const STAGES = [
  [0.161],
  [-0.008480655492356989, 0.335480655492357],
  [2.8971530571054935, -6.359448489975075, 4.3622954328695815],
  [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525],
  [5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383],
  [0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774],
];
const ERROR = [
  -0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629, 0.5823571654525552, -0.45808210592918697,
  1 / 66,
];

/** Weights of the stages at the fraction s of a step. */
function weights(s: number): number[] {
  const square = s * s;
  return [
    -1.0530884977290216 * s * (s - 1.3299890189751412) * (square - 1.4364028541716351 * s + 0.7139816917074209),
    0.1017 * square * (square - 2.1966568338249754 * s + 1.2949852507374631),
    2.490627285651252793 * square * (square - 2.38535645472061657 * s + 1.57803468208092486),
    -16.54810288924490272 * (s - 1.21712927295533244) * (s - 0.61620406037800089) * square,
    47.37952196281928122 * (s - 1.203071208372362603) * (s - 0.658047292653547382) * square,
    -34.87065786149660974 * (s - 1.2) * (s - 0.666666666666666667) * square,
    2.5 * (s - 1) * (s - 0.6) * square,
  ];
}

const SAFETY = 0.9;
const SHRINK = 0.2;
const GROW = 8;

/**
 * Adaptive steps of y' = f(y). The largest error of a step in any coordinate stays below `local`.
 *
 * @param field writes f(y) to its second argument.
 * @param tidy is applied to every state that is kept (a projection).
 */
export class Tsit5 {
  time: number;
  state: Float64Array;
  /** Steps that were taken, and rates f(state) there. */
  steps = 0;
  readonly rates: Float64Array[];
  private start: Float64Array;
  private trial: Float64Array;
  private began: number;
  private length = 1e-3;
  private before = 1;
  private fresh = true;

  constructor(
    state: Float64Array,
    time: number,
    private field: (state: Float64Array, out: Float64Array) => void,
    private tidy: (state: Float64Array) => void,
    public local: number,
  ) {
    this.time = this.began = time;
    this.state = state;
    this.start = state.slice();
    this.trial = state.slice();
    this.rates = Array.from({ length: 7 }, () => new Float64Array(state.length));
  }

  /** Begin anew at the state, which may have been changed from outside, or under another field. */
  restart(time = this.time): void {
    this.time = this.began = time;
    this.start.set(this.state);
    this.fresh = true;
    this.length = Math.min(this.length, 1e-2);
  }

  /** One step; it is tried with shorter lengths until its error is allowed. */
  step(): void {
    if (this.fresh) this.field(this.state, this.rates[0]);
    else this.rates[0].set(this.rates[6]);
    this.fresh = false;
    for (let tries = 0; tries < 60; tries++) {
      const error = this.attempt();
      if (error <= 1) return this.accept(error);
      this.length *= Number.isFinite(error) ? Math.max(SHRINK, SAFETY * error ** -0.2) : SHRINK;
    }
    throw new Error("a step found no length that meets the tolerance");
  }

  /** The state at a time between the start and the end of the last step, written to `out`. */
  at(time: number, out: Float64Array): void {
    const length = this.time - this.began;
    if (length === 0 || time >= this.time) return out.set(this.state);
    combine(out, this.start, this.rates, weights(Math.max(0, (time - this.began) / length)), length);
    this.tidy(out);
  }

  /** The first stages, the new state in `trial` with its rates, and the error in units of what is allowed. */
  private attempt(): number {
    const { state, trial, rates, length } = this;
    STAGES.forEach((row, k) => {
      combine(trial, state, rates, row, length);
      if (k === STAGES.length - 1) this.tidy(trial);
      this.field(trial, rates[k + 1]);
    });
    let largest = 0;
    const [k1, k2, k3, k4, k5, k6, k7] = rates;
    for (let c = 0; c < trial.length; c++) {
      const error = ERROR[0] * k1[c] + ERROR[1] * k2[c] + ERROR[2] * k3[c] + ERROR[3] * k4[c] + ERROR[4] * k5[c] + ERROR[5] * k6[c] + ERROR[6] * k7[c];
      const size = Math.abs(error);
      if (!(size <= largest)) largest = size;
    }
    return (largest * length) / this.local;
  }

  private accept(error: number): void {
    [this.start, this.state, this.trial] = [this.state, this.trial, this.start];
    this.began = this.time;
    this.time += this.length;
    this.steps++;
    const now = Math.max(error, 1e-6);
    this.length *= Math.min(GROW, Math.max(SHRINK, SAFETY * now ** -0.14 * this.before ** 0.08));
    this.before = now;
  }
}

/** out = start + length * (the sum of weighted rates). */
function combine(out: Float64Array, start: Float64Array, rates: Float64Array[], row: number[], length: number): void {
  const [k1, k2, k3, k4, k5, k6, k7] = rates;
  const [a, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = row;
  for (let at = 0; at < out.length; at++) {
    out[at] = start[at] + length * (a * k1[at] + b * k2[at] + c * k3[at] + d * k4[at] + e * k5[at] + f * k6[at] + g * k7[at]);
  }
}
