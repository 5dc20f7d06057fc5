import type { Model } from "../model/contract";
import { ask } from "../model/questions";
import { Newest } from "../proofs/newest";
import { element, type Table } from "../ui/elements";
import type { View } from "../ui/view";
import { Catalogue } from "./catalogue";
import { Graph, graphPanel } from "./graph";
import type { Check } from "./hypothesis";
import { TheoremPage } from "./page";
import { Tests } from "./tests";

export const FIRST = "hemisphere_rate";
const PATIENCE = 300;

/** What happens in the view Theorems: the list comes, a theorem is chosen, tested, and a hypothesis broken. */
export class Room {
  private catalogue: Catalogue | undefined;
  private graph: Graph | undefined;
  private page: TheoremPage | undefined;
  private tests: Tests;
  private measuring: Newest;
  private breaking: Newest;
  private find = element("input", { type: "text", placeholder: "find in titles, statements, sources", "aria-label": "find a theorem" });
  private shown = "";
  private later: ReturnType<typeof setTimeout> | undefined;
  /** What the hypotheses of the chosen theorem are on its counterexample. */
  private opposite: Check[] | null | undefined;

  constructor(
    private model: Model,
    private view: View,
  ) {
    this.measuring = new Newest(model);
    this.breaking = new Newest(model);
    this.tests = new Tests(model, {
      begun: (id) => this.graph?.light(id, "running"),
      ended: (id, cases) => {
        this.graph?.light(id, cases.every(({ passed }) => passed) ? "passed" : "failed");
        if (id === this.shown) this.page?.cases(cases);
        this.view.refresh();
      },
      refused: (id, message) => {
        this.graph?.light(id, "untested");
        if (message && id === this.shown) this.view.refuse(message);
      },
    });
    this.find.addEventListener("input", () => this.view.set("find", this.find.value));
    this.find.addEventListener("keydown", (event) => event.key === "Enter" && this.chooseFirst());
  }

  async begin(): Promise<void> {
    this.view.say("the list is coming …");
    const answer = await ask(this.model, "theorems.list").done.catch((error: Error) => void this.view.refuse(error.message));
    if (!answer) return;
    this.catalogue = new Catalogue(answer.document.theorems, answer.document.references);
    this.graph = new Graph(this.catalogue, (id) => this.view.set("id", id));
    this.page = new TheoremPage(this.catalogue, {
      choose: (id) => this.view.set("id", id),
      test: () => void this.test(),
      moved: (index, amount) => this.moved(index, amount),
      say: (text) => this.view.say(text),
    });
    this.view.stage.replaceChildren(graphPanel(this.graph, this.find), this.page.root);
    this.view.say(`${this.catalogue.theorems.length} theorems; the lamp of each shows whether its verdicts come out as they should`);
    this.filter();
    this.choose();
  }

  changed(name: string): void {
    if (!this.catalogue) return;
    if (name === "id") this.choose();
    if (name === "theory" || name === "find") this.filter(name === "theory");
    if (name === "broken" || name === "amount") this.broken();
  }

  get chosen(): string {
    return String(this.view.value<string>("id") ?? FIRST);
  }

  async test(): Promise<void> {
    const id = this.shown;
    this.view.say(`${id}: its example runs …`);
    this.tests.done.delete(id);
    await this.tests.run([id]);
    const cases = this.tests.done.get(id);
    if (!cases) return;
    const wrong = cases.filter(({ passed }) => !passed).length;
    this.view.say(`${id}: ${cases.length} verdicts, ${wrong ? `${wrong} not as they should be` : "all as they should be"}`);
  }

  /** Test all that stand out; pressed again, it stops. */
  async testAll(): Promise<void> {
    if (this.tests.running) {
      this.tests.stop();
      return this.view.say(`stopped; ${this.tests.done.size} theorems are tested`);
    }
    const ids = this.matching().map(({ id }) => id);
    this.graph?.fit(this.matching());
    const mine = await this.tests.run(ids, (at) => this.view.say(`${at} of ${ids.length}: ${ids[at]}; press again to stop`));
    if (mine) this.view.say(this.outcome(ids));
  }

  /** What came of testing these. */
  private outcome(ids: string[]): string {
    const tested = ids.filter((id) => this.tests.done.has(id));
    const cases = tested.flatMap((id) => this.tests.done.get(id)!);
    const wrong = cases.filter(({ passed }) => !passed).length;
    const here = tested.length < ids.length ? `${tested.length} of ${ids.length} theorems could be tested here` : `${ids.length} theorems`;
    return `${here}, ${cases.length} verdicts, ${wrong} not as they should be`;
  }

  fit(): void {
    this.graph?.fit(this.matching());
  }

