import type { Model, State } from "../model/contract";
import { makeControl, type Control } from "./controls";
import { element, tableElement, type Table } from "./elements";
import { isTaken } from "./keys";

interface Plan {
  name: string;
  title: string;
  /** One sentence that says what is seen and what to try first. */
  lead: string;
  controls: Control[];
  /** Numbers of the figure, asked for when the table is shown and whenever `refresh` is called. */
  table: () => Table;
  /** A question that the audience answers before the measurement is shown. */
  predict?: { question: string; unit?: string; choices?: string[]; answer: () => number | string | undefined; said: () => string };
}

/**
 * What all views share: controls whose values are the model's `state` (and so the address of the page), a stage, a line
 * for what happens, the table of the figure, "predict first", keys. The model's `embed` leaves only the stage and
 * `projector` sets large type.
 */
export class View {
  readonly stage = element("div", { class: "stage" });
  readonly root: HTMLElement;
  private line = element("p", { class: "status", role: "status" });
  private bar = element("div", { class: "controls", role: "group", "aria-label": "controls" });
  private tablePlace = element("div", { class: "table", hidden: true, tabindex: 0, role: "region", "aria-label": "numbers of the figure" });
  private made = new Map<string, ReturnType<typeof makeControl>>();
  private keys = new Map<string, { label: string; act: () => void }>();
  private ends: (() => void)[] = [];

  constructor(
    private model: Model,
    el: HTMLElement,
    private plan: Plan,
    private changed: (name: string) => void,
  ) {
    for (const control of plan.controls) this.add(control);
    this.add({ kind: "button", name: "table", label: "Table", key: "t", press: () => this.toggleTable() });
    if (plan.predict) this.add({ kind: "button", name: "predict", label: "Predict first", key: "f", press: () => this.askAudience() });
    this.root = element(
      "section",
      { class: "fathometer view", "data-view": plan.name, tabindex: -1, "aria-label": plan.title },
      element("header", {}, element("h2", {}, plan.title), element("p", {}, plan.lead)),
      this.bar,
      this.line,
      this.stage,
      this.tablePlace,
    );
    el.append(this.root);
    this.listen("change:state", () => this.fromModel());
    this.listen("change:embed", () => this.look());
    this.listen("change:projector", () => this.look());
    const down = (event: KeyboardEvent) => this.pressed(event);
    el.ownerDocument.addEventListener("keydown", down);
    this.ends.push(() => el.ownerDocument.removeEventListener("keydown", down));
    this.look();
    this.showAll();
  }

  /** Value of a control: what the address says, or its first value. */
  value<Kind extends State[string]>(name: string): Kind {
    const control = this.plan.controls.find((candidate) => candidate.name === name);
    const first = control && "value" in control ? control.value : undefined;
    return (this.state()[name] ?? first) as Kind;
  }

  number(name: string): number {
    return Number(this.value(name));
  }

  /** Sets a control (or a part of the address that has none) and tells the view. */
  set(name: string, value: State[string]): void {
    this.model.set("state", { ...this.state(), [name]: value });
    this.model.save_changes();
  }

  /** What happens now, in one line. */
  say(text: string): void {
    this.line.textContent = text;
    this.line.classList.remove("refused");
  }

  /** Why something is not possible, in one line. */
  refuse(text: string): void {
    this.line.textContent = text;
    this.line.classList.add("refused");
  }

  /** Call it when the figure has changed: the table follows where it is shown. */
  refresh(): void {
    if (!this.tablePlace.hidden) this.tablePlace.replaceChildren(tableElement(this.plan.table(), this.plan.title));
  }

  /** A key of the view that belongs to no control. */
  onKey(key: string, label: string, act: () => void): void {
    this.keys.set(key, { label, act });
  }

  /** Keys and what they do. */
  help(): [string, string][] {
    return [...this.keys].map(([key, { label }]) => [key, label]);
  }

  listen(event: string, callback: (...values: any[]) => void): void {
    this.model.on(event, callback);
    this.ends.push(() => this.model.off(event, callback));
  }

  /** What else is to be ended with the view: workers, animation frames. */
  onEnd(end: () => void): void {
    this.ends.push(end);
  }

  end(): void {
    for (const end of this.ends) end();
    this.root.remove();
  }

  private add(control: Control): void {
    const made = makeControl(control, (name, value) => this.set(name, value));
    this.made.set(control.name, made);
    this.bar.append(made.root);
    if ("key" in control && control.key) {
      this.keys.set(control.key, { label: control.label, act: () => made.act?.() });
      made.root.setAttribute("title", `key: ${control.key}`);
    }
  }

  private state(): State {
    return (this.model.get("state") as State | undefined) ?? {};
  }

  private before: State = {};

  private fromModel(): void {
    const now = this.state();
    const names = new Set([...Object.keys(now), ...Object.keys(this.before)]);
    const different = [...names].filter((name) => now[name] !== this.before[name]);
    this.showAll();
    for (const name of different) this.changed(name);
  }

  private showAll(): void {
    this.before = { ...this.state() };
    for (const control of this.plan.controls) this.made.get(control.name)!.show(this.value(control.name));
  }

  private look(): void {
    this.root.classList.toggle("embed", Boolean(this.model.get("embed")));
    this.root.classList.toggle("projector", Boolean(this.model.get("projector")));
  }

  private toggleTable(): void {
    this.tablePlace.hidden = !this.tablePlace.hidden;
    this.refresh();
  }

  private askAudience(): void {
    const { question, unit, choices, answer, said } = this.plan.predict!;
    const guess = choices
      ? element("select", { "aria-label": question }, ...["", ...choices].map((choice) => element("option", { value: choice }, choice || "…")))
      : element("input", { type: "number", step: "any", "aria-label": question });
    const reply = element("p", { role: "status" });
    const reveal = () => {
      const truth = answer();
      this.root.classList.remove("hidden-measurement");
      reply.textContent = truth === undefined ? "nothing is measured yet" : `${said()}; you said ${guess.value || "nothing"} ${unit ?? ""}`;
    };
    const close = () => {
      this.root.classList.remove("hidden-measurement");
      form.remove();
    };
    const form = element(
      "form",
      { class: "predict", onsubmit: (event: Event) => (event.preventDefault(), reveal()) },
      element("label", {}, question, guess, unit ?? ""),
      element("button", { type: "submit" }, "Reveal"),
      element("button", { type: "button", onclick: close }, "Close"),
      reply,
    );
    this.root.querySelector(".predict")?.remove();
    this.root.classList.add("hidden-measurement");
    this.stage.before(form);
    guess.focus();
  }

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (isTaken(event)) return;
    if (event.key === " " && target.matches("button, a, summary, input[type=checkbox]")) return; // it presses that one
    const key = this.keys.get(event.key);
    if (!key) return;
    event.preventDefault();
    key.act();
  }
}
