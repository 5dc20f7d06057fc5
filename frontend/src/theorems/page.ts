import { element } from "../ui/elements";
import { caseList, printedForms, type Case } from "./cases";
import type { Catalogue, Theorem } from "./catalogue";
import { HypothesisRow, type Check } from "./hypothesis";
import { statement } from "./statement";

interface Actions {
  choose(id: string): void;
  test(): void;
  moved(index: number, amount: number): void;
  say(text: string): void;
}

/** One theorem: statement, cases, hypotheses, what is printed, citation, neighbours. */
export class TheoremPage {
  readonly root = element("article", { class: "panel theorem", tabindex: 0, role: "region", "aria-label": "the chosen theorem" });
  rows: HypothesisRow[] = [];
  private verdicts = element("div", {});
  private printed = element("div", {});
  private theorem: Theorem | undefined;

  constructor(
    private catalogue: Catalogue,
    private actions: Actions,
  ) {
    this.root.addEventListener("click", (event) => this.followed(event));
  }

  show(theorem: Theorem): void {
    this.theorem = theorem;
    this.rows = theorem.hypotheses.map((name, k) => new HypothesisRow(name, (amount) => this.actions.moved(k, amount)));
    const run = element("button", { type: "button", onclick: () => this.actions.test(), title: "key: r" }, "Test this theorem");
    const cost = theorem.cost ? ` It costs ${theorem.cost}.` : "";
    this.root.replaceChildren(
      element("h3", {}, theorem.title),
      element("p", { class: "unit" }, `${theorem.theory.replace("_", " ")} · `, element("code", {}, theorem.id), ` · about ${theorem.about}`),
      element("p", { class: "main" }, this.set(theorem.statement)),
      element("h4", {}, "Verdicts ", run),
      this.verdicts,
      element("h4", {}, "Hypotheses"),
      theorem.hypotheses.length ? element("ul", { class: "hypotheses" }, ...this.rows.map(({ root }) => root)) : element("p", {}, "It asks for nothing beyond what it is about."),
      this.printed,
      element("h4", {}, "Source"),
      ...this.source(theorem, cost),
      ...this.neighbours("Rests on", theorem.uses),
      ...this.neighbours("Used by", this.catalogue.usedBy(theorem.id)),
    );
    this.root.scrollTop = 0;
    this.cases(undefined);
  }

  cases(cases: Case[] | undefined): void {
    const theorem = this.theorem!;
    this.verdicts.replaceChildren(caseList(theorem, cases));
    const forms = printedForms(theorem, cases, this.known);
    this.printed.replaceChildren(...(forms ? [element("h4", {}, "Printed otherwise"), forms] : []));
  }

  measured(example: Check[], counterexample: Check[] | null): void {
    this.rows.forEach((row, k) => row.measure(example[k], counterexample?.[k]));
  }

  unmeasured(why: string): void {
    for (const row of this.rows) row.unmeasured(why);
  }

  private set(text: string): HTMLElement {
    return statement(text, this.known);
  }

  private known = (id: string): boolean => this.catalogue.get(id) !== undefined;

  private source(theorem: Theorem, cost: string): HTMLElement[] {
    const { cited, bibtex } = this.catalogue.references[theorem.reference];
    const entry = element("pre", { tabindex: 0, role: "region", "aria-label": "BibTeX entry" }, bibtex);
    const copy = element("button", { type: "button", onclick: () => void this.copy(bibtex, entry) }, "Copy BibTeX");
    return [
      element("p", {}, `${cited}. ${theorem.source}. `, copy),
      element("p", {}, this.set(theorem.remark), cost),
      element("details", {}, element("summary", {}, "BibTeX"), entry),
    ];
  }

  private async copy(text: string, entry: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.actions.say("copied to the clipboard");
    } catch {
      (entry.parentElement as HTMLDetailsElement).open = true;
      getSelection()?.selectAllChildren(entry);
      this.actions.say("the clipboard is closed to this page: the entry is selected, press Ctrl and C");
    }
  }

  private neighbours(title: string, ids: string[]): HTMLElement[] {
    if (!ids.length) return [];
    const links = ids.map((id) => element("li", {}, element("a", { href: `#theorems?id=${id}`, "data-follow": id }, this.catalogue.get(id)?.title ?? id)));
    return [element("h4", {}, title), element("ul", {}, ...links)];
  }

  /** Links to theorems keep the rest of the address. */
  private followed(event: Event): void {
    const id = (event.target as HTMLElement).closest<HTMLElement>("[data-follow]")?.dataset.follow;
    if (!id) return;
    event.preventDefault();
    this.actions.choose(id);
  }
}
