const STEPS = 72;

/** Meridians and parallels every 30 degrees as pairs of ends of short lines, four numbers an end: place and strength. */
export function graticule(): Float32Array {
  const rows: number[] = [];
  for (let k = 0; k < 6; k++) circle(rows, (t) => [Math.sin(t) * Math.cos((k * Math.PI) / 6), Math.cos(t), Math.sin(t) * Math.sin((k * Math.PI) / 6)], 0.3);
  for (let k = -2; k <= 2; k++) {
    const [height, width] = [Math.sin((k * Math.PI) / 6), Math.cos((k * Math.PI) / 6)];
    circle(rows, (t) => [width * Math.cos(t), height, width * Math.sin(t)], k === 0 ? 0.55 : 0.3);
  }
  return Float32Array.from(rows);
}

/** The circle itself, and a mark every 30 degrees. */
export function dial(): Float32Array {
  const rows: number[] = [];
  circle(rows, (t) => [Math.cos(t), Math.sin(t), 0], 0.9);
  for (let k = 0; k < 12; k++) {
    const [x, y] = [Math.cos((k * Math.PI) / 6), Math.sin((k * Math.PI) / 6)];
    rows.push(0.95 * x, 0.95 * y, 0, 0.8, 1.05 * x, 1.05 * y, 0, 0.8);
  }
  return Float32Array.from(rows);
}

/** Three axes through the centre, for points that are projections from more dimensions. */
export function axes(): Float32Array {
  const rows: number[] = [];
  for (let c = 0; c < 3; c++) for (const sign of [-1, 1]) rows.push(...[0, 1, 2].map((k) => (k === c ? sign : 0)), 0.6);
  return Float32Array.from(rows);
}

/**
 * Short lines as strips of two triangles, whose sides the shader moves apart: place, other end, side (twice
 * at the second end) and strength.
 */
export function strips(ends: Float32Array): Float32Array {
  const rows = new Float32Array(ends.length * 6);
  let at = 0;
  for (let k = 0; k < ends.length; k += 8)
    for (const [end, side] of CORNERS) {
      rows.set(ends.subarray(k + 4 * end, k + 4 * end + 3), at);
      rows.set(ends.subarray(k + 4 - 4 * end, k + 7 - 4 * end), at + 3);
      rows.set([(1 + end) * side, ends[k + 4 * end + 3]], at + 6);
      at += 8;
    }
  return rows;
}

/** Which end, and which side of the way from the first to the second. */
const CORNERS = [[0, 1], [0, -1], [1, 1], [1, 1], [0, -1], [1, -1]];

function circle(rows: number[], at: (t: number) => number[], strength: number): void {
  for (let k = 0; k < STEPS; k++) for (const end of [k, k + 1]) rows.push(...at((2 * Math.PI * end) / STEPS), strength);
}
