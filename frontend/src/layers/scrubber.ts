import { element } from "../ui/elements";

/** A range over the layers that are there, with their numbers. */
export class Scrubber {
  readonly root: HTMLElement;
  private range = element("input", { type: "range", "aria-label": "Layer", min: 0, max: 0, step: 1, value: 0 });
  private name = element("output", { class: "layer" });
  private layers: number[] = [];

  constructor(private moved: (at: number) => void) {
    this.range.addEventListener("input", () => this.moved(Number(this.range.value)));
    this.root = element("div", { class: "scrubber" }, element("span", { class: "label" }, "Layer"), this.range, this.name);
  }

  show(layers: number[], at: number): void {
    this.layers = layers;
    this.range.max = String(layers.length - 1);
    this.range.value = String(at);
    this.range.setAttribute("aria-valuetext", `layer ${layers[at]}`);
    this.name.textContent = String(layers[at]);
  }

  /** The place that is `by` further, kept within the layers. */
  beside(at: number, by: number): number {
    return Math.min(Math.max(at + by, 0), Math.max(this.layers.length - 1, 0));
  }
}
