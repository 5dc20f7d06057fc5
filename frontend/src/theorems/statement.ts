import katex from "katex";
import { element } from "../ui/elements";
import { typeset, type Piece } from "./typeset";

/** A statement with its formulae set, and ids of theorems as links to them. */
export function statement(text: string, follow?: (id: string) => boolean): HTMLElement {
  return element("span", { class: "statement" }, ...typeset(text).map((piece) => show(piece, follow)));
}

function show(piece: Piece, follow?: (id: string) => boolean): Node | string {
  if (piece.kind === "text") return piece.text;
  if (piece.kind === "formula") return formula(piece.tex) ?? piece.text;
  const code = element("code", {}, piece.text);
  if (!follow?.(piece.text)) return code;
  return element("a", { href: `#theorems?id=${piece.text}`, "data-follow": piece.text }, code);
}

/** The formula, or nothing where KaTeX does not take it: a broken one is never shown. */
function formula(tex: string): HTMLElement | undefined {
  const place = element("span", { class: "formula" });
  try {
    katex.render(tex, place, { throwOnError: true, output: "htmlAndMathml", trust: false });
    return place;
  } catch {
    return undefined;
  }
}
