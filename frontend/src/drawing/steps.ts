import { digits, element } from "../ui/elements";

export interface Line {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  role: "measured" | "predicted";
}

/** A range of x that is shaded over a range of y. */
export interface Band {
  from: number;
  to: number;
  low: number;
  high: number;
}

export interface StepsData {
  low: number;
  high: number;
  lines: Line[];
  bands: Band[];
  marks: { x: number; y: number; strong: boolean }[];
  xLabel: string;
}

interface Options {
  label: string;
  yLabel: string;
  legend: { measured: string; predicted: string; band: string };
  /** A place (in units of x) that was clicked or dragged to. */
  at?: (x: number) => void;
}

const LEFT = 3.6;
const BOTTOM = 3.1;
const TOP = 2.9;

/** A staircase over a long axis: predicted dashed, measured solid, certain windows hatched, and a line for now. */
export class Steps {
  readonly root = element("div", { class: "steps" });
  private canvas = element("canvas", { role: "img" });
  private data: StepsData | undefined;
  private now: number | undefined;
  private asked = 0;
  private observer: ResizeObserver;

  constructor(private options: Options) {
    this.canvas.setAttribute("aria-label", options.label);
    this.root.append(this.canvas);
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.root);
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
  }

  show(data: StepsData): void {
    this.data = data;
    this.redraw();
  }

  cursor(x: number | undefined): void {
    this.now = x;
    this.redraw();
  }

  redraw(): void {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint());
  }

  end(): void {
    cancelAnimationFrame(this.asked);
    this.observer.disconnect();
  }

  private paint(): void {
    this.asked = 0;
    const { canvas, data } = this;
    if (!data || !this.root.isConnected) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const [across, down] = [Math.round(ratio * width), Math.round(ratio * height)];
    if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
    const context = canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    new Painter(context, getComputedStyle(this.root), width, height, data, this.options).paint(this.now);
  }

  private down(event: PointerEvent): void {
    if (!this.options.at || !this.data) return;
    const em = parseFloat(getComputedStyle(this.root).fontSize);
    const box = this.canvas.getBoundingClientRect();
    const tell = (x: number) => {
      const { low, high } = this.data!;
      const share = (x - box.left - LEFT * em) / (box.width - LEFT * em - 0.8 * em);
      this.options.at!(low + Math.min(1, Math.max(0, share)) * (high - low));
    };
    const move = (to: PointerEvent) => tell(to.clientX);
    const up = () => this.canvas.removeEventListener("pointermove", move);
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", up, { once: true });
    this.canvas.addEventListener("pointercancel", up, { once: true });
    tell(event.clientX);
  }
}

class Painter {
  private em: number;
  private ink: string;

  constructor(
    private context: CanvasRenderingContext2D,
    private style: CSSStyleDeclaration,
    private width: number,
    private height: number,
    private data: StepsData,
    private options: Options,
  ) {
    this.em = parseFloat(style.fontSize);
    this.ink = this.colour("--ink");
    context.font = `${0.85 * this.em}px system-ui, sans-serif`;
  }

  paint(now: number | undefined): void {
    const { context } = this;
    context.clearRect(0, 0, this.width, this.height);
    this.bands();
    this.axes();
    for (const line of this.data.lines) this.line(line);
    this.marks();
    if (now !== undefined) this.now(now);
    this.legend();
  }

  private colour(name: string): string {
    return this.style.getPropertyValue(name).trim() || "#111";
  }

  private x(value: number): number {
    const { low, high } = this.data;
    const [left, right] = [LEFT * this.em, this.width - 0.8 * this.em];
    return left + (Math.min(high, Math.max(low, value)) - low) * ((right - left) / (high - low || 1));
  }

  private y(value: number): number {
    const [top, bottom] = [TOP * this.em, this.height - BOTTOM * this.em];
    return bottom - value * (bottom - top) / 1.04;
  }

  private bands(): void {
    const { context } = this;
    for (const { from, to, low, high } of this.data.bands) {
      if (to <= this.data.low || from >= this.data.high) continue;
      this.hatched(this.x(from), this.y(high), this.x(to) - this.x(from), this.y(low) - this.y(high));
    }
    context.globalAlpha = 1;
  }

  /** A light ground with oblique lines, which a copy in black and white keeps. */
  private hatched(left: number, top: number, width: number, height: number): void {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.fillStyle = this.colour("--good");
    context.globalAlpha = 0.1;
    context.fillRect(left, top, width, height);
    context.globalAlpha = 0.45;
    context.strokeStyle = this.colour("--good");
    context.lineWidth = 1;
    context.beginPath();
    const first = Math.floor((left - height) / 7) * 7;
    for (let at = first; at < left + width; at += 7) {
      context.moveTo(at, top + height);
      context.lineTo(at + height, top);
    }
    context.stroke();
    context.restore();
  }

