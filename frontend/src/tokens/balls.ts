import type { Balls } from "../drawing/sphere";
import type { Merger } from "./collapse";

/** Distance within which tokens are drawn as one ball. */
const ONE = 0.03;
const NAMED = 40;

/** A colour for every token from where it started, so that one sees who came from where. */
export function startColours(places: Float32Array): Float32Array {
  const hue = (value: number) => 0.42 + 0.36 * value;
  return places.map(hue);
}

/**
 * Balls at places: tokens that are together are as one, its volume that of all of them, with all their names. The two
 * sides of a chosen merger are marked, and all others faint.
 */
export function ballsAt(places: Float32Array, masses: ArrayLike<number>, colours: Float32Array, chosen: Merger | undefined, scale: number): Balls {
  const count = masses.length;
  const heads = headsOf(places, count);
  const weights = new Float64Array(count);
  const members: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < count; i++) {
    weights[heads[i]] += masses[i];
    members[heads[i]].push(i);
  }
  const size = scale * 17 * count ** -0.25;
  return {
    places,
    colours,
    radii: Float32Array.from(heads, (head, i) => size * Math.cbrt(count * (head === i ? weights[i] : masses[i]))),
    marks: Float32Array.from(heads, (_, i) => markOf(i, chosen)),
    names: count > NAMED ? undefined : members.map(nameOf),
  };
}

/** For every token the first one that is where it is. */
function headsOf(places: Float32Array, count: number): Uint32Array {
  const heads = new Uint32Array(count);
  const known: number[] = [];
  for (let i = 0; i < count; i++) {
    const head = known.find((k) => Math.abs(places[3 * k] - places[3 * i]) < ONE && Math.abs(places[3 * k + 1] - places[3 * i + 1]) < ONE && Math.abs(places[3 * k + 2] - places[3 * i + 2]) < ONE);
    heads[i] = head ?? i;
    if (head === undefined) known.push(i);
  }
  return heads;
}

function markOf(i: number, chosen: Merger | undefined): number {
  if (!chosen) return 0;
  return chosen.members[0].includes(i) ? 1 : chosen.members[1].includes(i) ? 2 : -1;
}

function nameOf(members: number[]): string {
  if (members.length > 8) return `${members.length} tokens`;
  return members.join(",");
}
