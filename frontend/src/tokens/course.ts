import type { Collapse } from "./collapse";

/** Seconds that a film of a collapse lasts at speed 1. */
const FILM = 9;

interface Hooks {
  /** Another moment is to be seen. */
  changed: () => void;
  /** A moment has been chosen and stays for a while: the address may follow. */
  rested: (time: number) => void;
  speed: () => number;
}

/** Where in a collapse we are: by log10 of the time, from frame to frame, from merger to merger, or as a film. */
export class Course {
  collapse: Collapse | undefined;
  /** Number of the frame, with a fraction. */
  frame = 0;
  playing = false;
  /** log10 of the time that is to be seen once the next collapse is known. */
  aim: number | undefined;
  private asked = 0;
  private timer = 0;
  private last = 0;

  constructor(private hooks: Hooks) {}

  get time(): number {
    return this.collapse?.timeAt(this.frame) ?? 0;
  }

  get atStart(): boolean {
    return !this.collapse || this.frame === 0;
  }

  /** Goes on in another collapse at the same time, from the start if it was there. */
  take(collapse: Collapse): void {
    const time = this.aim ?? (this.atStart ? collapse.first : this.time);
    this.aim = undefined;
    this.collapse = collapse;
    this.frame = collapse.frameAt(time);
  }

  rewind(): void {
    this.playing = false;
    this.frame = 0;
  }

  goTo(time: number): void {
    if (this.collapse) this.show(this.collapse.frameAt(time));
  }

  stepFrame(by: number): void {
    if (this.collapse) this.show(Math.min(this.collapse.times.length - 1, Math.max(0, by > 0 ? Math.floor(this.frame + 1) : Math.ceil(this.frame - 1))));
  }

  /** Number of the merger after or before the one that is chosen, or the time that is seen. */
  nextMerger(by: number, chosen: number | undefined): number {
    const mergers = this.collapse?.mergers ?? [];
    const passed = mergers.filter((merger) => this.collapse!.timeOf(merger) < this.time - 1e-9).length;
    const next = chosen === undefined ? (by > 0 ? passed : passed - 1) : chosen + by;
    return Math.min(mergers.length - 1, Math.max(0, next));
  }

  play(): void {
    if (!this.collapse) return;
    this.playing = !this.playing;
    if (!this.playing) return this.rest();
    if (this.frame >= this.collapse.times.length - 1) this.frame = 0;
    this.last = performance.now();
    this.asked = requestAnimationFrame((now) => this.film(now));
  }

  end(): void {
    cancelAnimationFrame(this.asked);
    clearTimeout(this.timer);
    this.playing = false;
  }

  private show(frame: number): void {
    this.playing = false;
    this.frame = frame;
    this.hooks.changed();
    this.rest();
  }

  /** The film takes as long for every frame, and frames are close together where something happens. */
  private film(now: number): void {
    if (!this.playing || !this.collapse) return;
    const end = this.collapse.times.length - 1;
    const passed = Math.max(0, now - this.last); // the first frame may have begun before the film was asked for
    this.frame = Math.min(end, this.frame + ((passed / 1000) * end * this.hooks.speed()) / FILM);
    this.last = now;
    this.playing = this.frame < end;
    this.hooks.changed();
    if (this.playing) this.asked = requestAnimationFrame((next) => this.film(next));
    else this.rest();
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.hooks.rested(this.time), 300);
  }
}
