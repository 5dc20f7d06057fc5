import { Sphere, type Place } from "../drawing/sphere";
import { Steps } from "../drawing/steps";
import type { Model } from "../model/contract";
import { Asking, Refused, type Answer, type Upload } from "../model/questions";
import { fileInput } from "../ui/drop";
import { digits, element, type Table } from "../ui/elements";
import { View } from "../ui/view";
import { ballsAt, startColours } from "./balls";
import { cloudOf, drawnHere, kindOf, lifted, moved, places, type Cloud } from "./cloud";
import { Collapse } from "./collapse";
import { MOST_FOLLOWED, tokenControls } from "./controls";
import { Live, type Rules } from "./live";
import { MergerList, mergerTable } from "./mergers";
import { staircase } from "./staircase";

const LEAD = "Tokens on the circle or the sphere attract each other. Drag one; raise β; go to the last merger.";
const LEGEND = { measured: "measured", predicted: "predicted", band: "certainly apart" };
const LARGEST_FILE = 8e6;
/** Milliseconds without a change after which the collapse is asked for, and seconds that its film lasts. */
const REST = 90;
const FILM = 9;
/** Milliseconds between two drawings of the energy of a live cloud. */
const CHARTED = 120;
/** Rows of a table of places. */
const ROWS = 60;

/** The view Tokens: one cloud, followed live in the worker, or to its last merger by the collapse engine. */
export class Tokens {
  private view: View;
  private sphere: Sphere;
  private steps: Steps;
  private list: MergerList;
  private live: Live;
  private scrubber = element("input", { type: "range", class: "scrubber measurement", "aria-label": "log10 of the time", step: "any" });
  private reading = element("p", { class: "reading measurement" });
  private remark = element("p", { class: "remark" });
  private questions: Asking;
  private base: Cloud | undefined;
  /** Points that were dropped or dragged, in place of those of the seed. */
  private own: Cloud | undefined;
  private collapse: Collapse | undefined;
  private trails: { ends: Float32Array; upTo: number[] } = { ends: new Float32Array(0), upTo: [0] };
  private noTrail = new Float32Array(0);
  private colours: Float32Array = new Float32Array(0);
  private frame = 0;
  /** log10 of the time that is to be seen first. */
  private aim: number | undefined;
  private playing = false;
  private last = 0;
  private asked = 0;
  private timer = 0;
  private remember = 0;
  private failed = "";
  private pending = new Set<string>();

  constructor(model: Model, el: HTMLElement) {
    this.questions = new Asking(model);
    this.view = new View(model, el, {
      name: "tokens",
      title: "Tokens",
      lead: LEAD,
      controls: tokenControls({ play: () => this.play(), reset: () => this.reset() }),
      table: () => this.table(),
      predict: { question: "log10 of the time of the last merger?", answer: () => this.lastMerger(), said: () => `it is ${this.lastMerger()!.toFixed(3)}` },
    }, (name) => this.changed(name));
    this.sphere = new Sphere({
      label: "tokens: drag to turn or to move a token; arrow keys turn, n chooses a token, Shift and arrows move it",
      drag: (index, place) => this.drag(index, place),
      dropped: () => this.dropped(),
    });
    this.steps = new Steps({ label: "staircase of the energy over log10 of the time", yLabel: "unit energy", legend: LEGEND, at: (x) => this.effective === "last" && this.goTo(x) });
    this.list = new MergerList((index) => this.view.set("merger", this.chosenIndex === index ? -1 : index));
    this.live = new Live(() => this.draw(), (message) => this.view.refuse(message));
    this.layOut();
    this.onKeys();
    this.onEnd();
    if (this.view.value("at") !== undefined) this.aim = this.view.number("at");
    this.load();
  }

  end(): void {
    this.view.end();
  }

  // ---- what stands where

