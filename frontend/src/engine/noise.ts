/** Independent standard normal numbers from a seed (xoshiro128** and the polar method). */
export function normals(seed: number): () => number {
  const state = new Uint32Array(4);
  let mix = seed >>> 0;
  for (let k = 0; k < 4; k++) state[k] = mixed((mix += 0x9e3779b9));
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const u = 2 * uniform(state) - 1, v = 2 * uniform(state) - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * scale;
      return u * scale;
    }
  };
}

function mixed(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function uniform(s: Uint32Array): number {
  const times = Math.imul(s[1], 5);
  const result = Math.imul((times << 7) | (times >>> 25), 9) >>> 0;
  const shifted = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = (s[3] << 11) | (s[3] >>> 21);
  return result / 2 ** 32;
}

/**
 * Steps of Heun's method for dx = f(x) dt + sqrt(2 noise) P_x dW in the sense of Stratonovich, which is Brownian motion
 * on the sphere beside the drift, as in `simulate_noisy`.
 */
export class Heun {
  steps = 0;
  private increments: Float64Array;
  private first: Float64Array;
  private second: Float64Array;
  private ahead: Float64Array;

  constructor(
    public time: number,
    public state: Float64Array,
    private d: number,
    private field: (state: Float64Array, out: Float64Array) => void,
    private tidy: (state: Float64Array) => void,
    private noise: number,
    private normal: () => number,
  ) {
    [this.increments, this.first, this.second, this.ahead] = [0, 0, 0, 0].map(() => new Float64Array(state.length));
  }

  step(length: number): void {
    const size = Math.sqrt(2 * this.noise * length);
    for (let at = 0; at < this.increments.length; at++) this.increments[at] = size * this.normal();
    this.push(this.state, this.first, length);
    for (let at = 0; at < this.ahead.length; at++) this.ahead[at] = this.state[at] + this.first[at];
    this.tidy(this.ahead);
    this.push(this.ahead, this.second, length);
    for (let at = 0; at < this.state.length; at++) this.state[at] += (this.first[at] + this.second[at]) / 2;
    this.tidy(this.state);
    this.time += length;
    this.steps++;
  }

  /** Drift and tangent noise of one step. */
  private push(points: Float64Array, out: Float64Array, length: number): void {
    const { d, increments } = this;
    this.field(points, out);
    for (let at = 0; at < points.length; at += d) {
      let along = 0;
      for (let c = 0; c < d; c++) along += points[at + c] * increments[at + c];
      for (let c = 0; c < d; c++) out[at + c] = length * out[at + c] + increments[at + c] - along * points[at + c];
    }
  }
}
