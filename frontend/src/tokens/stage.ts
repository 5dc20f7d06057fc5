import { Sphere, type Place } from "../drawing/sphere";
import { Steps } from "../drawing/steps";
import { digits, element } from "../ui/elements";
import { ballsAt, startColours } from "./balls";
import { kindOf, places, type Cloud } from "./cloud";
import type { Merger } from "./collapse";
import type { Course } from "./course";
import type { Live } from "./live";
import { MergerList } from "./mergers";
import { staircase } from "./staircase";

const LEGEND = { measured: "measured", predicted: "predicted", band: "certainly apart" };
/** Milliseconds between two drawings of the energy of a live cloud. */
const CHARTED = 120;

interface Hooks {
  drag: (index: number, place: Place) => void;
  dropped: () => void;
  /** log10 of a time was chosen. */
  time: (time: number) => void;
  merger: (index: number) => void;
}

/** What is seen: the sphere beside the staircase, the scrubber and the merge list. */
export class Stage {
  readonly sphere: Sphere;
  readonly list: MergerList;
  readonly panels: HTMLElement[];
  private steps: Steps;
  private scrubber = element("input", { type: "range", class: "scrubber measurement", "aria-label": "log10 of the time", step: "any" });
  private reading = element("p", { class: "reading measurement" });
  private remark = element("p", { class: "remark" });
  private file = "";
  private colours: Float32Array = new Float32Array(0);
  private trails: { ends: Float32Array; upTo: number[] } = { ends: new Float32Array(0), upTo: [0] };
  private noTrail = new Float32Array(0);
  private charted = 0;

  constructor(hooks: Hooks) {
    this.sphere = new Sphere({ label: "tokens: drag to turn or to move a token; arrow keys turn, n chooses a token, Shift and arrows move it", drag: hooks.drag, dropped: hooks.dropped });
    this.steps = new Steps({ label: "staircase of the energy over log10 of the time", yLabel: "unit energy", legend: LEGEND, at: hooks.time });
    this.list = new MergerList(hooks.merger);
    this.scrubber.addEventListener("input", () => hooks.time(Number(this.scrubber.value)));
    this.panels = [
      element("div", { class: "panel" }, this.sphere.root, this.reading, this.remark),
      element("div", { class: "panel" }, element("div", { class: "measurement" }, this.steps.root), element("div", { class: "scrub" }, this.scrubber), element("div", { class: "measurement" }, ...this.list.parts)),
    ];
  }

  /** Takes the tokens at time 0, whose places give the colours, and the name of their file if they have one. */
  begin(cloud: Cloud, file: string): void {
    this.colours = startColours(places(cloud, cloud.points));
    this.file = file;
  }

  /** Takes another collapse: its range of time, and the ways of its tokens. */
  take({ collapse }: Course): void {
    if (!collapse) return;
    this.trails = collapse.trails();
    this.scrubber.min = String(collapse.first);
    this.scrubber.max = String(collapse.last);
    this.scrubber.dataset.frames = String(collapse.times.length);
  }

  showCourse(cloud: Cloud, course: Course, chosen: Merger | undefined, trails: boolean): void {
    const { collapse, atStart } = course;
    this.draw(cloud, atStart ? places(cloud, cloud.points) : collapse!.placesAt(course.frame), chosen);
    if (trails && !atStart) this.sphere.showTrail(this.trails.ends, this.trails.upTo[Math.floor(course.frame)]);
    else this.sphere.showTrail(this.noTrail, 0);
    if (!collapse) return;
    const { time } = course;
    this.scrubber.value = String(time);
    this.scrubber.setAttribute("aria-valuetext", `10^${time.toFixed(2)}`);
    this.steps.show(staircase(collapse, chosen));
    this.steps.cursor(time);
    this.reading.textContent = `time 10^${time.toFixed(2)} · unit energy ${collapse.energyAt(course.frame).toFixed(3)} · ${collapse.clustersAt(time)} of ${cloud.n} clusters`;
  }

  /** Gives whether the chart was drawn too, which is not done for every frame. */
  showLive(cloud: Cloud, live: Live): boolean {
    this.draw(cloud, places(cloud, live.points), undefined);
    this.sphere.showTrail(this.noTrail, 0);
    this.reading.textContent = `time ${digits(live.time)} · unit energy ${live.energy.toFixed(3)}`;
    const now = performance.now();
    if (live.running && now - this.charted < CHARTED) return false;
    this.charted = now;
    this.steps.show(live.chart());
    this.steps.cursor(undefined);
    return true;
  }

  end(): void {
    this.sphere.end();
    this.steps.end();
  }

  private draw(cloud: Cloud, now: Float32Array, chosen: Merger | undefined): void {
    if (now.length !== this.colours.length) return;
    const scale = this.sphere.root.clientWidth / 480 || 1;
    this.sphere.show(ballsAt(now, cloud.masses, this.colours, chosen, scale), kindOf(cloud.d));
    const axes = cloud.d > 3 ? `Dimension ${cloud.d}: the first three principal axes are shown.` : "";
    this.remark.textContent = [this.file, axes].filter(Boolean).join(" ");
  }
}