  private layOut(): void {
    const { view, sphere, steps, list } = this;
    const drop = fileInput(view.stage, "points (npy, csv)", [".npy", ".csv"], LARGEST_FILE, (file) => void this.read(file), (text) => view.refuse(text));
    view.root.querySelector(".controls")!.append(drop);
    this.scrubber.addEventListener("input", () => this.goTo(Number(this.scrubber.value)));
    view.stage.append(
      element("div", { class: "panel tokens-sphere" }, sphere.root, this.reading, this.remark),
      element("div", { class: "panel tokens-course" }, element("div", { class: "measurement" }, steps.root), element("div", { class: "scrub" }, this.scrubber), element("div", { class: "measurement" }, ...list.parts)),
    );
  }

  private onKeys(): void {
    const { view } = this;
    view.onKey(".", "next frame", () => this.stepFrame(1));
    view.onKey(",", "frame before", () => this.stepFrame(-1));
    view.onKey("]", "next merger", () => this.stepMerger(1));
    view.onKey("[", "merger before", () => this.stepMerger(-1));
  }

  private onEnd(): void {
    this.view.onEnd(() => {
      cancelAnimationFrame(this.asked);
      clearTimeout(this.timer);
      clearTimeout(this.remember);
      this.questions.cancel();
      this.live.end();
      this.sphere.end();
      this.steps.end();
    });
    this.view.listen("change:projector", () => requestAnimationFrame(() => this.draw()));
  }

  // ---- which tokens, and what is asked about them

  private get effective(): "last" | "live" {
    return this.view.value<string>("mode") === "live" || this.onlyLive() ? "live" : "last";
  }

  /** Why these tokens are not followed to their last merger; empty if they are. */
  private onlyLive(): string {
    if (this.view.value<string>("mode") === "live") return "";
    if (this.view.value<boolean>("causal") || this.view.number("noise") > 0) return "Causal and noisy tokens are simulated live only.";
    if (this.view.number("n") > MOST_FOLLOWED) return `More than ${MOST_FOLLOWED} tokens are simulated live only.`;
    return this.failed;
  }

  private get rules(): Rules {
    const { view } = this;
    return { beta: view.number("beta"), model: view.value("model"), causal: view.value("causal"), noise: view.number("noise"), seed: view.number("seed") };
  }

  private get drawn(): Record<string, unknown> {
    const { view } = this;
    return { n: view.number("n"), d: view.number("d"), seed: view.number("seed"), masses: view.value<string>("masses") };
  }

  /** Begins with the cloud that the controls describe. */
  private load(): void {
    clearTimeout(this.timer);
    this.view.say(this.onlyLive());
    if (this.effective === "live") void this.loadLive();
    else void this.loadCollapse();
  }

  private async loadLive(): Promise<void> {
    const given = this.drawn;
    try {
      const answer = await this.questions.ask("tokens.cloud", given);
      if (!answer) return;
      this.begin(cloudOf(answer));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.begin(drawnHere(Number(given.n), Number(given.d), Number(given.seed), given.masses === "equal"));
    }
    this.startLive();
  }

  private async loadCollapse(): Promise<void> {
    this.view.say("following the tokens to their last merger");
    const points = this.own ? { points: rowsOf(this.own) } : {};
    const asked = { ...this.drawn, beta: this.view.number("beta"), model: this.view.value<string>("model"), ...points };
    let fresh: Collapse | undefined;
    try {
      const answer = await this.questions.ask("tokens.collapse", asked, (each) => (fresh = this.take(each, fresh)));
      if (answer) this.view.say(this.summary());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.fall(error.message);
    }
  }

  /** Where there is no collapse, the tokens move live. */
  private fall(message: string): void {
    this.failed = `${message}; simulated live.`;
    this.load();
  }

  private take(answer: Answer, fresh: Collapse | undefined): Collapse | undefined {
    if (answer.document.at_work) {
      this.view.say(`following the tokens to their last merger: ${answer.document.at_work}`);
      return fresh;
    }
    if (answer.arrays.points) {
      this.begin(cloudOf(answer));
      return fresh;
    }
    const collapse = fresh ?? new Collapse();
    collapse.take(answer);
    this.showCollapse(collapse, collapse !== fresh);
    return collapse;
  }

