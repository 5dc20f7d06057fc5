import { digits, element } from "../ui/elements";
import { Facts } from "../ui/facts";
import { formula } from "../ui/formula";
import type { Levels } from "./figure";
import type { History } from "./history";
import { reachFormula } from "./threshold";

interface Actions {
  target: (column: number) => void;
  back: () => void;
}

const LIMIT = "Largest stable sharpness";
const END = "Sharpness at the end";
const BALANCE = "Imbalance at the end";
const CLASS = "Class of the run";
const PROVED = "Certificate";

/** Numbers beside the charts: what theory says of every minimizer, how the run ended, what the data are. */
export class Told {
  private theory = new Facts();
  private run = new Facts();
  private data = element("p", { class: "unit" });
  private pointer = element("p", { class: "unit pointer" }, "Point at a chart to read it.");
  private choice = element("select", { "aria-label": "Target column" });
  private target = element("label", { class: "control", hidden: true }, element("span", { class: "label" }, "Target"), this.choice);
  private back: HTMLElement;

  constructor(stage: HTMLElement, actions: Actions) {
    this.back = element("button", { type: "button", "data-name": "back", hidden: true, onclick: actions.back }, "Back to the example");
    this.choice.addEventListener("change", () => actions.target(Number(this.choice.value)));
    const theory = element("section", { class: "panel" }, element("h3", {}, "What theory says"), this.theory.root, this.data, this.target, this.back);
    stage.append(theory, element("section", { class: "panel" }, element("h3", {}, "What the run did"), this.run.root, this.pointer));
  }

  levels({ limit }: Levels, momentum: string): void {
    const place = element("span", {}, digits(limit, 6));
    if (momentum) place.append(" = ", formula(reachFormula(momentum)));
    this.theory.set(LIMIT, Number.isFinite(limit) ? place : "not known", "predicted");
  }

  law(law: any, own: boolean, depth: number): void {
    const bound = element("span", {}, `${digits(law.s_lower_paper[0], 6)}, grows with depth: `, formula("2 L\\, m^{2-2/L} |p|^{2/L} a"));
    this.theory.set("Flattest minimizer", digits(law.s_min[0], 6), "predicted");
    this.theory.set("Balanced minimizer", digits(law.s_balanced[0], 6), "predicted");
    this.theory.set(`Lower bound at depth ${depth}`, bound, "predicted");
    this.theory.set("Largest step with a stable minimizer", law.largest_stable_step[0] === null ? "any" : digits(law.largest_stable_step[0], 6), "predicted");
    this.data.textContent = `${law.source}, ${law.dimension} inputs${own ? `, target ${law.target}` : ""}`;
    this.columns(law.columns, law.target);
    this.back.hidden = !own;
  }

  end(document: any): void {
    const { sharpness, imbalance } = document.end;
    this.run.set(END, sharpness === null ? `diverged at step ${document.diverged_at}` : digits(sharpness, 6), "measurement");
    this.run.set(BALANCE, imbalance === null ? "" : digits(imbalance, 6), "measurement");
  }

  ofClass(found: any): void {
    this.run.set(CLASS, element("span", {}, element("strong", { class: "class" }, found.name), `: ${found.reason}`), "measurement");
  }

  certified(certified: { at: number | null; reason: string; rate?: number; sharpness?: { lower: number; upper: number } }): void {
    const { at, reason, rate, sharpness } = certified;
    const text = at === null ? `none: ${reason}` : `from step ${at} on the loss falls at least like exp(-${digits(rate!, 4)} per step); sharpness of the limit in [${digits(sharpness!.lower, 5)}, ${digits(sharpness!.upper, 5)}]`;
    this.run.set(PROVED, text, "measurement");
  }

  watch(document: any, name: string): void {
    this.theory = this.theory.fresh();
    this.target.hidden = true;
    this.back.hidden = false;
    this.data.textContent = `${name}${document.rule ? `, ${document.rule}` : ""}`;
    for (const [quantity, expected, measured] of document.said) this.run.set(quantity, expected ? `${measured} (expected ${expected})` : measured, "measurement");
  }

  /** The numbers under the pointer. */
  under(x: number | undefined, run: History): void {
    if (x === undefined || !run.at.length) return;
    const at = run.at.reduce((best, step) => (Math.abs(step - x) < Math.abs(best - x) ? step : best));
    const [loss, sharpness] = (["excess_risk", "sharpness"] as const).map((name) => run.along([at], name)[0]);
    this.pointer.replaceChildren(`step ${at}: `, element("span", { class: "measurement" }, `loss ${digits(loss ?? NaN)}, sharpness ${digits(sharpness ?? NaN, 6)}`));
  }

  forget(): void {
    this.run = this.run.fresh();
  }

  private columns(columns: string[], target: string): void {
    this.target.hidden = columns.length === 0;
    this.choice.replaceChildren(...columns.map((name, k) => element("option", { value: k + 1, selected: name === target }, name)));
  }
}