  zoom(factor: number): void {
    this.graph?.zoom(factor);
  }

  search(): void {
    this.find.focus();
  }

  /** The verdict on the counterexample of the chosen theorem, once its hypotheses are measured. */
  onCounterexample(): string | undefined {
    if (this.opposite === undefined) return undefined;
    return this.opposite?.some(({ answer }) => answer === "fails") ? "INAPPLICABLE" : "none";
  }

  whatFails(): string {
    const theorem = this.catalogue?.get(this.shown);
    const k = this.opposite?.findIndex(({ answer }) => answer === "fails") ?? -1;
    if (!theorem || k < 0) return "it has no counterexample: it asks for nothing";
    return `INAPPLICABLE: the hypothesis '${theorem.hypotheses[k]}' fails, ${this.opposite![k].said}`;
  }

  table(): Table {
    const theorem = this.catalogue?.get(this.shown);
    if (!theorem) return { columns: [], rows: [] };
    const cases = this.tests.done.get(this.shown) ?? [];
    return {
      columns: ["what", "outcome", "how", "explanation"],
      rows: [
        ["statement", theorem.id, "", theorem.statement],
        ...cases.map(({ name, status, passed, explanation }) => [`case: ${name}`, status, passed ? "as it should be" : "not as it should be", explanation]),
        ...this.page!.rows.map((row) => row.row()).map(([name, measured, amount, result]) => [`hypothesis: ${name}`, measured, `${Math.round(100 * Number(amount))} % of the way`, result]),
        ...theorem.uses.map((id) => ["rests on", id, "", this.catalogue!.get(id)?.title ?? ""]),
        ...this.catalogue!.usedBy(theorem.id).map((id) => ["used by", id, "", this.catalogue!.get(id)?.title ?? ""]),
      ],
    };
  }

  end(): void {
    clearTimeout(this.later);
    this.tests.stop();
    this.measuring.end();
    this.breaking.end();
    this.graph?.end();
  }

  private matching() {
    return this.catalogue!.matching(String(this.view.value("theory")), String(this.view.value("find") ?? ""));
  }

  private filter(fit = false): void {
    const text = String(this.view.value("find") ?? "");
    if (this.find.value !== text) this.find.value = text;
    const matching = this.matching();
    this.graph!.filter(new Set(matching.map(({ id }) => id)));
    if (fit) this.graph!.fit(matching);
    if (text) this.view.say(`${matching.length} of ${this.catalogue!.theorems.length} theorems; Enter chooses the first`);
  }

  private chooseFirst(): void {
    const first = this.matching()[0];
    if (first) this.view.set("id", first.id);
  }

  /** Show the theorem of the address; its example runs once one stays at it. */
  private choose(): void {
    const theorem = this.catalogue!.get(this.chosen);
    if (!theorem) return this.view.refuse(`no theorem is called ${this.chosen}`);
    if (theorem.id === this.shown) return;
    const first = !this.shown;
    this.shown = theorem.id;
    this.opposite = undefined;
    this.page!.show(theorem);
    this.page!.cases(this.tests.done.get(theorem.id));
    this.graph!.show(theorem.id);
    if (!first) this.view.say(theorem.title);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.measure(theorem.id), PATIENCE);
    if (first) this.broken();
    else if (this.view.value("amount")) this.view.set("amount", 0);
    this.view.refresh();
  }

  private measure(id: string): void {
    if (!this.catalogue!.get(id)!.hypotheses.length) return void (this.opposite = null);
    this.measuring.ask(
      "theorems.hypotheses",
      { theorem: id },
      ({ document }) => {
        if (id !== this.shown) return;
        this.opposite = document.counterexample;
        this.page!.measured(document.example, document.counterexample);
        this.view.refresh();
      },
      (message) => id === this.shown && this.page!.unmeasured(message),
    );
  }

  private moved(index: number, amount: number): void {
    if (this.view.value("broken") !== index) this.view.set("broken", index);
    this.view.set("amount", amount);
  }

  /** The slider of a hypothesis stands elsewhere. */
  private broken(): void {
    const [id, index, amount] = [this.shown, Number(this.view.value("broken") ?? 0), Number(this.view.value("amount") ?? 0)];
    this.page!.rows.forEach((row, k) => row.at(k === index ? amount : 0));
    const row = this.page!.rows[index];
    if (!row || !amount || row.known) return this.view.refresh();
    this.breaking.ask(
      "theorems.break",
      { theorem: id, hypothesis: index },
      ({ document }) => {
        if (id === this.shown) row.add(document);
        this.view.refresh();
      },
      (message) => row.refuse(message),
    );
  }
}
