import { element } from "../ui/elements";
import { Rows, program } from "./gl";
import { axes, dial, graticule, strips } from "./graticule";
import { aboutX, aboutY, apply, identity, product, unapply, type Rotation } from "./rotation";
import { BALLS, DISC, LINES } from "./shaders";

export interface SphereOptions {
  label: string;
  /** A point is being dragged: where it is to be, a unit vector of the picture's own axes. */
  drag?: (index: number, place: Place) => void;
  dropped?: () => void;
}

/** What is drawn: places by row (three numbers each), colours, radii in pixels, marks (0 none, 1 and 2 rings, -1 faint). */
export interface Balls {
  places: Float32Array;
  colours: Float32Array;
  radii: Float32Array;
  marks: Float32Array;
  names?: string[];
}

/** How the picture is framed: points of the circle, of the sphere, or projections from more dimensions. */
export type Kind = "circle" | "sphere" | "axes";

export type Place = [number, number, number];

const ZOOM = 0.86;
/** How much nearer things grow; the shaders have it too. */
const TILT = 0.18;
const REACH = 14;
const START = product(aboutX(0.35), aboutY(-0.5));
const GONE = "This browser shows no WebGL 2, which the picture needs; the numbers are in the table (key t).";
const LOST = "The graphics context was lost; the picture comes back when the browser gives another one.";

interface Painted {
  gl: WebGL2RenderingContext;
  balls: WebGLProgram;
  lines: WebGLProgram;
  disc: WebGLProgram;
  ballRows: Rows;
  gridRows: Rows;
  trailRows: Rows;
  discRows: Rows;
}

/**
 * Points on a sphere, or on a circle in the plane: shaded point sprites in raw WebGL 2, with names beside them.
 *
 * Dragging the ground turns the sphere, dragging a point moves it; arrow keys turn, `n` takes the next point and Shift
 * with arrows moves it. Frames are drawn when something has changed, `frames` counts them.
 */
export class Sphere {
  readonly root = element("div", { class: "sphere" });
  frames = 0;
  private canvas = element("canvas", { class: "sphere-picture", tabindex: 0, role: "img" });
  private names = element("canvas", { class: "sphere-names", "aria-hidden": "true" });
  private message = element("p", { class: "refused", role: "alert", hidden: true });
  private painted: Painted | undefined;
  private turn: Rotation = START;
  private kind: Kind = "sphere";
  private balls: Balls | undefined;
  private trail: Float32Array = new Float32Array(0);
  private trailLength = 0;
  private chosen: number | undefined;
  private asked = 0;
  private named = false;
  private observer: ResizeObserver;
  private colours = { ink: [0.1, 0.1, 0.1], paper: [1, 1, 1] };

