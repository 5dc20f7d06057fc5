import { digits, element } from "../ui/elements";

/** Values over a grid with logarithmic axes; rows that are not there yet are left open. */
export interface HeatData {
  x: number[];
  y: number[];
  rows: (ArrayLike<number> | undefined)[];
}

export interface HeatLine {
  label: string;
  role: "predicted" | "measured" | "certified";
  points: [number, number][];
  /** On which side of the line its label stands. */
  side?: "above" | "below";
  /** At which end of the line; the right one if left out. */
  from?: "left" | "right";
}

/** A cell by its numbers along both axes. */
export interface Cell {
  column: number;
  row: number;
}

interface Options {
  label: string;
  xLabel: string;
  yLabel: string;
  zLabel: string;
  low: number;
  high: number;
  height: number;
  hover: (cell: Cell | undefined) => void;
  click: (cell: Cell) => void;
}

/** Dark to light with rising luminance, so that it reads in grey and for the colour-blind. */
const COLOURS = [[0, 24, 66], [45, 67, 110], [112, 112, 118], [178, 163, 112], [255, 236, 105]];

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * A heat map with logarithmic axes on two canvases: what is measured below (it can be hidden by "predict first"), axes,
 * predictions and the marked cell above. Arrow keys move the marked cell.
 */
export class HeatMap {
  private map = element("canvas", { class: "measurement", "aria-hidden": "true" });
  private over = element("canvas", { "aria-hidden": "true" });
  private frame: HTMLElement;
  private data: HeatData = { x: [1, 10], y: [1, 10], rows: [] };
  private lines: HeatLine[] = [];
  private marked: Cell | undefined;
  private observer: ResizeObserver;
  private asked = 0;

  constructor(
    place: HTMLElement,
    private options: Options,
  ) {
    this.frame = element("div", { class: "heat", tabindex: 0, role: "group", "aria-label": options.label }, this.map, this.over);
    place.append(this.frame);
    this.frame.addEventListener("pointermove", (event) => options.hover(this.cellAt(event)));
    this.frame.addEventListener("pointerleave", () => options.hover(undefined));
    this.frame.addEventListener("click", (event) => this.choose(this.cellAt(event)));
    this.frame.addEventListener("keydown", (event) => this.pressed(event));
    this.observer = new ResizeObserver(() => this.ask());
    this.observer.observe(this.frame);
  }

  show(data: HeatData): void {
    this.data = data;
    this.ask();
  }

  draw(lines: HeatLine[]): void {
    this.lines = lines;
    this.ask();
  }

  mark(cell: Cell | undefined): void {
    this.marked = cell;
    this.ask();
  }

  /** Draws again at the next frame, as after another size of type. */
  ask(): void {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  end(): void {
    cancelAnimationFrame(this.asked);
    this.observer.disconnect();
  }

  private choose(cell: Cell | undefined): void {
    if (cell) this.options.click(cell);
  }

  private pressed(event: KeyboardEvent): void {
    const moves: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const { x, y } = this.data;
    const from = this.marked ?? { column: x.length - 1, row: 0 };
    const column = Math.min(x.length - 1, Math.max(0, from.column + move[0] * (event.shiftKey ? 10 : 1)));
    this.choose({ column, row: Math.min(y.length - 1, Math.max(0, from.row + move[1])) });
  }

  private cellAt(event: PointerEvent | MouseEvent): Cell | undefined {
    const box = this.box();
    const bounds = this.frame.getBoundingClientRect();
    const across = (event.clientX - bounds.left - box.left) / box.width;
    const up = 1 - (event.clientY - bounds.top - box.top) / box.height;
    if (across < 0 || across > 1 || up < 0 || up > 1) return undefined;
    const { x, y } = this.data;
    return { column: Math.round(across * (x.length - 1)), row: Math.min(y.length - 1, Math.floor(up * y.length)) };
  }

  private fontSize(): number {
    return Math.max(11, Math.min(18, 0.82 * parseFloat(getComputedStyle(this.frame).fontSize)));
  }

  private box(): Box {
    const font = this.fontSize();
    const left = 4.2 * font, right = 5.4 * font, top = 0.8 * font, bottom = 3.4 * font;
    return { left, top, width: Math.max(60, this.frame.clientWidth - left - right), height: this.options.height - top - bottom };
  }

  private paint(): void {
    const box = this.box();
    this.paintMap(this.pen(this.map), box);
    const pen = this.pen(this.over);
    this.paintAxes(pen, box);
    this.paintScale(pen, box);
    for (const line of this.lines) if (line.role !== "measured") this.paintLine(pen, box, line);
    if (this.marked) this.paintMark(pen, box, this.marked);
  }

  /** A cleared canvas in the size of its place, in points of the page. */
  private pen(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.frame.clientWidth, this.options.height];
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
    this.frame.style.height = `${height}px`;
    const pen = canvas.getContext("2d")!;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `${this.fontSize()}px system-ui`;
    pen.textBaseline = "middle";
    return pen;
  }

