import { HeatMap, type Cell, type HeatLine } from "../drawing/heat";
import type { Model } from "../model/contract";
import { Asking, Refused, type Answer } from "../model/questions";
import { digits, element, type Table } from "../ui/elements";
import { View } from "../ui/view";
import { BETAS, betaInTime, timeOf, timesUntil } from "./grid";
import { Replay, type Course } from "./replay";
import { drawnHere, Rows, type Cloud, type Row, type Size } from "./rows";

/** Numbers of orthogonal tokens to which an exported file has answers: the nearest one is taken there. */
const DIMENSIONS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 200];
const HORIZON = 30;
/** Milliseconds for which a diagram is looked at before its thresholds are computed. */
const REST = 800;
/** In what an exported file says of a question without an answer. */
const RECORDED = "recorded answers only";
const LEVELS: [string, string][] = [0.5, 0.7, 0.9, 0.99, 0.999].map((level) => [String(level), String(level)]);

interface ClosedForm {
  dimension: number;
  levels: number[];
  logTimes: Float32Array;
}

interface Thresholds {
  caps: number | null;
  at_work?: string;
  beta_exp?: number | null;
  beta_meta?: number | null;
}

/** The diagram of mean cosine over time and inverse temperature, with the closed form and the thresholds of the cloud. */
export class Phase {
  private view: View;
  private map: HeatMap;
  private replay = new Replay();
  private rows: Rows;
  private told = element("p", { class: "unit", role: "status" });
  private filled: (Row | undefined)[] = [];
  private times = timesUntil(1e3);
  private cloud: Cloud | undefined;
  private closed: ClosedForm | undefined;
  private thresholds: Thresholds | undefined;
  private pointed: Cell | undefined;
  private waits = false;
  private rest = 0;
  private known = new Map<string, Thresholds>();
  private clouds: Asking;
  private forms: Asking;
  private limits: Asking;

  constructor(
    private model: Model,
    el: HTMLElement,
  ) {
    [this.clouds, this.forms, this.limits] = [0, 0, 0].map(() => new Asking(model));
    this.view = this.makeView(el);
    const place = element("div", { class: "panel" });
    this.view.stage.append(place, this.replay.panel);
    this.map = new HeatMap(place, {
      label: "mean cosine over time and inverse temperature: arrow keys choose a system and a time",
      xLabel: "time t",
      yLabel: "inverse temperature β",
      zLabel: "mean cosine",
      low: 0,
      high: 1,
      height: 470,
      hover: (cell) => this.point(cell ?? this.chosen()),
      click: (cell) => this.choose(cell),
    });
    place.append(this.told);
    this.rows = new Rows((k, row) => this.came(k, row), (message) => this.view.refuse(message));
    this.keepCloud();
    this.fillSoon();
    void this.askForm();
  }

  end(): void {
    clearTimeout(this.rest);
    for (const asking of [this.clouds, this.forms, this.limits]) asking.cancel();
    this.rows.end();
    this.map.end();
    this.replay.close();
    this.view.end();
  }

  private makeView(el: HTMLElement): View {
    const predict = {
      question: `Up to which β has the cloud come together (mean cosine at the level) by t = ${HORIZON}?`,
      answer: () => this.inTime(),
      said: () => `by t = ${HORIZON} the mean cosine reaches ${this.level()} up to β = ${digits(this.inTime()!)}`,
    };
    return new View(
      this.model,
      el,
      {
        name: "phase",
        title: "Phase",
        lead: "One cloud at thirty inverse temperatures: light where its tokens have come together. Point at a system to see it again; drag the closed form's dimension.",
        controls: [
          { kind: "slider", name: "n", label: "tokens n", low: 2, high: 200, step: 1, value: 32 },
          { kind: "slider", name: "d", label: "dimension d", low: 2, high: 128, step: 1, value: 3 },
          { kind: "slider", name: "seed", label: "seed", low: 0, high: 100, step: 1, value: 0 },
          { kind: "choice", name: "masses", label: "masses", options: [["equal", "equal"], ["random", "random"]], value: "equal", key: "w" },
          { kind: "choice", name: "model", label: "model", options: [["sa", "SA"], ["usa", "USA"]], value: "sa", key: "a" },
          { kind: "choice", name: "until", label: "until t", options: [["100", "100"], ["1000", "1000"], ["10000", "10 000"]], value: "1000" },
          { kind: "choice", name: "level", label: "contour at mean cosine", options: LEVELS, value: "0.9", key: "l" },
          { kind: "slider", name: "closed", label: "closed form: dimension D", low: 2, high: 200, step: 1, value: 32 },
          { kind: "button", name: "again", label: "Fill again", key: "r", press: () => void this.fill() },
        ],
        table: () => this.table(),
        predict,
      },
      (name) => this.changed(name),
    );
  }

