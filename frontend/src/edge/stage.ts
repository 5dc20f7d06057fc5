import type { Model } from "../model/contract";
import { Refused, type Answer, type Upload } from "../model/questions";
import { fileInput } from "../ui/drop";
import { digits, type Table } from "../ui/elements";
import { isHidden, onHidden } from "../ui/hidden";
import type { View } from "../ui/view";
import { Turn } from "./asking";
import { NETWORK, parameters, RUN } from "./controls";
import { Figure, type Levels } from "./figure";
import { History } from "./history";
import { Told } from "./told";
import { reach } from "./threshold";
import { asHistory, edgeOf, edges } from "./watched";

const SUFFIXES = [".csv", ".tsv", ".npz", ".json", ".parquet"];
const MOST_BYTES = 64 * 2 ** 20;
const PAUSE = 200; // milliseconds after the last move of a slider, before the run is asked for

interface Certified {
  at: number | null;
  reason: string;
}

/** The stage of the view: asks for the run that the controls describe, and draws what has come so far. */
export class EdgeStage {
  private figure: Figure;
  private told: Told;
  private turn: Turn;
  private file: Upload | undefined;
  private watch: Answer | undefined;
  private descent = new History();
  private flow: History | undefined;
  private central: History | undefined;
  private law: Answer["document"] | undefined;
  private certified: number | undefined;
  private timer = 0;
  private frame = 0;

  constructor(
    private view: View,
    model: Model,
  ) {
    this.figure = new Figure(view.stage, (x) => this.told.under(x, this.descent));
    this.told = new Told(view.stage, { target: (column) => view.set("target", column), back: () => this.back() });
    this.turn = new Turn(model);
    const input = fileInput(view.stage, "Your data or Watch file", SUFFIXES, MOST_BYTES, (file) => this.dropped(file), (text) => view.refuse(text));
    view.root.querySelector(".controls")!.append(input);
    view.onEnd(onHidden(view.root, () => this.draw()));
    view.onEnd(() => this.end());
    void this.run();
  }

  /** A control has moved: the threshold is drawn in the next frame, the run comes when it is known. */
  changed(name: string): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
    const asked = RUN.includes(name) || ["flow", "central"].includes(name);
    if (!asked || this.watch) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.run(), PAUSE);
  }

  table(): Table {
    return this.figure.table();
  }

  answer(): number | undefined {
    return this.descent.last("sharpness");
  }

  said(): string {
    return `the sharpness at the end is ${digits(this.answer() ?? NaN, 5)}, the largest stable one ${digits(this.levels().limit, 5)}`;
  }

  private dropped(file: Upload): void {
    if (/\.(json|parquet)$/i.test(file.name)) void this.readWatch(file);
    else {
      this.file = file;
      this.watch = undefined;
      if (this.view.value("target")) this.view.set("target", 0);
      void this.run();
    }
  }

  private back(): void {
    this.file = this.watch = undefined;
    this.view.set("target", 0);
    void this.run();
  }

  private async run(): Promise<void> {
    const ask = this.turn.begin();
    const value = (name: string) => this.view.value(name);
    const network = parameters(NETWORK, value);
    const run = parameters(RUN, value);
    this.view.say("computing …");
    try {
      if (!(await ask("edge.law", network, (answer) => this.lawCame(answer), this.file))) return;
      if (!(await ask("edge.descend", run, this.collector((fresh) => (this.descent = fresh), (answer) => this.ended(answer)), this.file))) return;
      await this.compare(ask, run);
    } catch (error) {
      this.refused(error);
    }
  }

  /** The flows beside the run; where one is refused the other is still drawn. */
  private async compare(ask: ReturnType<Turn["begin"]>, run: Record<string, unknown>): Promise<void> {
    const wanted: [string, string, (history: History | undefined) => void][] = [
      ["flow", "edge.flow", (history) => (this.flow = history)],
      ["central", "edge.central_flow", (history) => (this.central = history)],
    ];
    const lines: string[] = [];
    for (const [name, question, keep] of wanted) {
      keep(undefined);
      this.draw();
      if (!this.view.value(name)) continue;
      this.view.say(`${name === "flow" ? "gradient flow" : "central flow"} …`);
      try {
        if (!(await ask(question, run, this.collector(keep), this.file))) return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        lines.push(error.message);
      }
    }
    this.view.say(lines.join("; "));
  }

  /** Collects pieces in a new history that takes the place of the old one when the first piece comes. */
  private collector(keep: (history: History) => void, also?: (answer: Answer) => void): (answer: Answer) => void {
    const fresh = new History();
    let begun = false;
    return (answer) => {
      if (answer.arrays.at) {
        fresh.take(answer);
        if (!begun) {
          keep(fresh);
          if (also) this.forget();
        }
        begun = true;
      }
      also?.(answer);
      this.draw();
    };
  }

  /** What belongs to the run before. */
  private forget(): void {
    this.flow = this.central = this.certified = undefined;
    this.told.forget();
  }

  private lawCame({ document }: Answer): void {
    this.law = document;
    this.told.law(document, this.file !== undefined, this.view.number("depth"));
    this.draw();
  }

  private ended({ document }: Answer): void {
    if (document.end) this.told.end(document);
    if (document.class) this.told.ofClass(document.class);
    if (!document.certified) return;
    const certified: Certified = document.certified;
    this.certified = certified.at ?? undefined;
    this.told.certified(certified);
  }

  private async readWatch(file: Upload): Promise<void> {
    const ask = this.turn.begin();
    try {
      await ask("edge.watch", {}, (answer) => this.watched(answer, file.name), file);
    } catch (error) {
      this.refused(error);
    }
  }

  private watched(answer: Answer, name: string): void {
    this.watch = answer;
    this.descent = asHistory(answer);
    this.forget();
    this.law = undefined;
    this.told.watch(answer.document, name);
    this.view.say(answer.document.summary);
    this.draw();
  }

  private levels(): Levels {
    if (this.watch) return { limit: edgeOf(this.watch), limitName: "edge of stability" };
    const momentum = this.view.value<string>("momentum");
    const limit = reach(momentum, this.view.number("beta")) / this.view.number("step");
    const limitName = momentum === "none" ? "2 / step" : "largest stable sharpness";
    return { limit, limitName, flattest: this.law?.s_min[0], lower: this.law?.s_lower_paper[0] };
  }

  private draw(): void {
    const levels = this.levels();
    this.told.levels(levels, this.watch ? "" : this.view.value<string>("momentum"));
    this.figure.show({ descent: this.descent, flow: this.flow, central: this.central, levels, certified: this.certified, hidden: isHidden(this.view.root), centre: this.view.value<boolean>("centre") && !this.watch, edges: this.watch && edges(this.watch) }, this.view.value<boolean>("log"));
    this.view.refresh();
  }

  private refused(error: unknown): void {
    if (!(error instanceof Refused)) throw error;
    this.view.refuse(error.message);
  }

  private end(): void {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.turn.end();
    this.figure.end();
  }
}
