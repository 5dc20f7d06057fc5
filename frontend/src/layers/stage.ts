import type { Model } from "../model/contract";
import { Asking, Refused, type Answer, type Upload } from "../model/questions";
import { fileInput } from "../ui/drop";
import { digits, element, type Table } from "../ui/elements";
import { Facts } from "../ui/facts";
import { isHidden, onHidden } from "../ui/hidden";
import type { View } from "../ui/view";
import { Clouds, percent } from "./cloud";
import { Figure } from "./figure";
import { Scrubber } from "./scrubber";

const MOST_BYTES = 64 * 2 ** 20;
const PER_LAYER = 400; // milliseconds of a layer while it plays

/** The stage of the view: one place among the layers, and all that is drawn there. */
export class LayersStage {
  private figure: Figure;
  private scrubber: Scrubber;
  private asking: Asking;
  private facts = new Facts();
  private findings = element("ul", { class: "findings" });
  private source = element("p", { class: "unit" });
  private back: HTMLElement;
  private clouds: Clouds | undefined;
  private timer = 0;

  constructor(
    private view: View,
    model: Model,
  ) {
    this.asking = new Asking(model);
    this.scrubber = new Scrubber((at) => this.go(at));
    view.stage.before(this.scrubber.root);
    this.figure = new Figure(view.stage, (at) => this.go(at));
    this.back = element("button", { type: "button", "data-name": "back", hidden: true, onclick: () => void this.ask("layers.observe") }, "Back to the example");
    view.stage.append(
      element("section", { class: "panel" }, element("h3", {}, "This layer"), this.facts.root),
      element("section", { class: "panel" }, element("h3", {}, "The network"), this.source, this.findings, this.back),
    );
    const input = fileInput(view.stage, "Your hidden states", [".npz"], MOST_BYTES, (file) => void this.ask("layers.read", file), (text) => view.refuse(text));
    view.root.querySelector(".controls")!.append(input);
    this.keys();
    view.onEnd(onHidden(view.root, () => this.draw()));
    view.onEnd(() => this.end());
    void this.ask("layers.observe");
  }

  changed(name: string): void {
    if (name === "layer") this.draw();
  }

  play(): void {
    if (this.timer) return this.stop();
    if (this.at === this.last) this.go(0);
    this.timer = window.setInterval(() => this.next(), PER_LAYER);
  }

  private next(): void {
    this.go(Math.min(this.at + 1, this.last));
    if (this.at === this.last) this.stop();
  }

  table(): Table {
    return this.figure.table();
  }

  answer(): number | undefined {
    return this.clouds?.numbers("model", "mean").at(-1);
  }

  said(): string {
    const flow = this.clouds?.numbers("flow", "mean").at(-1);
    return `the mean cosine in the last layer is ${digits(this.answer() ?? NaN)}; the fitted flow ends at ${digits(flow ?? NaN)}`;
  }

  private get last(): number {
    return (this.clouds?.layers.length ?? 1) - 1;
  }

  private get at(): number {
    const asked = Number(this.view.value("layer") ?? 0);
    return Number.isInteger(asked) ? Math.min(Math.max(asked, 0), this.last) : 0;
  }

  private go(at: number): void {
    this.view.set("layer", at);
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
  }

  private keys(): void {
    for (const [key, by] of [["ArrowLeft", -1], ["ArrowRight", 1], ["Home", -Infinity], ["End", Infinity]] as const)
      this.view.onKey(key, "Layer", () => this.go(this.scrubber.beside(this.at, by)));
  }

  private async ask(question: string, file?: Upload): Promise<void> {
    this.view.say("reading …");
    try {
      await this.asking.ask(question, {}, (answer) => this.came(answer, file), file ? [file] : []);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.view.refuse(error.message);
    }
  }

  private came(answer: Answer, file?: Upload): void {
    if (answer.document.saying) return this.view.say(answer.document.saying);
    this.clouds = new Clouds(answer);
    this.stop();
    this.back.hidden = !file;
    const { name, control, texts, tokens, findings, notes } = answer.document;
    this.source.textContent = `${file ? file.name : name}: ${texts} ${texts === 1 ? "text" : "texts"}, ${tokens} tokens${control ? `; ${control}` : "; no control"}`;
    this.findings.replaceChildren(...[...findings, ...notes].map((line: string) => element("li", {}, line)));
    this.view.say("");
    this.draw();
  }

  private draw(): void {
    if (!this.clouds) return;
    this.scrubber.show(this.clouds.layers, this.at);
    this.figure.show(this.clouds, this.at, isHidden(this.view.root));
    this.tell(this.clouds, this.at);
    this.view.refresh();
  }

  private tell(clouds: Clouds, at: number): void {
    const mean = (who: "model" | "flow" | "control") => digits(clouds.numbers(who, "mean")[at] ?? NaN);
    this.facts.set("Mean cosine, network", mean("model"), "measurement");
    this.facts.set("Fitted flow", at < clouds.numbers("flow", "mean").length ? mean("flow") : "no step is fitted here", "predicted");
    this.facts.set("Control", clouds.has("control") ? mean("control") : "");
    this.facts.set("Pairs above 0.99, network", `${digits(100 * clouds.numbers("model", "close")[at])} %`, "measurement");
    const explained = clouds.explained(at, "explained");
    this.facts.set("One step of the model explains", explained ? element("strong", { class: "share" }, percent(explained)) : "no block follows", "measurement");
    this.facts.set("One step explains of the control", explained && clouds.has("control") ? percent(clouds.explained(at, "control_explained")) : "");
    const { beta, tau } = clouds.fit(at);
    this.facts.set("Fitted step", explained ? `beta ${digits(beta)}, length ${digits(tau)}` : "");
  }

  private end(): void {
    this.stop();
    this.asking.cancel();
    this.figure.end();
  }
}