  private axes(): void {
    const { context, em } = this;
    context.strokeStyle = this.colour("--rule");
    context.fillStyle = this.ink;
    context.lineWidth = 1;
    context.textAlign = "center";
    for (const value of ticks(this.data.low, this.data.high, (this.width - LEFT * em) / (5 * em))) this.tick(this.x(value), value);
    context.textAlign = "right";
    for (const value of [0, 0.25, 0.5, 0.75, 1]) {
      this.stroke([[LEFT * em, this.y(value)], [this.width - 0.8 * em, this.y(value)]]);
      context.fillText(String(value), (LEFT - 0.4) * em, this.y(value) + 0.3 * em);
    }
    context.textAlign = "center";
    context.fillText(this.data.xLabel, (this.width + LEFT * em) / 2, this.height - 0.5 * em);
    context.save();
    context.translate(0.95 * em, (this.height - BOTTOM * em + TOP * em) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(this.options.yLabel, 0, 0);
    context.restore();
  }

  private tick(x: number, value: number): void {
    const { em } = this;
    const bottom = this.y(0);
    this.stroke([[x, bottom], [x, bottom + 0.35 * em]]);
    this.context.fillText(digits(value), x, bottom + 1.25 * em);
  }

  private line({ x, y, role }: Line): void {
    const { context } = this;
    context.save();
    context.strokeStyle = this.colour(`--${role}`);
    context.lineWidth = role === "measured" ? 2.2 : 2.6;
    context.setLineDash(role === "predicted" ? [7, 5] : []);
    context.beginPath();
    for (let k = 0; k < x.length; k++) {
      if (Number.isNaN(y[k])) continue;
      if (k === 0 || Number.isNaN(y[k - 1])) context.moveTo(this.x(x[k]), this.y(y[k]));
      else context.lineTo(this.x(x[k]), this.y(y[k]));
    }
    context.stroke();
    context.restore();
  }

  private marks(): void {
    const { context } = this;
    for (const { x, y, strong } of this.data.marks) {
      context.beginPath();
      context.arc(this.x(x), this.y(y), strong ? 7 : 4, 0, 2 * Math.PI);
      context.fillStyle = strong ? this.ink : this.colour("--paper");
      context.strokeStyle = strong ? this.ink : this.colour("--measured");
      context.lineWidth = 2;
      context.fill();
      context.stroke();
    }
  }

  private now(value: number): void {
    const { context } = this;
    context.strokeStyle = this.ink;
    context.lineWidth = 1.5;
    this.stroke([[this.x(value), TOP * this.em - 4], [this.x(value), this.y(0)]]);
    context.fillStyle = this.ink;
    context.beginPath();
    context.moveTo(this.x(value) - 5, TOP * this.em - 9);
    context.lineTo(this.x(value) + 5, TOP * this.em - 9);
    context.lineTo(this.x(value), TOP * this.em - 2);
    context.fill();
  }

  /** Names of what is drawn, above the axes. */
  private legend(): void {
    const { context, em, options } = this;
    context.textAlign = "left";
    let [x, y] = [LEFT * em, 0];
    const drawn = (role: string) => this.data.lines.some((line) => line.role === role);
    for (const role of ["measured", "predicted"] as const) {
      if (!drawn(role)) continue;
      const end = x + 2 * em;
      this.sample(role, x, end);
      context.fillText(options.legend[role], end + 0.4 * em, 0.95 * em);
      x = end + 1.4 * em + context.measureText(options.legend[role]).width;
    }
    if (!this.data.bands.length) return;
    const over = x + 2 * em + context.measureText(options.legend.band).width > this.width;
    [x, y] = over ? [LEFT * em, 1.3 * em] : [x, 0];
    this.hatched(x, y + 0.25 * em, 1.6 * em, 0.8 * em);
    context.fillStyle = this.ink;
    context.fillText(options.legend.band, x + 2 * em, y + 0.95 * em);
  }

  private sample(role: "measured" | "predicted", from: number, to: number): void {
    const { context, em } = this;
    context.save();
    context.strokeStyle = this.colour(`--${role}`);
    context.lineWidth = 2.4;
    context.setLineDash(role === "predicted" ? [7, 5] : []);
    this.stroke([[from, 0.65 * em], [to, 0.65 * em]]);
    context.restore();
    context.fillStyle = this.ink;
  }

  private stroke(points: [number, number][]): void {
    const { context } = this;
    context.beginPath();
    points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }
}

/** Round numbers in a range, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? power;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