  private paintMap(pen: CanvasRenderingContext2D, box: Box): void {
    const { x, rows } = this.data;
    const [across, up] = [box.width / x.length, box.height / this.data.y.length];
    rows.forEach((row, k) => {
      if (!row) return;
      const top = box.top + box.height - (k + 1) * up;
      for (let c = 0; c < x.length; c++) {
        pen.fillStyle = this.colour(row[c]);
        pen.fillRect(box.left + c * across, top, across + 0.7, up + 0.7);
      }
    });
    for (const line of this.lines) if (line.role === "measured") this.paintLine(pen, box, line);
  }

  private colour(value: number): string {
    const { low, high } = this.options;
    const at = (COLOURS.length - 1) * Math.min(1, Math.max(0, (value - low) / (high - low)));
    const k = Math.min(COLOURS.length - 2, Math.floor(at));
    const mixed = COLOURS[k].map((from, c) => Math.round(from + (at - k) * (COLOURS[k + 1][c] - from)));
    return `rgb(${mixed.join(",")})`;
  }

  /** Rows are as high as the ratio of two neighbours, and a value stands in the middle of its cell. */
  private xAt(value: number, box: Box): number {
    const { x } = this.data;
    return box.left + box.width * inCells(value, x);
  }

  private yAt(value: number, box: Box): number {
    return box.top + box.height * (1 - inCells(value, this.data.y));
  }

  private paintAxes(pen: CanvasRenderingContext2D, box: Box): void {
    const [ink, font] = [this.ink("--ink"), this.fontSize()];
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 1;
    pen.strokeRect(box.left, box.top, box.width, box.height);
    const bottom = box.top + box.height;
    pen.textAlign = "center";
    for (const value of ticks(this.data.x, false)) {
      const at = this.xAt(value, box);
      stroke(pen, [[at, bottom], [at, bottom + 5]]);
      pen.fillText(digits(value), at, bottom + 5 + 0.7 * font);
    }
    pen.fillText(this.options.xLabel, box.left + box.width / 2, bottom + 2.7 * font);
    pen.textAlign = "right";
    for (const value of ticks(this.data.y, true)) {
      const at = this.yAt(value, box);
      stroke(pen, [[box.left - 5, at], [box.left, at]]);
      pen.fillText(digits(value), box.left - 8, at);
    }
    this.upright(pen, this.options.yLabel, 0.8 * font, box.top + box.height / 2);
  }

  private paintScale(pen: CanvasRenderingContext2D, box: Box): void {
    const { low, high, zLabel } = this.options;
    const font = this.fontSize();
    const [left, width, parts] = [box.left + box.width + font, font, 60];
    for (let k = 0; k < parts; k++) {
      pen.fillStyle = this.colour(low + ((high - low) * (k + 0.5)) / parts);
      pen.fillRect(left, box.top + box.height * (1 - (k + 1) / parts), width, box.height / parts + 0.7);
    }
    pen.fillStyle = pen.strokeStyle = this.ink("--ink");
    pen.strokeRect(left, box.top, width, box.height);
    pen.textAlign = "left";
    for (let k = 0; k <= 4; k++) pen.fillText(digits(low + ((high - low) * k) / 4), left + width + 4, box.top + box.height * (1 - k / 4));
    this.upright(pen, zLabel, left + width + 2.9 * font, box.top + box.height / 2);
  }

