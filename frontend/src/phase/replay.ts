import { LineChart } from "../drawing/chart";
import { digits, element } from "../ui/elements";
import { Globe } from "./globe";
import type { Row } from "./rows";

const SECONDS = 2;

/** Predicted cosines over time. */
export interface Course {
  label: string;
  times: number[];
  cosines: number[];
}

/**
 * One system of the diagram once more: from time 0 to the time that is pointed at, on the sphere and as a curve beside
 * the closed form.
 */
export class Replay {
  readonly panel = element("div", { class: "panel replay" });
  private title = element("h3", {}, "One system");
  private line = element("p", { class: "unit" }, "point at the diagram, or give it the focus and use the arrow keys");
  private sphere = element("div", { class: "measurement" });
  private curve = element("div", { class: "measurement" });
  private globe = new Globe(this.sphere);
  private chart = new LineChart(this.curve, { xLabel: "time t", yLabel: "mean cosine", xLog: true, height: 230 });
  private times: number[] = [];
  private row: Row | undefined;
  private end = 0;
  private at = 0;
  private asked = 0;
  private before = 0;
  private called = "";

  constructor() {
    this.panel.append(this.title, this.line, this.sphere, this.curve);
  }

  /** Begins anew where the system is another one, and goes on to `column` where it is the same. */
  show(name: string, times: number[], row: Row, column: number, course: Course | undefined): void {
    if (name !== this.called || row !== this.row) this.at = 0;
    [this.called, this.times, this.row, this.end] = [name, times, row, column];
    this.title.textContent = name;
    this.predict(course);
    if (this.at > column) this.at = column;
    this.ask();
  }

  /** The closed form that is drawn beside the system. */
  predict(course: Course | undefined): void {
    if (!this.row) return;
    const expected = this.times.map((time) => (course ? between(time, course) : null));
    this.chart.show({
      x: this.times,
      series: [
        { label: "measured", role: "measured", values: Array.from(this.row.cosines) },
        ...(course ? [{ label: course.label, role: "predicted" as const, values: expected }] : []),
      ],
    });
  }

  close(): void {
    cancelAnimationFrame(this.asked);
    this.globe.end();
    this.chart.end();
  }

  private ask(): void {
    this.before = performance.now();
    this.asked ||= requestAnimationFrame(() => this.step());
  }

  private step(): void {
    this.asked = 0;
    const now = performance.now();
    const share = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : (now - this.before) / 1000 / SECONDS;
    this.before = now;
    this.at = Math.min(this.end, this.at + share * (this.times.length - 1));
    this.paint(Math.round(this.at));
    if (this.at < this.end) this.asked = requestAnimationFrame(() => this.step());
  }

  private paint(column: number): void {
    if (!this.row) return;
    const { drawn, cosines } = this.row;
    const size = drawn.length / this.times.length;
    this.globe.show(drawn.subarray(column * size, (column + 1) * size));
    this.line.textContent = `t = ${digits(this.times[column], 3)}, mean cosine ${digits(cosines[column])}`;
    this.chart.cursor(this.times[column]);
  }
}

/** Cosine of the closed form at a time, between two of its points on the scale of log times; 1 beyond the last one. */
function between(time: number, { times, cosines }: Course): number {
  const k = times.findIndex((later) => later >= time);
  if (k <= 0) return k < 0 ? 1 : (cosines[0] * time) / times[0];
  const share = Math.log(time / times[k - 1]) / Math.log(times[k] / times[k - 1]);
  return cosines[k - 1] + share * (cosines[k] - cosines[k - 1]);
}
