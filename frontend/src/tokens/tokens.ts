import type { Place } from "../drawing/sphere";
import type { Model } from "../model/contract";
import { Asking, Refused, type Answer, type Upload } from "../model/questions";
import { fileInput } from "../ui/drop";
import { digits, type Table } from "../ui/elements";
import { View } from "../ui/view";
import { cloudOf, drawnHere, lifted, moved, type Cloud } from "./cloud";
import { Collapse, type Merger } from "./collapse";
import { MOST_FOLLOWED, tokenControls } from "./controls";
import { Course } from "./course";
import { Live, type Rules } from "./live";
import { mergerTable } from "./mergers";
import { Stage } from "./stage";

const LEAD = "Tokens on the circle or the sphere attract each other. Drag one; raise β; go to the last merger.";
const FOLLOWING = "following the tokens to their last merger";
const LARGEST_FILE = 8e6;
/** Milliseconds without a change after which questions are asked. */
const REST = 90;
/** What another cloud depends on, and what else another collapse does. */
const CLOUD = ["n", "d", "seed", "masses", "own"];
const RULES = ["beta", "model", "causal", "noise"];

/** The view Tokens: one cloud, followed live in the worker, or to its last merger by the collapse engine. */
export class Tokens {
  private view: View;
  private stage: Stage;
  private course: Course;
  private live: Live;
  private questions: Asking;
  private files: Asking;
  private base: Cloud | undefined;
  /** Points that were dropped or dragged, in place of those of the seed, and the file that they are from. */
  private own: Cloud | undefined;
  private file = "";
  private shownLive = false;
  /** Why there is no collapse of these tokens. */
  private failed = "";
  private timer = 0;
  private due = 0;
  /** Whether a collapse was asked for, of which no frame is there yet. */
  private following = false;
  private pending = new Set<string>();
  private marked: number | undefined;

  constructor(model: Model, el: HTMLElement) {
    [this.questions, this.files] = [new Asking(model), new Asking(model)];
    this.view = new View(model, el, {
      name: "tokens",
      title: "Tokens",
      lead: LEAD,
      controls: tokenControls({ play: () => this.play(), reset: () => this.reset() }),
      table: () => this.table(),
      predict: { question: "log10 of the time of the last merger?", answer: () => this.lastMerger(), said: () => `it is ${this.lastMerger()!.toFixed(3)}` },
    }, (name) => this.changed(name));
    this.course = new Course({ changed: () => this.draw(), rested: (time) => this.remember(time), speed: () => this.view.number("speed") });
    this.live = new Live(() => this.draw(), (message) => this.view.refuse(message));
    this.stage = new Stage({
      drag: (index, place) => this.drag(index, place),
      dropped: () => !this.shownLive && this.later(),
      time: (time) => !this.shownLive && this.course.goTo(time),
      merger: (index) => this.choose(this.chosenIndex === index ? -1 : index),
    });
    this.layOut();
    if (this.view.value("at") !== undefined) this.course.aim = this.view.number("at");
    this.load();
  }

  end(): void {
    this.view.end();
  }

  private layOut(): void {
    const { view, stage, course } = this;
    const drop = fileInput(view.stage, "points (npy, csv)", [".npy", ".csv"], LARGEST_FILE, (file) => void this.read(file), (text) => view.refuse(text));
    view.root.querySelector(".controls")!.append(drop);
    view.stage.append(...stage.panels);
    view.onKey(".", "next frame", () => !this.shownLive && course.stepFrame(1));
    view.onKey(",", "frame before", () => !this.shownLive && course.stepFrame(-1));
    view.onKey("]", "next merger", () => this.stepMerger(1));
    view.onKey("[", "merger before", () => this.stepMerger(-1));
    view.listen("change:projector", () => requestAnimationFrame(() => this.draw()));
    view.onEnd(() => {
      for (const timer of [this.timer, this.due]) clearTimeout(timer);
      for (const asking of [this.questions, this.files]) asking.cancel();
      for (const part of [course, this.live, stage]) part.end();
    });
  }

  // ---- which tokens, and what is asked about them

  /** The tokens at time 0. */
  private get cloud(): Cloud | undefined {
    const { base, own } = this;
    return base && own ? { ...base, points: own.points, axes: own.axes } : base;
  }

  private get isLive(): boolean {
    return this.view.value<string>("mode") === "live" || this.onlyLive() !== "";
  }

  /** Why tokens that are to be followed to their last merger move live instead; empty if they do not. */
  private onlyLive(): string {
    const { view } = this;
    if (view.value<string>("mode") === "live") return "";
    if (view.value<boolean>("causal") || view.number("noise") > 0) return "Causal and noisy tokens are simulated live only.";
    if (view.number("n") > MOST_FOLLOWED) return `More than ${MOST_FOLLOWED} tokens are simulated live only.`;
    return this.failed;
  }