  private begin(cloud: Cloud): void {
    this.base = cloud;
    this.colours = startColours(places(this.cloud!, this.cloud!.points));
    this.draw();
  }

  /** The tokens at time 0. */
  private get cloud(): Cloud | undefined {
    const { base, own } = this;
    return base && own ? { ...base, points: own.points, axes: own.axes } : base;
  }

  private showCollapse(collapse: Collapse, fresh: boolean): void {
    this.collapse = collapse;
    if (fresh) {
      this.trails = collapse.trails();
      const at = this.aim ?? (this.frame === 0 ? collapse.first : this.timeShown());
      this.scrubber.min = String(collapse.first);
      this.scrubber.max = String(collapse.last);
      this.scrubber.dataset.frames = String(collapse.times.length);
      this.frame = collapse.frameAt(at);
      this.aim = undefined;
    }
    this.list.show(collapse);
    this.showChosen();
    this.view.refresh();
    if (!collapse.final) this.view.say("errors and certain windows are being computed");
  }

  private timeShown(): number {
    return Number(this.scrubber.value);
  }

  private summary(): string {
    const { collapse } = this;
    if (!collapse) return "";
    if (collapse.status !== "collapsed") return `${collapse.status}: ${collapse.note}`;
    const told = collapse.mergers.filter(({ predicted }) => predicted).length;
    return `${collapse.mergers.length} mergers over ${digits(collapse.last - collapse.first, 3)} decades of time, ${told} of them predicted.${collapse.note ? ` ${collapse.note}.` : ""}`;
  }

  private async read(file: Upload): Promise<void> {
    try {
      const answer = await this.questions.ask("tokens.read_points", {}, undefined, [file]);
      if (!answer) return;
      this.own = cloudOf(answer);
      this.changed("own");
      this.view.set("n", this.own.n);
      this.view.set("d", this.own.d);
      this.remark.textContent = `${file.name}: ${this.own.n} points in dimension ${this.own.d}`;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.view.refuse(error.message);
    }
  }

  // ---- controls

  /** Several values change together where the address does: they are answered once. */
  private changed(name: string): void {
    if (!this.sphere) return;
    if (!this.pending.size) queueMicrotask(() => this.respond());
    this.pending.add(name);
  }

  private respond(): void {
    const names = new Set(this.pending);
    this.pending.clear();
    const has = (...some: string[]) => some.some((name) => names.has(name));
    if (has("n", "d", "seed") && !has("own")) this.forgetOwn();
    if (has("n", "d", "seed", "masses", "own")) this.restart();
    if (has("speed") && this.playing && this.effective === "live") this.live.run(this.view.number("speed"));
    if (has("merger")) this.showChosen();
    if (has("trails")) this.draw();
    if (has("at") && this.view.value("at") !== undefined) this.aimAt(this.view.number("at"), has("n", "d", "seed", "masses", "beta", "model", "mode"));
    if (has("n", "d", "seed", "masses", "own", "mode")) return this.renew();
    if (has("beta", "model", "causal", "noise")) this.renewRules();
  }

  /** The address wants another time: of this collapse, or of the one that is asked for. */
  private aimAt(time: number, later: boolean): void {
    if (later || !this.collapse) this.aim = time;
    else if (Math.abs(time - this.timeShown()) > 1e-3) this.goTo(time);
  }

  private forgetOwn(): void {
    this.own = undefined;
    this.remark.textContent = "";
  }

  private restart(): void {
    this.frame = 0;
    this.failed = "";
    if (this.view.number("merger") >= 0) this.view.set("merger", -1);
  }

  private renewRules(): void {
    const before = this.shownLive;
    this.failed = "";
    if (before && this.effective === "live") return this.live.set(this.rules), this.view.say(this.onlyLive());
    this.renew();
  }

  private shownLive = false;