  constructor(private options: SphereOptions) {
    this.canvas.setAttribute("aria-label", options.label);
    this.root.append(this.canvas, this.names, this.message);
    this.begin();
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.painted = undefined;
      this.tell(LOST);
    });
    this.canvas.addEventListener("webglcontextrestored", () => this.begin());
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("keydown", (event) => this.pressed(event));
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.root);
  }

  show(balls: Balls, kind: Kind): void {
    if (kind !== this.kind) {
      this.kind = kind;
      this.fillGrid();
    }
    this.balls = balls;
    this.redraw();
  }

  /** Lines behind the points, as pairs of ends of four numbers (place and strength); the first `count` ends are drawn. */
  showTrail(ends: Float32Array, count = ends.length / 4): void {
    if (ends !== this.trail) this.painted?.trailRows.fill(strips(ends));
    this.trail = ends;
    this.trailLength = count;
    this.redraw();
  }

  resetTurn(): void {
    this.turn = START;
    this.redraw();
  }

  /** Turns about the vertical and the horizontal axis of the screen. */
  rotate(right: number, down: number): void {
    if (this.kind === "circle") return;
    this.turn = product(product(aboutX(down), aboutY(right)), this.turn);
    this.redraw();
  }

  choose(index: number | undefined): void {
    this.chosen = index;
    this.canvas.dataset.chosen = index === undefined ? "" : this.onScreen(index).slice(0, 2).map(Math.round).join();
    this.redraw();
  }

  redraw(): void {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint());
  }

  end(): void {
    cancelAnimationFrame(this.asked);
    this.observer.disconnect();
    this.painted?.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.painted = undefined;
  }

  private tell(text: string): void {
    this.message.textContent = text;
    this.message.hidden = text === "";
    this.names.hidden = text !== "";
  }

  private begin(): void {
    const gl = this.canvas.getContext("webgl2", { antialias: false, alpha: false, depth: false });
    if (!gl) return this.tell(GONE);
    const [balls, lines, disc] = [BALLS, LINES, DISC].map(({ vertex, fragment }) => program(gl, vertex, fragment));
    const line: [string, number][] = [["place", 3], ["other", 3], ["side", 1], ["strength", 1]];
    this.painted = {
      gl, balls, lines, disc,
      ballRows: new Rows(gl, balls, [["place", 3], ["colour", 3], ["radius", 1], ["mark", 1]]),
      gridRows: new Rows(gl, lines, line),
      trailRows: new Rows(gl, lines, line),
      discRows: new Rows(gl, disc, [["corner", 2]]),
    };
    this.painted.discRows.fill(Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1));
    this.painted.trailRows.fill(strips(this.trail));
    this.fillGrid();
    this.tell("");
    this.redraw();
  }

  private fillGrid(): void {
    this.painted?.gridRows.fill(strips(this.kind === "circle" ? dial() : this.kind === "sphere" ? graticule() : axes()));
  }

  private get rotation(): Rotation {
    return this.kind === "circle" ? identity() : this.turn;
  }

  private paint(): void {
    this.asked = 0;
    if (!this.painted || !this.root.isConnected) return;
    this.fit();
    this.canvas.dataset.frames = String(++this.frames);
    const { gl } = this.painted;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    const [red, green, blue] = this.colours.paper;
    gl.clearColor(red, green, blue, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this.paintGround(this.painted);
    this.paintBalls(this.painted);
    this.paintNames();
  }

  private paintGround({ gl, lines, disc, gridRows, trailRows, discRows }: Painted): void {
    if (this.kind !== "circle") {
      this.use(disc);
      gl.uniform1f(gl.getUniformLocation(disc, "strength"), this.kind === "sphere" ? 1 : 0.4);
      gl.uniform1f(gl.getUniformLocation(disc, "soft"), 4 / this.canvas.height);
      discRows.draw(gl.TRIANGLE_STRIP);
    }
    this.use(lines);
    const ratio = this.canvas.width / Math.max(1, this.canvas.clientWidth);
    this.lineWidth(1.1 * ratio);
    gridRows.draw(gl.TRIANGLES);
    this.lineWidth(1.8 * ratio);
    if (this.trailLength) trailRows.draw(gl.TRIANGLES, 3 * this.trailLength);
  }

  private lineWidth(pixels: number): void {
    const { gl, lines } = this.painted!;
    gl.uniform1f(gl.getUniformLocation(lines, "reach"), (pixels + 1) / this.canvas.width);
    gl.uniform1f(gl.getUniformLocation(lines, "soft"), 2 / (pixels + 1));
  }

  private paintBalls({ gl, balls, ballRows }: Painted): void {
    if (!this.balls) return;
    this.use(balls);
    ballRows.fill(this.sorted(this.balls));
    ballRows.draw(gl.POINTS);
  }

  private use(code: WebGLProgram): void {
    const { gl } = this.painted!;
    gl.useProgram(code);
    const r = this.rotation;
    gl.uniformMatrix3fv(gl.getUniformLocation(code, "turn"), true, Float32Array.from(r));
    gl.uniform1f(gl.getUniformLocation(code, "zoom"), ZOOM);
    gl.uniform3fv(gl.getUniformLocation(code, "ink"), this.colours.ink);
    gl.uniform3fv(gl.getUniformLocation(code, "paper"), this.colours.paper);
  }

  /** Rows for the shader, those behind first, so that nearer balls cover them. */
  private sorted({ places, colours, radii, marks }: Balls): Float32Array {
    const r = this.rotation;
    const count = radii.length;
    const depth = Float32Array.from(radii, (_, i) => r[6] * places[3 * i] + r[7] * places[3 * i + 1] + r[8] * places[3 * i + 2]);
    const order = Uint32Array.from(radii, (_, i) => i).sort((a, b) => depth[a] - depth[b]);
    const scale = this.canvas.width / Math.max(1, this.canvas.clientWidth);
    const rows = new Float32Array(8 * count);
    for (let k = 0; k < count; k++) {
      const i = order[k];
      for (let c = 0; c < 3; c++) [rows[8 * k + c], rows[8 * k + 3 + c]] = [places[3 * i + c], colours[3 * i + c]];
      rows[8 * k + 6] = scale * radii[i];
      rows[8 * k + 7] = marks[i];
    }
    return rows;
  }

  private fit(): void {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const size = Math.round(ratio * Math.max(1, this.canvas.clientWidth));
    for (const canvas of [this.canvas, this.names]) if (canvas.width !== size) canvas.width = canvas.height = size;
    const style = getComputedStyle(this.root);
    this.colours = { ink: rgb(style.getPropertyValue("--ink")), paper: rgb(style.getPropertyValue("--paper")) };
  }

  /** Pixels of the page from the corner of the picture, and how far in front. */
  private onScreen(index: number): [number, number, number] {
    const places = this.balls!.places;
    const [x, y, z] = apply(this.rotation, places[3 * index], places[3 * index + 1], places[3 * index + 2]);
    const half = this.canvas.clientWidth / 2;
    const w = 1 - TILT * z;
    return [half * (1 + (ZOOM * x) / w), half * (1 - (ZOOM * y) / w), z];
  }

  private paintNames(): void {
    const { balls } = this;
    const some = balls !== undefined && (balls.names !== undefined || this.chosen !== undefined);
    if (!some && !this.named) return;
    this.named = some;
    const context = this.names.getContext("2d")!;
    context.clearRect(0, 0, this.names.width, this.names.height);
    if (!balls) return;
    const ratio = this.names.width / Math.max(1, this.names.clientWidth);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const size = parseFloat(getComputedStyle(this.root).fontSize);
    context.font = `600 ${size}px system-ui, sans-serif`;
    context.fillStyle = getComputedStyle(this.root).getPropertyValue("--ink") || "#111";
    for (let i = 0; i < balls.radii.length; i++) if (balls.names?.[i]) this.paintName(context, i, balls, size);
    if (this.chosen !== undefined && this.chosen < balls.radii.length) this.paintChosen(context, this.chosen, balls);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  private paintName(context: CanvasRenderingContext2D, i: number, balls: Balls, size: number): void {
    const [x, y, z] = this.onScreen(i);
    context.globalAlpha = balls.marks[i] < 0 ? 0.35 : z < -0.25 ? 0.5 : 1;
    context.fillText(balls.names![i], x + balls.radii[i] + 3, y - balls.radii[i] / 2 + size / 4);
    context.globalAlpha = 1;
  }

  private paintChosen(context: CanvasRenderingContext2D, i: number, balls: Balls): void {
    const [x, y] = this.onScreen(i);
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 2;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.arc(x, y, balls.radii[i] + 6, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
  }

  /** The nearest point within reach of a place of the page, those in front first. */
  private under(x: number, y: number): number | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (let i = 0; i < (this.balls?.radii.length ?? 0); i++) {
      const [px, py, z] = this.onScreen(i);
      const distance = Math.hypot(px - x, py - y);
      if (distance < this.balls!.radii[i] + REACH / 2 && distance - 4 * z < least) [best, least] = [i, distance - 4 * z];
    }
    return best;
  }

  /**
   * The point (in the axes of the tokens) that is seen at a place of the page: on the half of the sphere where a point
   * at this depth is, on the rim outside of it; among projections at the same depth.
   */
  private facing(x: number, y: number, depth: number): Place {
    const half = this.canvas.clientWidth / 2;
    const [u, v] = [(x / half - 1) / ZOOM, (1 - y / half) / ZOOM];
    if (this.kind === "circle") return [u / Math.hypot(u, v), v / Math.hypot(u, v), 0];
    const z = this.kind === "axes" ? depth : onSphere(Math.hypot(u, v), depth < 0);
    const w = 1 - TILT * z;
    const size = this.kind === "axes" ? Math.max(1, Math.hypot(u * w, v * w, z)) : Math.hypot(u * w, v * w, z);
    return unapply(this.rotation, (u * w) / size, (v * w) / size, z / size);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.focus({ preventScroll: true });
    const index = this.options.drag ? this.under(event.offsetX, event.offsetY) : undefined;
    this.choose(index);
    const depth = index === undefined ? 0 : this.onScreen(index)[2];
    let last = [event.clientX, event.clientY];
    const box = this.canvas.getBoundingClientRect();
    let moved = false;
    const move = (to: PointerEvent) => {
      moved = true;
      if (index !== undefined) this.options.drag!(index, this.facing(to.clientX - box.left, to.clientY - box.top, depth));
      else this.rotate((to.clientX - last[0]) / 160, (to.clientY - last[1]) / 160);
      last = [to.clientX, to.clientY];
    };
    const up = () => {
      this.canvas.removeEventListener("pointermove", move);
      this.canvas.removeEventListener("pointerup", up);
      this.canvas.removeEventListener("pointercancel", up);
      if (index !== undefined && moved) this.options.dropped?.();
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", up);
    this.canvas.addEventListener("pointercancel", up);
  }

  private pressed(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n" && this.balls) this.choose(((this.chosen ?? -1) + 1) % this.balls.radii.length);
    else if (arrow && event.shiftKey && this.chosen !== undefined) this.push(this.chosen, arrow);
    else if (arrow) this.rotate(0.12 * arrow[0], 0.12 * arrow[1]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private push(index: number, [right, down]: [number, number]): void {
    const [x, y, z] = this.onScreen(index);
    this.options.drag?.(index, this.kind === "circle" ? this.along(index, right - down) : this.facing(x + 8 * right, y + 8 * down, z));
    this.options.dropped?.();
  }

  /** The point of the circle a little farther clockwise. */
  private along(index: number, steps: number): Place {
    const places = this.balls!.places;
    const angle = Math.atan2(places[3 * index + 1], places[3 * index]) - 0.04 * steps;
    return [Math.cos(angle), Math.sin(angle), 0];
  }
}

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Height on the line (u w, v w, z), w = 1 - TILT z, r^2 = u^2 + v^2, where it meets the unit sphere, or is nearest to it. */
function onSphere(r: number, behind: boolean): number {
  const [a, b, c] = [1 + TILT * TILT * r * r, -2 * TILT * r * r, r * r - 1];
  const root = Math.max(0, b * b - 4 * a * c);
  return (-b + (behind ? -1 : 1) * Math.sqrt(root)) / (2 * a);
}

/** #rgb or #rrggbb as three numbers up to 1. */
function rgb(text: string): number[] {
  const digits = text.trim().replace("#", "");
  const width = digits.length / 3;
  return [0, 1, 2].map((c) => parseInt(digits.slice(c * width, (c + 1) * width).padStart(2, digits[c * width]), 16) / 255 || 0);
}