  private changed(name: string): void {
    if (["n", "d", "seed", "masses"].includes(name)) this.keepCloud();
    if (["n", "d", "seed", "masses", "model", "until"].includes(name)) this.fillSoon();
    if (name === "closed" || name === "model") void this.askForm();
    if (name === "level") this.show();
    if (name === "level" && this.complete()) this.conclude();
    if (name === "beta" || name === "t") this.point(this.chosen());
  }

  /** The address says which cloud it is, so that another view can begin with it. */
  private keepCloud(): void {
    const state = (this.model.get("state") as Record<string, unknown>) ?? {};
    const missing = ["n", "d", "seed"].filter((name) => state[name] === undefined);
    if (missing.length) this.model.set("state", { ...state, ...Object.fromEntries(missing.map((name) => [name, this.view.number(name)])) });
  }

  /** Once, where several values change together. */
  private fillSoon(): void {
    if (this.waits) return;
    this.waits = true;
    queueMicrotask(() => {
      this.waits = false;
      void this.fill();
    });
  }

  private async fill(): Promise<void> {
    const view = this.view;
    [this.filled, this.thresholds, this.pointed] = [[], undefined, undefined];
    this.times = timesUntil(view.number("until"));
    this.limits.cancel();
    clearTimeout(this.rest);
    this.told.textContent = "";
    view.say("the cloud is drawn");
    this.show();
    const given = { n: view.number("n"), d: view.number("d"), seed: view.number("seed"), masses: view.value<string>("masses") };
    this.cloud = await this.draw(given);
    if (!this.cloud) return;
    const model = view.value<"sa" | "usa">("model");
    if (!(await this.rows.fill(this.cloud, model, BETAS, this.times))) return;
    this.conclude();
    this.rest = window.setTimeout(() => void this.askLimits({ ...given, model }), REST);
  }

  /** The thresholds take seconds of the server: they are asked for where a cloud is looked at for a while. */
  private async askLimits(given: Record<string, unknown>): Promise<void> {
    const known = this.known.get(JSON.stringify(given));
    if (known) return this.limit(known);
    const last = await this.heard(this.limits.ask("phase.thresholds", given, ({ document }) => document.caps !== undefined && this.limit(document)));
    if (last) this.known.set(JSON.stringify(given), last.document);
  }

  /** The cloud of the Python engine; where there is none to ask, another one of the same law. */
  private async draw(given: Size): Promise<Cloud | undefined> {
    try {
      const answer = await this.clouds.ask("phase.cloud", { ...given });
      return answer && { ...given, points: answer.document.points, masses: answer.document.masses, axes: answer.arrays.axes.values };
    } catch (error) {
      if (isMissing(error)) return drawnHere(given);
      return this.refuse(error);
    }
  }

  private came(k: number, row: Row): void {
    this.filled[k] = row;
    const count = this.filled.filter(Boolean).length;
    this.view.say(`${count} of ${BETAS.length} systems`);
    this.show();
    if (!this.pointed) this.point(this.chosen());
  }

  private show(): void {
    this.map.show({ x: this.times, y: BETAS, rows: BETAS.map((_, k) => this.filled[k]?.cosines) });
    this.drawLines();
    this.view.refresh();
  }

  private conclude(): void {
    const reached = this.inTime();
    const { n, d } = this.cloud!;
    const until = reached === undefined ? `at no β here by t = ${HORIZON}` : `by t = ${HORIZON} up to β = ${digits(reached, 3)}`;
    this.view.say(`${n} tokens, d = ${d}: mean cosine ${this.level()} is reached ${until} (measured)`);
  }

  private complete(): boolean {
    return this.filled.filter(Boolean).length === BETAS.length;
  }

  private level(): number {
    return this.view.number("level");
  }

  private reached(): (number | undefined)[] {
    return BETAS.map((_, k) => (this.filled[k] ? timeOf(this.level(), this.times, this.filled[k].cosines) : undefined));
  }

  private inTime(): number | undefined {
    return betaInTime(HORIZON, this.reached());
  }

  private drawLines(): void {
    const contour = this.reached().flatMap((time, k): [number, number][] => (time === undefined ? [] : [[time, BETAS[k]]]));
    const lines: HeatLine[] = [{ label: "", role: "measured", points: contour }];
    if (this.closed) lines.push({ label: this.formName(), role: "predicted", points: this.closedContour(this.closed) });
    const { beta_exp, beta_meta } = this.thresholds ?? {};
    if (beta_exp) lines.push(this.across(beta_exp, `β_exp = ${digits(beta_exp, 3)}: one cluster by t = ${HORIZON} is certified`, "below"));
    if (beta_meta) lines.push(this.across(beta_meta, `β_meta = ${digits(beta_meta, 3)}: clusters are certified to stay`, "above"));
    this.map.draw(lines);
  }

