import { digits, element } from "../ui/elements";
import { statement } from "./statement";

export interface Check {
  answer: "holds" | "fails" | "undecidable";
  margin: number | null;
  said: string;
  value: number | null;
}

export interface Stop {
  amount: number;
  check: Check | null;
  why?: string;
  failing: number[];
}

/** Some stops of the way from the example to a problem that breaks one hypothesis. */
export interface Way {
  interpolated: boolean;
  end: string;
  stops: Stop[];
}

/** One hypothesis: what it measures on the example, and a slider that breaks it. */
export class HypothesisRow {
  readonly root: HTMLElement;
  private measured = element("span", { class: "unit" }, "measured on the example when it has run");
  private opposite = element("p", { class: "measurement unit", hidden: true });
  private range: HTMLInputElement;
  private result = element("p", { class: "result", role: "status" });
  private strip = element("div", { class: "strip", "aria-hidden": "true" });
  private way: Way | undefined;
  private amount = 0;

  constructor(
    private name: string,
    moved: (amount: number) => void,
  ) {
    this.range = element("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0, "aria-label": `break: ${name}` });
    this.range.addEventListener("input", () => moved(Number(this.range.value)));
    this.root = element(
      "li",
      { class: "hypothesis" },
      element("div", {}, statement(name), " ", this.measured),
      this.opposite,
      element("label", { class: "breaker" }, element("span", { class: "label" }, "break it"), this.range),
      this.strip,
      this.result,
    );
  }

  /** What it is on the example and on the counterexample. */
  measure(example: Check, counterexample: Check | undefined): void {
    this.measured.replaceChildren(element("span", { class: `lamp ${lampOf(example)}` }, example.answer), `: ${example.said}`);
    this.opposite.hidden = counterexample?.answer !== "fails";
    this.opposite.textContent = counterexample ? `on the counterexample it ${counterexample.answer}: ${counterexample.said}` : "";
  }

  unmeasured(why: string): void {
    this.measured.textContent = why;
  }

  /** The slider is here: ask for the way if it is not known. */
  at(amount: number): void {
    this.amount = amount;
    this.range.value = String(amount);
    this.range.setAttribute("aria-valuetext", `${Math.round(100 * amount)} percent of the way`);
    if (this.way) this.showStop(this.way);
    else if (amount > 0) this.result.textContent = "looking for a problem that breaks it …";
  }

  get known(): boolean {
    return this.way?.stops.at(-1)?.amount === 1;
  }

  /** The next stops of the way. */
  add(part: Way): void {
    const begins = part.stops[0].amount === 0;
    const way = (this.way = begins ? part : { ...part, stops: [...(this.way?.stops ?? []), ...part.stops] });
    this.range.step = way.interpolated ? "0.05" : "1";
    this.strip.replaceChildren(...way.stops.map((stop) => element("i", { class: stopClass(stop) })));
    this.at(this.amount);
  }

  refuse(why: string): void {
    this.result.textContent = why;
  }

  /** What the theorem says at the stop that is nearest to the slider. */
  private showStop(way: Way): void {
    const stop = way.stops.reduce((best, one) => (Math.abs(one.amount - this.amount) < Math.abs(best.amount - this.amount) ? one : best));
    [...this.strip.children].forEach((cell, k) => cell.classList.toggle("here", way.stops[k] === stop));
    if (stop.amount === 0 && this.amount === 0) return this.result.replaceChildren();
    const place = way.interpolated ? `${Math.round(100 * stop.amount)} % of the way to ${way.end}` : `${stop.amount ? way.end : "the example"} (nothing lies between: only the two ends can be shown)`;
    if (!stop.check) return this.result.replaceChildren(`${place}: there is no such problem, ${stop.why}`);
    const broken = stop.failing.length > 0;
    const margin = stop.check.margin;
    const much = stop.check.answer === "fails" && margin !== null && margin !== -1 && margin < 0 ? ` by ${digits(-margin)}` : "";
    this.result.replaceChildren(
      element("span", { class: `lamp ${broken ? "INAPPLICABLE" : "HOLDS"}` }, broken ? `INAPPLICABLE${much}` : "applies"),
      `: ${stop.check.said}`,
      element("span", { class: "unit" }, ` ${place}`),
    );
  }

  /** For the table of the view. */
  row(): (string | number)[] {
    return [this.name, this.measured.textContent ?? "", this.amount, this.result.textContent ?? ""];
  }
}

function lampOf({ answer }: Check): string {
  return { holds: "HOLDS", fails: "INAPPLICABLE", undecidable: "UNDECIDED" }[answer];
}

function stopClass({ check, failing }: Stop): string {
  return !check ? "none" : failing.length ? "fails" : "holds";
}