  private get rules(): Rules {
    const { view } = this;
    return { beta: view.number("beta"), model: view.value("model"), causal: view.value("causal"), noise: view.number("noise"), seed: view.number("seed") };
  }

  private get drawn() {
    const { view } = this;
    return { n: view.number("n"), d: view.number("d"), seed: view.number("seed"), masses: view.value<string>("masses") };
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.load(), REST);
  }

  /** While a token is dragged: whenever the frames of the last answer are there. */
  private soon(): void {
    if (this.due) return;
    this.due = window.setTimeout(() => {
      this.due = 0;
      if (this.following) this.soon();
      else this.load();
    }, REST);
  }

  private load(): void {
    clearTimeout(this.due);
    this.due = 0;
    if (this.isLive) void this.loadLive();
    else void this.loadCollapse();
  }

  private async loadLive(): Promise<void> {
    const { drawn } = this;
    try {
      const answer = await this.questions.ask("tokens.cloud", drawn);
      if (!answer) return;
      this.begin(cloudOf(answer));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.begin(drawnHere(drawn.n, drawn.d, drawn.seed, drawn.masses === "equal"));
    }
    this.startLive();
  }

  private async loadCollapse(): Promise<void> {
    this.stopLive();
    this.view.say(FOLLOWING);
    this.following = true;
    const points = this.own ? { points: rowsOf(this.own) } : {};
    const asked = { ...this.drawn, beta: this.view.number("beta"), model: this.view.value<string>("model"), ...points };
    let fresh: Collapse | undefined;
    try {
      const answer = await this.questions.ask("tokens.collapse", asked, (each) => (fresh = this.take(each, fresh)));
      if (answer) this.view.say(this.summary());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.following = false;
      this.failed = `${error.message}; simulated live.`;
      this.load();
    }
  }

  /** Takes one answer about a collapse, and gives the collapse as far as it is known. */
  private take(answer: Answer, fresh: Collapse | undefined): Collapse | undefined {
    if (answer.document.at_work) this.view.say(`${FOLLOWING}: ${answer.document.at_work}`);
    else if (answer.arrays.points) this.beginFollowed(cloudOf(answer));
    else return this.showCollapse(answer, fresh);
    return fresh;
  }

  private showCollapse(answer: Answer, fresh: Collapse | undefined): Collapse {
    const collapse = fresh ?? new Collapse();
    collapse.take(answer);
    this.following = false;
    if (!fresh) {
      this.course.take(collapse);
      this.stage.take(this.course);
    }
    this.stage.list.show(collapse);
    this.showChosen();
    this.view.refresh();
    if (!collapse.final) this.view.say("errors and certain windows are being computed");
    return collapse;
  }

  /** Frames come along the principal axes of the tokens as they are now. */
  private beginFollowed(cloud: Cloud): void {
    if (this.own) this.own = { ...this.own, axes: cloud.axes };
    this.begin(cloud);
  }

  private begin(cloud: Cloud): void {
    this.base = cloud;
    this.stage.begin(this.cloud!, this.file);
    this.draw();
  }

  private summary(): string {
    const { collapse } = this.course;
    if (!collapse) return "";
    if (collapse.status !== "collapsed") return `${collapse.status}: ${collapse.note}`;
    const told = collapse.mergers.filter(({ predicted }) => predicted).length;
    return `${collapse.mergers.length} mergers over ${digits(collapse.last - collapse.first, 3)} decades of time, ${told} of them predicted.${collapse.note ? ` ${collapse.note}.` : ""}`;
  }

  private async read(file: Upload): Promise<void> {
    try {
      const answer = await this.files.ask("tokens.read_points", {}, undefined, [file]);
      if (answer) this.adopt(cloudOf(answer), file.name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.view.refuse(error.message);
    }
  }

  private adopt(cloud: Cloud, name: string): void {
    this.own = cloud;
    this.file = `${name}: ${cloud.n} points in dimension ${cloud.d}.`;
    this.changed("own");
    this.view.set("n", cloud.n);
    this.view.set("d", cloud.d);
  }

  // ---- controls

  /** Several values change together where the address does: they are answered once. */
  private changed(name: string): void {
    if (!this.stage) return;
    if (!this.pending.size) queueMicrotask(() => this.respond());
    this.pending.add(name);
  }

  private respond(): void {
    const names = new Set(this.pending);
    this.pending.clear();
    const has = (...some: string[]) => some.some((name) => names.has(name));
    if (has("n", "d", "seed") && !has("own")) this.forgetOwn();
    if (has(...CLOUD)) this.restart(!has("merger"));
    if (has("at")) this.aimAt(has(...CLOUD, ...RULES, "mode"));
    if (has("speed") && this.live.running) this.live.run(this.view.number("speed"));
    if (has("merger")) this.showChosen();
    if (has("trails")) this.draw();
    if (has(...CLOUD, "mode", ...RULES)) this.renew(!has(...CLOUD, "mode"));
  }

  /** The address wants another time: of this collapse, or of the one that is asked for. */
  private aimAt(later: boolean): void {
    const { course } = this;
    const time = this.view.value("at") === undefined ? course.time : this.view.number("at");
    if (later || !course.collapse) course.aim = time;
    else if (Math.abs(time - course.time) > 1e-3) course.goTo(time);
  }

  private forgetOwn(): void {
    this.own = undefined;
    this.file = "";
  }

  private restart(unchosen: boolean): void {
    this.course.rewind();
    if (unchosen && this.view.number("merger") >= 0) this.choose(-1);
  }

  /** Live tokens go on under other rules; all else is asked for again. */
  private renew(rulesOnly: boolean): void {
    this.failed = "";
    if (!rulesOnly || !this.isLive || !this.shownLive) return this.later();
    this.live.set(this.rules);
    this.view.say(this.onlyLive());
  }

  private startLive(): void {
    this.shownLive = true;
    this.view.root.classList.add("is-live");
    this.course.end();
    this.live.start(this.cloud!, this.rules);
    this.live.run(this.view.number("speed"));
    this.view.say(this.onlyLive());
  }

  private stopLive(): void {
    this.live.pause();
    this.shownLive = false;
    this.view.root.classList.remove("is-live");
    this.draw();
  }

  private play(): void {
    if (!this.shownLive) this.course.play();
    else if (this.live.running) this.live.pause();
    else this.live.run(this.view.number("speed"));
    this.draw();
  }

  private reset(): void {
    this.stage.sphere.resetTurn();
    this.stage.sphere.choose(undefined);
    this.forgetOwn();
    this.restart(true);
    this.failed = "";
    this.later();
  }

  // ---- times and mergers

  private remember(time: number): void {
    if (!this.shownLive) this.view.set("at", Number(time.toFixed(4)));
  }

  private stepMerger(by: number): void {
    if (!this.shownLive && this.course.collapse) this.choose(this.course.nextMerger(by, this.chosenIndex));
  }

  private choose(index: number): void {
    this.view.set("merger", index);
  }

  private get chosenIndex(): number | undefined {
    const index = Number(this.view.value("merger") ?? -1);
    return index >= 0 && index < (this.course.collapse?.mergers.length ?? 0) ? index : undefined;
  }

  private get chosen(): Merger | undefined {
    return this.chosenIndex === undefined ? undefined : this.course.collapse!.mergers[this.chosenIndex];
  }

  /** A merger that was chosen is seen a moment before it happens. */
  private showChosen(): void {
    const { chosen, chosenIndex, course } = this;
    const fresh = chosenIndex !== this.marked;
    this.marked = chosenIndex;
    this.stage.list.mark(chosenIndex, chosen);
    if (chosen && fresh) course.goTo(course.collapse!.timeOf(chosen) + Math.log10(0.7));
    else this.draw();
  }

  private lastMerger(): number | undefined {
    return this.shownLive ? undefined : this.course.collapse?.lastMerger;
  }

  // ---- points that are moved by hand

  /** In the recorded way the token is moved at time 0; the staircase follows, as often as answers come. */
  private drag(index: number, place: Place): void {
    const { cloud, course } = this;
    if (!cloud) return;
    if (this.shownLive) return this.dragLive(cloud, index, place);
    this.own = moved(cloud, index, place);
    course.rewind();
    this.draw();
    this.soon();
  }

  private dragLive(cloud: Cloud, index: number, place: Place): void {
    const now = Float64Array.from(this.live.points.subarray(index * cloud.d, (index + 1) * cloud.d));
    this.live.move(index, lifted(cloud, now, place));
  }

  // ---- what is seen

  private draw(): void {
    const { cloud, stage } = this;
    if (!cloud) return;
    if (!this.shownLive) stage.showCourse(cloud, this.course, this.chosen, this.view.value("trails"));
    else if (stage.showLive(cloud, this.live)) this.view.refresh();
  }

  private table(): Table {
    const { cloud, course } = this;
    if (!this.shownLive && course.collapse) return mergerTable(course.collapse);
    return cloud ? this.live.table(cloud) : { columns: [], rows: [] };
  }
}

function rowsOf({ n, d, points }: Cloud): number[][] {
  return Array.from({ length: n }, (_, i) => [...points.subarray(i * d, (i + 1) * d)]);
}
