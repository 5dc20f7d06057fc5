import { normals } from "../engine/noise";
import type { Kind, Place } from "../drawing/sphere";
import type { Answer } from "../model/questions";

/** Tokens at time 0, and the rows of `axes` along which they are drawn. */
export interface Cloud {
  n: number;
  d: number;
  points: Float64Array;
  masses: Float64Array;
  axes: Float64Array;
}

export function cloudOf({ document, arrays }: Answer): Cloud {
  const [points, masses, axes] = [arrays.points, arrays.masses, arrays.axes].map(({ values }) => Float64Array.from(values));
  return { n: document.n, d: document.d, points, masses, axes };
}

/** Uniform points of a seed, for where no server answers: another generator than that of the Python engine. */
export function drawnHere(n: number, d: number, seed: number, equal: boolean): Cloud {
  const normal = normals(seed);
  const points = Float64Array.from({ length: n * d }, normal);
  for (let i = 0; i < n; i++) scale(points.subarray(i * d, (i + 1) * d));
  const weights = Float64Array.from({ length: n }, () => (equal ? 1 : 0.25 + 0.75 / (1 + Math.exp(-1.7 * normal()))));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { n, d, points, masses: weights.map((weight) => weight / sum), axes: principalAxes(points, d) };
}

export function kindOf(d: number): Kind {
  return d === 2 ? "circle" : d === 3 ? "sphere" : "axes";
}

/** Places in the picture, three numbers a point. */
export function places({ d, axes }: Cloud, points: ArrayLike<number>): Float32Array {
  const count = points.length / d;
  const out = new Float32Array(3 * count);
  const rows = axes.length / d;
  for (let i = 0; i < count; i++)
    for (let c = 0; c < rows; c++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += axes[c * d + k] * points[i * d + k];
      out[3 * i + c] = sum;
    }
  return out;
}

/** The same cloud with one point where it is seen at `place`; what is not seen of it keeps its direction. */
export function moved(cloud: Cloud, index: number, place: Place): Cloud {
  const points = cloud.points.slice();
  points.set(lifted(cloud, points.subarray(index * cloud.d, (index + 1) * cloud.d), place), index * cloud.d);
  return { ...cloud, points };
}

/** The unit vector that is seen at `place`, as near as possible to a given one. */
export function lifted({ d, axes }: Cloud, point: Float64Array, place: Place): Float64Array {
  const rows = axes.length / d;
  const seen = new Float64Array(d);
  const hidden = point.slice();
  for (let c = 0; c < rows; c++) {
    const row = axes.subarray(c * d, (c + 1) * d);
    const along = row.reduce((sum, value, k) => sum + value * point[k], 0);
    for (let k = 0; k < d; k++) [seen[k], hidden[k]] = [seen[k] + place[c] * row[k], hidden[k] - along * row[k]];
  }
  const left = Math.sqrt(Math.max(0, 1 - norm(seen) ** 2));
  const size = norm(hidden);
  if (d > 3 && size > 1e-9) for (let k = 0; k < d; k++) seen[k] += (left / size) * hidden[k];
  return scale(seen);
}

/** The coordinates up to three dimensions, else the first three principal axes, by orthogonal iteration. */
export function principalAxes(points: Float64Array, d: number): Float64Array {
  if (d <= 3) return Float64Array.from({ length: d * d }, (_, k) => (k % (d + 1) ? 0 : 1));
  const normal = normals(1);
  const rows = Array.from({ length: 3 }, () => Float64Array.from({ length: d }, normal));
  for (let turn = 0; turn < 300; turn++) {
    for (const row of rows) row.set(spread(points, d, row));
    orthonormalise(rows);
  }
  return Float64Array.from(rows.flatMap((row) => [...row].map((value) => value * Math.sign(largest(row)))));
}

function spread(points: Float64Array, d: number, row: Float64Array): Float64Array {
  const out = new Float64Array(d);
  for (let at = 0; at < points.length; at += d) {
    let along = 0;
    for (let k = 0; k < d; k++) along += points[at + k] * row[k];
    for (let k = 0; k < d; k++) out[k] += along * points[at + k];
  }
  return out;
}

function orthonormalise(rows: Float64Array[]): void {
  rows.forEach((row, c) => {
    for (const before of rows.slice(0, c)) {
      const along = row.reduce((sum, value, k) => sum + value * before[k], 0);
      for (let k = 0; k < row.length; k++) row[k] -= along * before[k];
    }
    scale(row);
  });
}

function largest(row: Float64Array): number {
  return row.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
}

function norm(row: Float64Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}

function scale(row: Float64Array): Float64Array {
  const size = norm(row) || 1;
  for (let k = 0; k < row.length; k++) row[k] /= size;
  return row;
}
