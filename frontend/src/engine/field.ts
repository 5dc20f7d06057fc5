import { decay, FARTHEST } from "./exponential";

export type Model = "sa" | "usa";

/** What moves the tokens: n tokens of R^d with masses of sum 1 (see `Model` of fathometer.attention for the equations). */
export interface Rules {
  n: number;
  d: number;
  masses: Float64Array;
  beta: number;
  model: Model;
  /** Token i sees the tokens j <= i only. */
  causal: boolean;
}

/** Working memory of a field, so that a step allocates nothing. */
export class Scratch {
  along: Float64Array;
  partition: Float64Array;
  unit: Float64Array;

  constructor(n: number, d: number) {
    this.along = new Float64Array(n);
    this.partition = new Float64Array(n);
    this.unit = new Float64Array(n * d);
  }
}

/**
 * Velocities at unit points, written to `out`; gives the unit energy sum_ij m_i m_j exp(beta (<x_i, x_j> - 1)).
 *
 * Forces are sums of w_ij ((x_j - x_i) + |x_i - x_j|^2 x_i / 2): a token adds nothing to its own force, and exponents
 * are never positive, whatever beta is.
 */
export function velocity(rules: Rules, points: Float64Array, out: Float64Array, { along, partition }: Scratch): number {
  const { n, d, masses, model } = rules;
  out.fill(0);
  along.fill(0);
  partition.set(masses);
  const pairs = d <= 3 ? pairsNear(rules, points, out, along, partition) : pairsAnywhere(rules, points, out, along, partition);
  for (let i = 0, at = 0; i < n; i++) {
    const share = model === "sa" ? 1 / partition[i] : 1;
    for (let c = 0; c < d; c++, at++) out[at] = (out[at] + along[i] * points[at]) * share;
  }
  return 2 * pairs + squares(masses);
}

function pairsAnywhere({ n, d, masses, beta, causal }: Rules, x: Float64Array, out: Float64Array, along: Float64Array, partition: Float64Array): number {
  let energy = 0;
  for (let i = 1; i < n; i++) {
    const a = i * d;
    for (let j = 0; j < i; j++) {
      const b = j * d;
      let gap = 0;
      for (let c = 0; c < d; c++) gap += (x[b + c] - x[a + c]) ** 2;
      gap /= 2;
      if (beta * gap > FARTHEST) continue;
      const kernel = decay(beta * gap);
      const onFirst = masses[j] * kernel;
      const onSecond = causal ? 0 : masses[i] * kernel;
      energy += masses[i] * onFirst;
      along[i] += onFirst * gap;
      along[j] += onSecond * gap;
      partition[i] += onFirst;
      partition[j] += onSecond;
      for (let c = 0; c < d; c++) {
        const pull = x[b + c] - x[a + c];
        out[a + c] += onFirst * pull;
        out[b + c] -= onSecond * pull;
      }
    }
  }
  return energy;
}

/** The same in two or three dimensions with the loops over coordinates written out: three times as quick. */
function pairsNear({ n, d, masses, beta, causal }: Rules, points: Float64Array, out: Float64Array, along: Float64Array, partition: Float64Array): number {
  const solid = d === 3;
  let energy = 0;
  for (let i = 1; i < n; i++) {
    const a = d * i;
    const x = points[a], y = points[a + 1], z = solid ? points[a + 2] : 0;
    const mass = masses[i];
    const mutual = causal ? 0 : mass;
    let fx = 0, fy = 0, fz = 0, own = 0, whole = 0;
    for (let j = 0, b = 0; j < i; j++, b += d) {
      const dx = points[b] - x, dy = points[b + 1] - y, dz = solid ? points[b + 2] - z : 0;
      const gap = (dx * dx + dy * dy + dz * dz) / 2;
      if (beta * gap > FARTHEST) continue;
      const kernel = decay(beta * gap);
      const first = masses[j] * kernel;
      const second = mutual * kernel;
      whole += first;
      own += first * gap;
      fx += first * dx;
      fy += first * dy;
      fz += first * dz;
      partition[j] += second;
      along[j] += second * gap;
      out[b] -= second * dx;
      out[b + 1] -= second * dy;
      if (solid) out[b + 2] -= second * dz;
    }
    energy += mass * whole;
    partition[i] += whole;
    along[i] += own;
    out[a] += fx;
    out[a + 1] += fy;
    if (solid) out[a + 2] += fz;
  }
  return energy;
}

/** Mean of <x_i, x_j> over pairs i != j, weighted by their masses; 1 for a single token. */
export function meanCosine({ n, d, masses }: Rules, points: Float64Array): number {
  let spread = 0;
  for (let c = 0; c < d; c++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += masses[i] * points[i * d + c];
    for (let i = 0; i < n; i++) spread += masses[i] * (points[i * d + c] - mean) ** 2;
  }
  return n > 1 ? 1 - spread / (1 - squares(masses)) : 1;
}

/** Divides every row by its norm. */
export function toSphere(points: Float64Array | Float32Array, d: number): void {
  for (let at = 0; at < points.length; at += d) {
    let square = 0;
    for (let c = 0; c < d; c++) square += points[at + c] ** 2;
    const scale = 1 / Math.sqrt(square);
    for (let c = 0; c < d; c++) points[at + c] *= scale;
  }
}

function squares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