  private renew(): void {
    if (this.view.value<string>("mode") === "last") this.failed = "";
    if (this.effective === "last") this.stopLive();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.load(), REST);
  }

  private startLive(): void {
    this.shownLive = true;
    this.look();
    this.live.start(this.cloud!, this.rules);
    this.playing = true;
    this.live.run(this.view.number("speed"));
    this.view.say(this.onlyLive());
  }

  private stopLive(): void {
    if (!this.shownLive) return;
    this.live.pause();
    this.shownLive = false;
    this.playing = false;
    this.look();
  }

  /** What belongs to one of the two ways alone. */
  private look(): void {
    this.view.root.classList.toggle("is-live", this.shownLive);
    this.draw();
  }

  private play(): void {
    this.playing = !this.playing;
    if (this.shownLive) return this.playing ? this.live.run(this.view.number("speed")) : this.live.pause();
    if (!this.playing || !this.collapse) return this.save();
    if (this.frame >= this.collapse.times.length - 1) this.frame = 0;
    this.last = performance.now();
    this.asked = requestAnimationFrame((now) => this.film(now));
  }

  private reset(): void {
    this.sphere.resetTurn();
    this.sphere.choose(undefined);
    this.forgetOwn();
    this.restart();
    this.playing = false;
    this.renew();
  }

  // ---- time

  /** The film takes as long for every frame, and frames are close together where something happens. */
  private film(now: number): void {
    const { collapse } = this;
    if (!this.playing || !collapse || this.shownLive) return;
    const end = collapse.times.length - 1;
    this.frame = Math.min(end, this.frame + (((now - this.last) / 1000) * end * this.view.number("speed")) / FILM);
    this.last = now;
    this.playing = this.frame < end;
    this.draw();
    if (this.playing) this.asked = requestAnimationFrame((next) => this.film(next));
    else this.save();
  }

  private goTo(time: number): void {
    if (!this.collapse) return;
    this.playing = false;
    this.frame = this.collapse.frameAt(time);
    this.draw();
    this.save();
  }

  /** The address follows when the scrubber rests. */
  private save(): void {
    clearTimeout(this.remember);
    this.remember = window.setTimeout(() => this.collapse && !this.shownLive && this.view.set("at", Number(this.timeShown().toFixed(4))), 300);
  }

  private stepFrame(by: number): void {
    const { collapse } = this;
    if (!collapse || this.shownLive) return;
    this.playing = false;
    this.frame = Math.min(collapse.times.length - 1, Math.max(0, by > 0 ? Math.floor(this.frame + 1) : Math.ceil(this.frame - 1)));
    this.draw();
    this.save();
  }

  /** To the next or the last merger before, which is chosen. */
  private stepMerger(by: number): void {
    const { collapse } = this;
    if (!collapse || this.shownLive) return;
    const chosen = this.chosenIndex;
    const now = this.timeShown();
    const passed = collapse.mergers.filter((merger) => collapse.timeOf(merger) < now - 1e-9).length;
    const next = chosen === undefined ? (by > 0 ? passed : passed - 1) : chosen + by;
    this.view.set("merger", Math.min(collapse.mergers.length - 1, Math.max(0, next)));
  }

  private get chosenIndex(): number | undefined {
    const index = Number(this.view.value("merger") ?? -1);
    return index >= 0 && index < (this.collapse?.mergers.length ?? 0) ? index : undefined;
  }

  private get chosen() {
    return this.chosenIndex === undefined ? undefined : this.collapse!.mergers[this.chosenIndex];
  }

  private merger = -1;
  private charted = 0;

  /** A merger that was chosen is seen a moment before it happens. */
  private showChosen(): void {
    const { collapse, chosen } = this;
    const fresh = this.merger !== (this.chosenIndex ?? -1);
    this.merger = this.chosenIndex ?? -1;
    this.list.mark(this.chosenIndex, chosen);
    if (collapse && chosen && fresh) this.goTo(collapse.timeOf(chosen) + Math.log10(0.7));
    else this.draw();
  }

  private lastMerger(): number | undefined {
    return this.shownLive ? undefined : this.collapse?.lastMerger;
  }

  // ---- points that are moved by hand

  private drag(index: number, place: Place): void {
    const { cloud } = this;
    if (!cloud) return;
    if (this.shownLive) return this.dragLive(cloud, index, place);
    this.playing = false;
    this.own = moved(cloud, index, place);
    this.frame = 0;
    this.draw();
    this.ask();
  }

  private dragLive(cloud: Cloud, index: number, place: Place): void {
    const now = Float64Array.from(this.live.points.subarray(index * cloud.d, (index + 1) * cloud.d));
    this.live.move(index, lifted(cloud, now, place));
  }

  private waiting = false;

  /** While a point is dragged the staircase follows, as often as answers come. */
  private ask(): void {
    if (this.waiting) return;
    this.waiting = true;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.waiting = false;
      void this.loadCollapse();
    }, REST);
  }

  private dropped(): void {
    if (!this.shownLive) this.ask();
  }

  // ---- drawing

  private draw(): void {
    const { cloud, shownLive, collapse } = this;
    if (!cloud) return;
    const atStart = !collapse || this.frame === 0;
    const now = shownLive ? places(cloud, this.live.points) : atStart ? places(cloud, cloud.points) : collapse.placesAt(this.frame);
    if (now.length !== this.colours.length) return;
    const scale = this.sphere.root.clientWidth / 480 || 1;
    this.sphere.show(ballsAt(now, cloud.masses, this.colours, shownLive ? undefined : this.chosen, scale), kindOf(cloud.d));
    const trails = !shownLive && !atStart && this.view.value<boolean>("trails");
    this.sphere.showTrail(trails ? this.trails.ends : this.noTrail, trails ? this.trails.upTo[Math.floor(this.frame)] : 0);
    if (shownLive) this.drawLive();
    else if (collapse) this.drawCourse(collapse);
    if (cloud.d > 3 && !this.remark.textContent) this.remark.textContent = `Dimension ${cloud.d}: the first three principal axes are shown.`;
    else if (cloud.d <= 3 && this.remark.textContent?.startsWith("Dimension")) this.remark.textContent = "";
  }

  private drawLive(): void {
    const { live } = this;
    const now = performance.now();
    if (now - this.charted > CHARTED || !this.playing) {
      this.steps.show(live.chart());
      this.view.refresh();
      this.charted = now;
    }
    this.steps.cursor(undefined);
    this.reading.textContent = `time ${digits(live.time)} · unit energy ${live.energy.toFixed(3)}`;
    this.sphere.root.dataset.time = String(live.time);
  }

  private drawCourse(collapse: Collapse): void {
    const time = collapse.timeAt(this.frame);
    this.scrubber.value = String(time);
    this.scrubber.setAttribute("aria-valuetext", `10^${time.toFixed(2)}`);
    this.steps.show(staircase(collapse, this.chosen));
    this.steps.cursor(time);
    this.reading.textContent = `time 10^${time.toFixed(2)} · unit energy ${collapse.energyAt(this.frame).toFixed(3)} · ${collapse.clustersAt(time)} of ${this.cloud!.n} clusters`;
  }

  private table(): Table {
    if (!this.shownLive && this.collapse) return mergerTable(this.collapse);
    const { cloud, live } = this;
    if (!cloud) return { columns: [], rows: [] };
    const shown = Math.min(cloud.d, 8);
    const rows = Array.from({ length: Math.min(cloud.n, ROWS) }, (_, i) => [live.time, i, cloud.masses[i], ...live.points.subarray(i * cloud.d, i * cloud.d + shown)]);
    return { columns: ["time", "token", "mass", ...Array.from({ length: shown }, (_, k) => `x${k + 1}`)], rows };
  }
}

function rowsOf({ n, d, points }: Cloud): number[][] {
  return Array.from({ length: n }, (_, i) => [...points.subarray(i * d, (i + 1) * d)]);
}
