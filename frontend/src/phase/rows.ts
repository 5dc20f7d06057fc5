import { Flow } from "../engine/flow";
import { toSphere, type Model } from "../engine/field";
import { normals } from "../engine/noise";

/** Which cloud of the seed. */
export interface Size {
  n: number;
  d: number;
  seed: number;
  masses: string;
}

/** A cloud, row by row, its masses, and the orthonormal rows on which it is drawn. */
export interface Cloud {
  n: number;
  d: number;
  points: number[];
  masses: number[];
  axes: ArrayLike<number>;
}

/** Uniform points of equal mass by another generator than that of the Python engine, on the first three coordinates. */
export function drawnHere({ n, d, seed }: Size): Cloud {
  const normal = normals(seed);
  const points = Float64Array.from({ length: n * d }, normal);
  toSphere(points, d);
  const shown = Math.min(3, d);
  return { n, d, points: Array.from(points), masses: new Array(n).fill(1), axes: Array.from({ length: shown * d }, (_, k) => (k % (d + 1) ? 0 : 1)) };
}

/** One system over time: mean cosines, and its points in three coordinates. */
export interface Row {
  cosines: ArrayLike<number>;
  drawn: Float32Array;
}

const WORKERS = 2;
const TOGETHER = 1 - 1e-10;

/** Fills the rows of the diagram, from the lowest beta upwards, in two workers. */
export class Rows {
  private flows: Flow[];
  private turn = 0;

  constructor(
    private came: (k: number, row: Row) => void,
    fail: (message: string) => void,
  ) {
    this.flows = Array.from({ length: WORKERS }, () => new Flow(() => {}, fail));
  }

  /** Resolves to whether all rows are there: false if something else was asked meanwhile. */
  async fill(cloud: Cloud, model: Model, betas: number[], times: number[]): Promise<boolean> {
    const mine = ++this.turn;
    const seen = inSpan(cloud);
    let next = 0;
    const work = async (flow: Flow) => {
      while (mine === this.turn && next < betas.length) {
        const k = next++;
        flow.send({ kind: "start", points: seen.points, n: seen.n, d: seen.d, masses: seen.masses, beta: betas[k], model });
        const recorded = await flow.record(times, { enough: TOGETHER });
        if (!recorded || mine !== this.turn) return;
        this.came(k, { cosines: recorded.cosines, drawn: drawn(recorded.points, seen) });
      }
    };
    await Promise.all(this.flows.map(work));
    return mine === this.turn;
  }

  end(): void {
    this.turn++;
    for (const flow of this.flows) flow.end();
  }
}

/** The cloud in coordinates of its span, which the tokens never leave, where they are fewer than the dimensions. */
export function inSpan(cloud: Cloud): Cloud {
  const { n, d, points, masses, axes } = cloud;
  if (d <= n) return cloud;
  const basis: number[][] = [];
  for (let i = 0; i < n; i++) {
    const rest = points.slice(i * d, (i + 1) * d);
    for (let again = 0; again < 2; again++) for (const e of basis) subtract(rest, e);
    const size = Math.sqrt(dot(rest, rest));
    if (size > 1e-10) basis.push(rest.map((value) => value / size));
  }
  const k = Math.max(2, basis.length);
  while (basis.length < k) basis.push(new Array(d).fill(0));
  return { n, d: k, masses, points: coordinates(points, n, d, basis), axes: coordinates(Array.from(axes), axes.length / d, d, basis) };
}

function coordinates(rows: number[], count: number, d: number, basis: number[][]): number[] {
  return Array.from({ length: count }, (_, i) => basis.map((e) => dot(rows.slice(i * d, (i + 1) * d), e))).flat();
}

function subtract(row: number[], e: number[]): void {
  const along = dot(row, e);
  for (let c = 0; c < row.length; c++) row[c] -= along * e[c];
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, c) => sum + value * b[c], 0);
}

/** Points of all times in the three coordinates in which they are drawn. */
function drawn(points: Float32Array, { d, axes }: Cloud): Float32Array {
  const [count, shown] = [points.length / d, axes.length / d];
  const out = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < shown; a++) {
      let along = 0;
      for (let c = 0; c < d; c++) along += points[i * d + c] * axes[a * d + c];
      out[3 * i + a] = along;
    }
  }
  return out;
}