  private upright(pen: CanvasRenderingContext2D, text: string, x: number, y: number): void {
    pen.save();
    pen.translate(x, y);
    pen.rotate(-Math.PI / 2);
    pen.textAlign = "center";
    pen.fillText(text, 0, 0);
    pen.restore();
  }

  private paintLine(pen: CanvasRenderingContext2D, box: Box, line: HeatLine): void {
    const { role, points } = line;
    const path = points.map(([x, y]): [number, number] => [this.xAt(x, box), this.yAt(y, box)]);
    const colour = this.ink(role === "measured" ? "--measured" : role === "predicted" ? "--predicted" : "--ink");
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top, box.width, box.height);
    pen.clip();
    pen.setLineDash(role === "measured" ? [] : role === "predicted" ? [9, 5] : [2, 4]);
    for (const [style, width] of [["#fff", 5], [colour, 2.5]] as [string, number][]) {
      [pen.strokeStyle, pen.lineWidth] = [style, width];
      stroke(pen, path);
    }
    pen.setLineDash([]);
    if (role === "measured") for (const [x, y] of path) dot(pen, x, y, colour);
    pen.restore();
    this.paintLabel(pen, box, path, line, colour);
  }

  /** Beside an end of the line, where that is to be seen; without what follows a colon or comma, where room is short. */
  private paintLabel(pen: CanvasRenderingContext2D, box: Box, path: [number, number][], line: HeatLine, colour: string): void {
    const { label, side = "above", from = "right" } = line;
    const inside = path.filter(([x, y]) => x <= box.left + box.width && x >= box.left && y >= box.top && y <= box.top + box.height);
    if (!label || !inside.length) return;
    const [x, y] = inside[inside.length - 1];
    const font = this.fontSize();
    const text = pen.measureText(label).width > box.width - 12 ? label.split(/[:,]/)[0] : label;
    const width = pen.measureText(text).width;
    const left = from === "left" ? box.left + 6 : Math.max(box.left + 6, Math.min(x - 6, box.left + box.width - 6) - width);
    const at = Math.min(box.top + box.height - 0.7 * font, Math.max(box.top + 0.7 * font, y + (side === "above" ? -0.9 : 0.9) * font));
    pen.textAlign = "left";
    pen.fillStyle = "#fff";
    pen.fillRect(left - 3, at - 0.65 * font, width + 6, 1.3 * font);
    pen.fillStyle = colour;
    pen.fillText(text, left, at);
  }

  private paintMark(pen: CanvasRenderingContext2D, box: Box, { column, row }: Cell): void {
    const { x, y } = this.data;
    if (column >= x.length || row >= y.length) return;
    const up = box.height / y.length;
    const [at, top] = [this.xAt(x[column], box), box.top + box.height - (row + 1) * up];
    for (const [style, width] of [["#fff", 4], ["#000", 1.5]] as [string, number][]) {
      [pen.strokeStyle, pen.lineWidth] = [style, width];
      pen.strokeRect(box.left, top, box.width, up);
      pen.strokeRect(at - up / 2, top, up, up);
    }
  }

  private ink(name: string): string {
    return getComputedStyle(this.frame).getPropertyValue(name).trim() || "#111";
  }
}

function inCells(value: number, grid: number[]): number {
  const last = grid.length - 1;
  return (0.5 + last * (Math.log(value / grid[0]) / Math.log(grid[last] / grid[0]))) / grid.length;
}

/** Powers of ten in the range, and twice and five times of them where there is room. */
function ticks(grid: number[], fine: boolean): number[] {
  const [low, high] = [grid[0], grid[grid.length - 1]];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power++) {
    for (const factor of fine ? [1, 2, 5] : [1]) {
      const value = Number((factor * 10 ** power).toPrecision(3));
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
    }
  }
  return found;
}

function stroke(pen: CanvasRenderingContext2D, path: [number, number][]): void {
  pen.beginPath();
  path.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

function dot(pen: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  pen.beginPath();
  pen.arc(x, y, 3.5, 0, 2 * Math.PI);
  [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = ["#fff", colour, 2];
  pen.fill();
  pen.stroke();
}