  private formName(): string {
    return `closed form: D = ${this.closed?.dimension} orthogonal tokens`;
  }

  private across(beta: number, label: string, side: "above" | "below"): HeatLine {
    return { label, role: "certified", side, from: "left", points: [[this.times[0], beta], [this.times[this.times.length - 1], beta]] };
  }

  /** When the closed form reaches the level, at every beta. */
  private closedContour({ levels, logTimes }: ClosedForm): [number, number][] {
    const at = levels.findIndex((level) => Math.abs(level - this.level()) < 1e-9);
    return BETAS.map((beta, k) => [Math.exp(logTimes[k * levels.length + at]), beta]);
  }

  private course(row: number): Course | undefined {
    if (!this.closed) return undefined;
    const { levels, logTimes } = this.closed;
    const logs = logTimes.subarray(row * levels.length, (row + 1) * levels.length);
    return { label: this.formName(), times: Array.from(logs, Math.exp), cosines: levels };
  }

  private async askForm(): Promise<void> {
    const answer = await this.heard(this.formOf(this.view.number("closed")));
    if (!answer) return;
    this.closed = { dimension: answer.document.dimension, levels: answer.document.levels, logTimes: answer.arrays.log_times.values };
    this.drawLines();
    this.view.refresh();
    if (this.pointed) this.replay.predict(this.course(this.pointed.row));
  }

  /** The closed form of so many tokens; where that is not recorded, of the nearest number that is. */
  private async formOf(dimension: number): Promise<Answer | undefined> {
    const ask = (size: number) => this.forms.ask("phase.closed_form", { dimension: size, model: this.view.value("model") });
    try {
      return await ask(dimension);
    } catch (error) {
      if (!isMissing(error)) throw error;
      return ask(DIMENSIONS[nearest(DIMENSIONS, dimension)]);
    }
  }

  private limit(document: Thresholds): void {
    this.thresholds = document;
    const { caps, at_work, beta_exp, beta_meta } = document;
    const start = caps ? `clusters are certified from the cloud alone above β = ${digits(caps)}` : "clusters are certified from the cloud alone nowhere";
    const rest = at_work ? `thresholds: ${at_work}` : `β_exp = ${beta_exp ? digits(beta_exp) : "none"}, β_meta = ${beta_meta ? digits(beta_meta) : "none"} with runs`;
    this.told.textContent = beta_exp === undefined && !at_work ? start : `${start}; ${rest}`;
    this.drawLines();
  }

  /** The cell that the address names. */
  private chosen(): Cell | undefined {
    const [beta, t] = [this.view.number("beta"), this.view.number("t")];
    if (!(beta > 0)) return undefined;
    return { row: nearest(BETAS, beta), column: nearest(this.times, t > 0 ? t : Infinity) };
  }

  private choose({ column, row }: Cell): void {
    const state = (this.model.get("state") as Record<string, number>) ?? {};
    this.model.set("state", { ...state, beta: Number(BETAS[row].toPrecision(4)), t: Number(this.times[column].toPrecision(4)) });
    this.model.save_changes();
  }

  private point(cell: Cell | undefined): void {
    const row = cell && this.filled[cell.row];
    this.map.mark(row ? cell : undefined);
    if (!cell || !row) return;
    this.pointed = cell;
    this.replay.show(`β = ${digits(BETAS[cell.row], 3)}`, this.times, row, cell.column, this.course(cell.row));
  }

  private table(): Table {
    const columns = this.times.map((time, k) => [time, k] as const).filter(([time]) => Number.isInteger(Math.log10(time)));
    const reached = this.reached();
    return {
      columns: ["β", ...columns.map(([time]) => `t = ${digits(time)}`), `time of ${this.level()}`, "closed form"],
      rows: BETAS.map((beta, k) => {
        const cosines = columns.map(([, column]) => this.filled[k]?.cosines[column] ?? "");
        return [beta, ...cosines, reached[k] ?? "", this.closed ? this.closedContour(this.closed)[k][0] : ""];
      }),
    };
  }

  /** The answer, or a line of why there is none; an exported file that has none says nothing. */
  private async heard(asked: Promise<Answer | undefined>): Promise<Answer | undefined> {
    try {
      return await asked;
    } catch (error) {
      return isMissing(error) ? undefined : this.refuse(error);
    }
  }

  private refuse(error: unknown): undefined {
    if (!(error instanceof Refused)) throw error;
    this.view.refuse(error.message);
    return undefined;
  }
}

/** Whether an exported file has no answer to the question. */
function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.message.includes(RECORDED);
}

function nearest(grid: number[], value: number): number {
  if (value >= grid[grid.length - 1]) return grid.length - 1;
  return grid.reduce((best, at, k) => (Math.abs(Math.log(at / value)) < Math.abs(Math.log(grid[best] / value)) ? k : best), 0);
}
