import { toSphere } from "./field";
import Simulator from "./worker?worker&inline";
import type { Frame, Recorded, Reply, Request } from "./messages";

export type { Frame, Recorded, Request } from "./messages";
export type { Start } from "./particles";

/**
 * Tokens that a worker simulates. Frames come about sixty times a second, or as the integrator gets there; between two
 * of them `draw` is called with points on the way, at the rate of the screen.
 *
 * `end` frees the worker: call it when the view ends.
 */
export class Flow {
  private worker = new Simulator();
  private waiting = new Map<number, (recorded: Recorded | undefined) => void>();
  private last = 0;
  private from: Frame | undefined;
  private to: Frame | undefined;
  private arrived = 0;
  private between = 16;
  private asked = 0;
  private mixed = new Float32Array(0);
  private d = 3;

  /**
   * @param draw is given what is to be seen now; its points are valid until the next call.
   * @param fail is told of input that the engine does not take.
   */
  constructor(
    private draw: (frame: Frame) => void = () => {},
    private fail: (message: string) => void = () => {},
  ) {
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.take(data);
  }

  /** Sends a request other than a recording; the points are copied. */
  send(request: Exclude<Request, { kind: "record" }>): void {
    if (request.kind === "start") this.begin(request.d);
    if (request.kind === "start" || request.kind === "run" || request.kind === "pause") this.forget();
    this.worker.postMessage(request);
  }

  /** States at times; undefined if something else was asked before they were there. */
  record(times: number[], options: { bare?: boolean; enough?: number } = {}): Promise<Recorded | undefined> {
    this.forget();
    const id = ++this.last;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.worker.postMessage({ kind: "record", id, times, ...options } satisfies Request);
    });
  }

  end(): void {
    this.stop();
    this.forget();
    this.worker.terminate();
  }

  private begin(d: number): void {
    this.stop();
    [this.from, this.to, this.d] = [undefined, undefined, d];
  }

  private stop(): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
  }

  private forget(): void {
    for (const resolve of this.waiting.values()) resolve(undefined);
    this.waiting.clear();
  }

  private take(reply: Reply): void {
    if (reply.kind === "failed") return this.fail(reply.message);
    if (reply.kind === "frame") return this.next(reply);
    this.waiting.get(reply.id)?.(reply);
    this.waiting.delete(reply.id);
  }

  private next(frame: Frame): void {
    const now = performance.now();
    this.between = Math.min(250, Math.max(8, now - this.arrived));
    this.arrived = now;
    const jump = !this.to || this.to.points.length !== frame.points.length || frame.time <= this.to.time;
    this.from = jump ? frame : kept(this.shown(now));
    this.to = frame;
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.asked = 0;
    const now = performance.now();
    this.draw(this.shown(now));
    if (now < this.arrived + this.between) this.asked = requestAnimationFrame(() => this.paint());
  }

  /** Between the frame before and the last one, as far as the usual time between two frames has gone by. */
  private shown(now: number): Frame {
    const [from, to] = [this.from!, this.to!];
    const share = Math.min(1, (now - this.arrived) / this.between);
    if (from === to || share >= 1) return to;
    if (this.mixed.length !== to.points.length) this.mixed = new Float32Array(to.points.length);
    const mix = (a: number, b: number) => a + share * (b - a);
    for (let at = 0; at < this.mixed.length; at++) this.mixed[at] = mix(from.points[at], to.points[at]);
    toSphere(this.mixed, this.d);
    return { ...to, time: mix(from.time, to.time), energy: mix(from.energy, to.energy), cosine: mix(from.cosine, to.cosine), points: this.mixed };
  }
}

function kept(frame: Frame): Frame {
  return { ...frame, points: frame.points.slice() };
}
