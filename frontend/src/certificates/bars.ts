import { digits } from "../ui/elements";

const SVG = "http://www.w3.org/2000/svg";
const ROW = 44;
const TOP = 26;
const BOTTOM = 38;
/** Where the axis may end: the smallest that holds all bars and the majority line. */
const REACHES = [0.13, 0.27, 0.54, 1.08];

/** One bar: parts that are stacked, what is written above it and after it. */
export interface Bar {
  name: string;
  note: string;
  parts: { kind: "empirical" | "confidence" | "complexity" | "rest"; size: number }[];
  value: number | null;
  status: string;
  measured?: { value: number; lower: number; upper: number } | null;
}

/** Stacked bars of bounds over the axis of risks, with the majority line, which can be dragged. */
export class Bars {
  readonly root = make("svg", { class: "bars", role: "img" });
  private width = 600;
  private bars: Bar[] = [];
  private majority: number | undefined;
  private observer: ResizeObserver;
  private dragging = false;
  private reach = 1.08;

  constructor(
    private label: string,
    private moved?: (majority: number) => void,
    private chosen?: (name: string) => void,
  ) {
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.root);
    this.root.addEventListener("pointerdown", (event) => this.down(event));
    this.root.addEventListener("pointermove", (event) => this.dragging && this.to(event));
    this.root.addEventListener("click", (event) => this.clicked(event));
    for (const end of ["pointerup", "pointercancel"]) this.root.addEventListener(end, () => this.dropped());
  }

  show(bars: Bar[], majority: number | undefined): void {
    [this.bars, this.majority] = [bars, majority];
    this.draw();
  }

  end(): void {
    this.observer.disconnect();
  }

  private draw(): void {
    this.width = Math.max(260, this.root.clientWidth);
    const largest = Math.max(this.majority ?? 0, ...this.bars.map(({ value, parts }) => value ?? parts.reduce((sum, { size }) => sum + size, 0)));
    if (!this.dragging) this.reach = REACHES.find((reach) => reach > 1.12 * largest) ?? REACHES.at(-1)!;
    const high = TOP + ROW * this.bars.length + BOTTOM;
    this.root.setAttribute("viewBox", `0 0 ${this.width} ${high}`);
    this.root.setAttribute("height", String(high));
    const told = this.bars.map(({ name, value, status }) => `${name} ${value === null ? "diverges" : digits(value)} ${status}`);
    this.root.setAttribute("aria-label", `${this.label}: ${told.join("; ")}`);
    this.root.replaceChildren(patterns(), ...this.axis(high), ...this.majorityLine(high), ...this.bars.flatMap((bar, k) => this.bar(bar, TOP + ROW * k)), ...this.grip(high));
  }

  /** Size of the letters, in pixels: larger in projector mode. */
  private letters(): number {
    return parseFloat(getComputedStyle(this.root.querySelector("text") ?? this.root).fontSize);
  }

  private x(risk: number): number {
    return 4 + ((this.width - 12) * Math.min(risk, this.reach)) / this.reach;
  }

  private axis(high: number): SVGElement[] {
    const base = high - BOTTOM;
    const step = { 0.13: 0.025, 0.27: 0.05, 0.54: 0.1, 1.08: 0.2 }[this.reach]! * (this.width < 420 ? 2 : 1);
    const ticks = Array.from({ length: Math.floor(this.reach / step + 1e-9) + 1 }, (_, k) => Number((k * step).toPrecision(6)));
    const lines: SVGElement[] = ticks.flatMap((risk) => [
      make("line", { x1: this.x(risk), x2: this.x(risk), y1: TOP - 6, y2: base, class: "grid" }),
      text(this.x(risk), base + 14, String(risk), "tick"),
    ]);
    if (this.reach > 1) lines.push(make("line", { x1: this.x(1), x2: this.x(1), y1: TOP - 6, y2: base, class: "one" }));
    return [...lines, text(this.width / 2, base + 31, "upper bound on the risk (share of errors)", "tick")];
  }

  private bar(bar: Bar, y: number): SVGElement[] {
    const group = make("g", { class: `bar-row ${bar.status}`, "data-bound": bar.name });
    group.append(text(4, y + 11, bar.name, "bar-name"), text(4 + 0.64 * this.letters() * bar.name.length + 12, y + 11, this.width < 460 ? bar.note.split(":")[0] : bar.note, "bar-note"));
    let from = 0;
    for (const { kind, size } of bar.parts) {
      const [left, right] = [this.x(from), this.x(from + size)];
      group.append(make("rect", { x: left, y: y + 16, width: Math.max(0, right - left), height: 17, class: `part ${kind}` }));
      from += size;
    }
    const value = bar.value === null ? "diverges" : digits(bar.value, 3);
    const full = this.x(from) > this.width - 60;
    group.append(text(full ? this.width - 12 : this.x(from) + 5, y + 30, value, full ? "bar-value inside" : "bar-value"));
    if (bar.measured) group.append(...this.interval(bar.measured, y + 37));
    return [group];
  }

  private interval({ value, lower, upper }: { value: number; lower: number; upper: number }, y: number): SVGElement[] {
    return [make("line", { x1: this.x(lower), x2: this.x(upper), y1: y, y2: y, class: "measured-line" }), make("circle", { cx: this.x(value), cy: y, r: 3.5, class: "measured-mark" })];
  }

  private majorityLine(high: number): SVGElement[] {
    if (this.majority === undefined) return [];
    const x = this.x(this.majority);
    const line = make("line", { x1: x, x2: x, y1: 16, y2: high - BOTTOM, class: "majority" });
    const left = x > this.width - 120;
    const name = text(left ? x - 5 : x + 5, 13, `majority ${digits(this.majority, 3)}`, left ? "majority-name end" : "majority-name");
    return [line, name];
  }

  /** What is dragged: wider than the line. */
  private grip(high: number): SVGElement[] {
    if (this.majority === undefined || !this.moved) return [];
    return [make("rect", { x: this.x(this.majority) - 8, y: 0, width: 16, height: high - BOTTOM, class: "grip" })];
  }

  private down(event: PointerEvent): void {
    if (!this.moved || !(event.target as Element).classList.contains("grip")) return;
    this.dragging = true;
    this.root.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  private dropped(): void {
    if (!this.dragging) return;
    this.dragging = false;
    this.draw();
  }

  /** The bar at that height: bars are drawn anew with every answer, so that a click may end on another element. */
  private clicked(event: MouseEvent): void {
    if ((event.target as Element).classList.contains("grip")) return;
    const bar = this.bars[Math.floor((event.clientY - this.root.getBoundingClientRect().top - TOP) / ROW)];
    if (bar) this.chosen?.(bar.name);
  }

  private to(event: PointerEvent): void {
    const box = this.root.getBoundingClientRect();
    const at = ((event.clientX - box.left) * this.width) / box.width;
    const risk = ((at - 4) * this.reach) / (this.width - 12);
    this.moved!(Math.min(1, Math.max(0, Math.round(risk * 200) / 200)));
  }
}

/** Hatching tells the parts apart without colour. */
function patterns(): SVGElement {
  const hatch = make("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  hatch.append(make("rect", { width: 6, height: 6, class: "hatch-ground" }), make("line", { x1: 1.5, x2: 1.5, y1: 0, y2: 6, class: "hatch-line" }));
  const definitions = make("defs", {});
  definitions.append(hatch);
  return definitions;
}

function text(x: number, y: number, words: string, kind: string): SVGTextElement {
  const made = make("text", { x, y, class: kind });
  made.textContent = words;
  return made;
}

function make<Tag extends keyof SVGElementTagNameMap>(tag: Tag, attributes: Record<string, string | number>): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
