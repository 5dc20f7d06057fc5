import { meanCosine, Scratch, toSphere, velocity, type Model, type Rules } from "./field";
import { Heun, normals } from "./noise";
import { Tsit5 } from "./tsit5";

export type { Model } from "./field";

/** Tokens at time 0 and what moves them. */
export interface Start {
  /** n rows of d coordinates, nonzero; they are divided by their norms. */
  points: ArrayLike<number>;
  n: number;
  d: number;
  beta: number;
  model: Model;
  /** Positive; divided by their sum. Equal if left out. */
  masses?: ArrayLike<number>;
  causal?: boolean;
  /** 1/kappa: the tokens have Brownian motions sqrt(2 noise) W besides. None if 0 or left out. */
  noise?: number;
  seed?: number;
  /** Error of a step in units of the square of the interaction range 1/max(1, beta). */
  tolerance?: number;
}

export interface Measured {
  time: number;
  /** sum_ij m_i m_j exp(beta (<x_i, x_j> - 1)), in (0, 1]. */
  energy: number;
  cosine: number;
}

const TOLERANCE = 1e-6;
const LONGEST = 0.01;

/**
 * The self-attention flow of tokens on the sphere of R^d, in float64: SA or USA, equal or unequal masses, causal mask,
 * noise. Without noise steps are those of an adaptive Runge-Kutta method, with it short equal ones of Heun's method.
 */
export class Particles {
  readonly n: number;
  readonly d: number;
  private rules: Rules;
  private noise: number;
  private tolerance: number;
  private normal: () => number;
  private scratch: Scratch;
  private solver: Tsit5;
  private heun: Heun | undefined;
  private out: Float64Array;
  private rates: Float64Array;
  /** Energy where the field was evaluated last; that is the end of a step of the Runge-Kutta method. */
  private evaluated = 0;
  private ended = 0;

  constructor(start: Start) {
    const { n, d, beta, model } = start;
    [this.n, this.d] = [n, d];
    this.rules = { n, d, beta, model, causal: start.causal ?? false, masses: shares(n, start.masses) };
    this.noise = start.noise ?? 0;
    this.tolerance = start.tolerance ?? TOLERANCE;
    this.normal = normals(start.seed ?? 0);
    this.scratch = new Scratch(n, d);
    [this.out, this.rates] = [new Float64Array(n * d), new Float64Array(n * d)];
    const points = Float64Array.from(start.points);
    if (points.length !== n * d) throw new Error(`points must have ${n} rows of ${d} numbers, got ${points.length} numbers`);
    toSphere(points, d);
    this.solver = new Tsit5(points, 0, this.field, (state) => toSphere(state, d), this.local());
    this.useNoise();
  }

  /** Time that was reached. */
  get time(): number {
    return this.heun?.time ?? this.solver.time;
  }

  get points(): Float64Array {
    return this.heun?.state ?? this.solver.state;
  }

  get steps(): number {
    return this.solver.steps + (this.heun?.steps ?? 0);
  }

  /** One step: with noise not beyond a time, without wherever it ends. */
  step(until = Infinity): void {
    if (this.heun) return this.heun.step(Math.min(LONGEST, 0.1 / (this.noise * (this.d - 1)), until - this.time));
    this.solver.step();
    this.ended = this.evaluated;
  }

  /** Steps until the time is reached; an adaptive step may end beyond it (see `at`). */
  advance(time: number): void {
    while (this.time < time) this.step(time);
  }

  /** The points at a time of the last step, which is valid until the next call. With noise: those that are reached. */
  at(time: number): Float64Array {
    if (this.heun) return this.heun.state;
    this.solver.at(time, this.out);
    return this.out;
  }

  /** Goes back to a time of the last step: what is changed next is changed there. */
  settle(time: number): void {
    if (this.heun || time >= this.solver.time) return;
    this.solver.state.set(this.at(time));
    this.restart(time);
  }

  /** Changes what moves the tokens from now on. */
  set(change: Partial<Pick<Start, "beta" | "model" | "causal" | "noise" | "masses" | "tolerance">>): void {
    const { beta = this.rules.beta, model = this.rules.model, causal = this.rules.causal } = change;
    const masses = change.masses ? shares(this.n, change.masses) : this.rules.masses;
    this.rules = { ...this.rules, beta, model, causal, masses };
    this.noise = change.noise ?? this.noise;
    this.tolerance = change.tolerance ?? this.tolerance;
    this.solver.local = this.local();
    this.leaveNoise();
    this.restart();
    this.useNoise();
  }

  /** Puts one token elsewhere. */
  move(index: number, point: ArrayLike<number>): void {
    const row = Float64Array.from(point);
    toSphere(row, this.d);
    this.points.set(row, index * this.d);
    if (!this.heun) this.restart();
  }

  /** What is seen at a time of the last step; the points are valid until the next call. */
  observe(time = this.time): Measured & { points: Float64Array } {
    const end = this.heun || time >= this.time;
    const points = end ? this.points : this.at(time);
    const energy = (end && this.ended) || velocity(this.rules, points, this.rates, this.scratch);
    return { time: end ? this.time : time, energy, cosine: meanCosine(this.rules, points), points };
  }

  /** Velocities of the tokens, row by row. */
  velocity(): Float64Array {
    const out = new Float64Array(this.n * this.d);
    velocity(this.rules, this.points, out, this.scratch);
    return out;
  }

  private field = (state: Float64Array, out: Float64Array): void => {
    const { unit } = this.scratch;
    unit.set(state);
    toSphere(unit, this.d);
    this.evaluated = velocity(this.rules, unit, out, this.scratch);
  };

  private restart(time = this.solver.time): void {
    this.ended = 0;
    this.solver.restart(time);
  }

  private local(): number {
    return Math.max(this.tolerance / Math.max(1, this.rules.beta), 1e-14);
  }

  private useNoise(): void {
    if (this.noise > 0) this.heun = new Heun(this.solver.time, this.solver.state, this.d, this.field, (state) => toSphere(state, this.d), this.noise, this.normal);
  }

  private leaveNoise(): void {
    if (this.heun) this.solver.time = this.heun.time;
    if (this.heun) this.solver.steps += this.heun.steps;
    this.heun = undefined;
  }
}

function shares(n: number, masses?: ArrayLike<number>): Float64Array {
  const given = masses ? Float64Array.from(masses) : new Float64Array(n).fill(1);
  if (given.length !== n) throw new Error(`masses must have one entry for each of ${n} points, got ${given.length}`);
  const sum = given.reduce((total, mass) => total + mass, 0);
  return given.map((mass) => mass / sum);
}
