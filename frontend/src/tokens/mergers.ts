import { digits, element, type Table } from "../ui/elements";
import { decades, type Collapse, type Merger } from "./collapse";

const BRIEF = 5;
const COLUMNS = ["left", "merge", "predicted", "measured", "condition"];
const HINTS = ["clusters that are left", "tokens of both clusters", "log10 of the time, by the closed form of isolated pairs", "log10 of the time, and its error", "change of the log time when a token moves by 1/beta"];

/** The merge list: a row for every merger, which is a button that chooses it. */
export class MergerList {
  readonly root = element("div", { class: "merger-list", role: "region", "aria-label": "mergers", tabindex: 0 });
  private detail = element("p", { class: "merger-detail", role: "status" });
  private rows: HTMLTableRowElement[] = [];
  private buttons: HTMLButtonElement[] = [];

  constructor(private choose: (index: number) => void) {
    this.root.after(this.detail);
  }

  get parts(): HTMLElement[] {
    return [this.root, this.detail];
  }

  show(collapse: Collapse | undefined): void {
    const mergers = collapse?.mergers ?? [];
    const head = element("tr", {}, ...COLUMNS.map((name, k) => element("th", { scope: "col", title: HINTS[k] }, name)));
    const left = (k: number) => (collapse?.clusters ?? 1) + mergers.length - 1 - k;
    this.buttons = mergers.map((_, k) => element("button", { type: "button", "aria-pressed": "false", "aria-label": `merger to ${left(k)} clusters`, onclick: () => this.choose(k) }, String(left(k))));
    this.rows = mergers.map((merger, k) => element("tr", { onclick: (event: Event) => event.target !== this.buttons[k] && this.choose(k) }, element("td", {}, this.buttons[k]), ...cells(merger).map((text) => element("td", {}, text))));
    this.root.replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...this.rows)));
  }

  mark(index: number | undefined, merger: Merger | undefined): void {
    this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === index)));
    this.rows.forEach((row, k) => row.classList.toggle("chosen", k === index));
    if (index !== undefined) this.reveal(this.rows[index]);
    this.detail.textContent = merger ? sentence(merger) : "";
  }

  /** Scrolls the list, and the list alone, so that a row is seen. */
  private reveal(row: HTMLTableRowElement | undefined): void {
    if (!row) return;
    const [list, own] = [this.root.getBoundingClientRect(), row.getBoundingClientRect()];
    const head = this.root.querySelector("thead")!.getBoundingClientRect().height;
    if (own.top < list.top + head) this.root.scrollTop -= list.top + head - own.top;
    else if (own.bottom > list.bottom) this.root.scrollTop += own.bottom - list.bottom;
  }
}

function cells(merger: Merger): string[] {
  const [first, second] = merger.members.map(brief);
  const forecast = merger.predicted;
  const measured = merger.log_time === null ? "at the start" : merger.error === null ? decades(merger.log_time).toFixed(4) : `${known(merger)} ± ${digits(decades(merger.error), 1)}`;
  const doubt = merger.ill_conditioned ? ", ill conditioned" : merger.tied ? ", tied" : "";
  return [`${first} + ${second}`, forecast ? decades(forecast.log_time).toFixed(4) : "–", measured, (merger.condition === null ? "" : digits(merger.condition, 2)) + doubt];
}

/** log10 of the time of a merger with the digits that its error leaves, six behind the point at the most. */
export function known(merger: Merger): string {
  const error = decades(merger.error ?? 1e-4);
  return decades(merger.log_time!).toFixed(Math.min(6, Math.max(1, Math.floor(-Math.log10(error || 1e-9)))));
}

function brief(side: number[]): string {
  return `{${side.slice(0, BRIEF).join(",")}${side.length > BRIEF ? `,… ${side.length}` : ""}}`;
}

/** Everything that is known of one merger. */
export function sentence(merger: Merger): string {
  return [foretold(merger), seen(merger), sure(merger)].filter(Boolean).join(" ");
}

function foretold({ predicted, why_not_predicted, members }: Merger): string {
  if (!predicted) return `No prediction: ${why_not_predicted}.`;
  const range = [predicted.lower, predicted.upper].map((log) => decades(log).toFixed(3)).join(" to ");
  const same = sameSides(predicted.members, members) ? "" : `, of ${predicted.members.map(brief).join(" + ")}`;
  return `Predicted from the plateau of ${predicted.clusters} clusters, ${digits(predicted.ranges, 2)} interaction ranges apart (4 are needed): 10^${decades(predicted.log_time).toFixed(4)}, range ${range}${same}.`;
}

function seen(merger: Merger): string {
  if (merger.log_time === null) return "Measured: together at the start.";
  const error = merger.error === null ? "" : ` ± ${digits(decades(merger.error), 2)}`;
  const condition = merger.condition === null ? "" : `; condition ${digits(merger.condition, 2)}: a token moved by 1e-6/beta shifts the log time by about ${digits(merger.condition * 1e-6, 1)}`;
  return `Measured: 10^${known(merger)}${error}${condition}${merger.ill_conditioned ? "; decided by less than the accuracy of the points" : ""}.`;
}

function sure({ certified, why_not_certified }: Merger): string {
  if (certified) return `Certain: the clusters before it stay apart from 10^${Math.max(-16, decades(certified[0])).toFixed(2)} to 10^${decades(certified[1]).toFixed(3)}.`;
  return why_not_certified ? `Nothing certain of the plateau before it: ${why_not_certified}.` : "";
}

function sameSides([a, b]: [number[], number[]], [c, d]: [number[], number[]]): boolean {
  const same = (one: number[], other: number[]) => one.length === other.length && one.every((token) => other.includes(token));
  return (same(a, c) && same(b, d)) || (same(a, d) && same(b, c));
}

export function mergerTable(collapse: Collapse): Table {
  const left = (k: number) => collapse.clusters + collapse.mergers.length - 1 - k;
  return {
    columns: ["clusters left", "tokens", "predicted, log10 of the time", "measured, log10 of the time", "error of it", "condition", "certainly apart from, log10", "until, log10", "prediction"],
    rows: collapse.mergers.map((merger, k) => [
      left(k),
      merger.members.map((side) => `{${side.join(",")}}`).join(" + "),
      merger.predicted ? decades(merger.predicted.log_time) : "",
      merger.log_time === null ? "-inf" : Number(decades(merger.log_time).toFixed(9)).toString(),
      merger.error === null ? "" : decades(merger.error),
      merger.condition ?? "",
      merger.certified ? decades(merger.certified[0]) : "",
      merger.certified ? decades(merger.certified[1]) : "",
      merger.predicted ? `plateau of ${merger.predicted.clusters}` : merger.why_not_predicted,
    ]),
  };
}
