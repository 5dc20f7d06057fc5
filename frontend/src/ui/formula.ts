import katex from "katex";
import { element } from "./elements";

/** Text with formulae between dollar signs. */
export function withFormulae(text: string): HTMLElement {
  const parts = text.split(/\$([^$]+)\$/);
  return element("span", {}, ...parts.map((part, k) => (k % 2 ? formula(part) : part)));
}

export function formula(source: string, display = false): HTMLElement {
  const place = element("span", { class: "formula" });
  katex.render(source, place, { throwOnError: false, displayMode: display, output: "htmlAndMathml", trust: false });
  return place;
}
