import { Flow, type Frame } from "../engine/flow";
import type { StepsData } from "../drawing/steps";
import type { Table } from "../ui/elements";
import type { Cloud } from "./cloud";

export interface Rules {
  beta: number;
  model: "sa" | "usa";
  causal: boolean;
  noise: number;
  seed: number;
}

/** Values of the energy that are kept; rows and columns of the table. */
const KEPT = 1500;
const ROWS = 60;
const COLUMNS = 8;

/** The simulation in the worker, and the energy that it has passed through. */
export class Live {
  running = false;
  time = 0;
  energy = 1;
  points: Float32Array = new Float32Array(0);
  private flow: Flow | undefined;
  private times: number[] = [];
  private energies: number[] = [];

  constructor(
    private changed: () => void,
    private fail: (message: string) => void,
  ) {}

  start(cloud: Cloud, rules: Rules): void {
    this.flow ??= new Flow((frame) => this.take(frame), this.fail);
    [this.times, this.energies, this.time] = [[], [], 0];
    this.points = Float32Array.from(cloud.points);
    const { n, d, points, masses } = cloud;
    this.flow.send({ kind: "start", n, d, points, masses, ...rules });
  }

  set(rules: Partial<Rules>): void {
    this.flow?.send({ kind: "set", ...rules });
  }

  run(rate: number): void {
    this.running = true;
    this.flow?.send({ kind: "run", rate });
  }

  pause(): void {
    this.running = false;
    this.flow?.send({ kind: "pause" });
  }

  move(index: number, point: Float64Array): void {
    this.flow?.send({ kind: "move", index, point: [...point] });
  }

  end(): void {
    this.flow?.end();
    this.flow = undefined;
  }

  chart(): StepsData {
    const high = Math.max(1, this.time);
    return { low: 0, high, bands: [], marks: [], lines: [{ x: this.times, y: this.energies, role: "measured" }], xLabel: "time" };
  }

  /** Where the tokens are: the first rows and columns. */
  table({ n, d, masses }: Cloud): Table {
    const columns = Math.min(d, COLUMNS);
    return {
      columns: ["time", "token", "mass", ...Array.from({ length: columns }, (_, k) => `x${k + 1}`)],
      rows: Array.from({ length: Math.min(n, ROWS) }, (_, i) => [this.time, i, masses[i], ...this.points.subarray(i * d, i * d + columns)]),
    };
  }

  private take(frame: Frame): void {
    [this.time, this.energy, this.points] = [frame.time, frame.energy, frame.points];
    this.keep(frame);
    this.changed();
  }

  /** The course of the energy; when it gets long, every second value goes. */
  private keep({ time, energy }: Frame): void {
    if (time > (this.times[this.times.length - 1] ?? -1)) {
      this.times.push(time);
      this.energies.push(energy);
    } else this.energies[this.energies.length - 1] = energy;
    if (this.times.length <= KEPT) return;
    const half = <T>(values: T[]) => values.filter((_, k) => k % 2 === 0);
    [this.times, this.energies] = [half(this.times), half(this.energies)];
  }
}
