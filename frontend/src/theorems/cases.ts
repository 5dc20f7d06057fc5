import { element } from "../ui/elements";
import type { Theorem } from "./catalogue";
import { statement } from "./statement";

/** One of the verdicts that a theorem is run through. */
export interface Case {
  name: string;
  expected: string;
  status: string;
  passed: boolean;
  margin: number | null;
  explanation: string;
}

const PLANNED: [string, string][] = [
  ["example", "HOLDS"],
  ["measured beyond the prediction", "VIOLATED"],
  ["measured with unlimited error bars", "UNDECIDED"],
  ["counterexample", "INAPPLICABLE"],
];

/** Lamps of the cases, lit or still dark. */
export function caseList(theorem: Theorem, cases: Case[] | undefined): HTMLElement {
  const planned = PLANNED.filter(([name]) => theorem.breakable || name !== "counterexample");
  const rows = planned.map(([name, expected]) => caseRow(name, expected, cases?.find((one) => one.name === name)));
  return element("ul", { class: "cases measurement" }, ...rows);
}

function caseRow(name: string, expected: string, found: Case | undefined): HTMLElement {
  if (!found) return element("li", {}, element("span", { class: "lamp" }, expected), ` is due: ${name}`);
  const wrong = found.passed ? "" : ` (it should be ${expected})`;
  return element("li", {}, element("span", { class: `lamp ${found.status}` }, found.status), `${wrong} on: ${name}. `, element("span", { class: "unit" }, found.explanation));
}

/** The statement as printed beside the one that is corrected, and what each ends in. */
export function printedForms(theorem: Theorem, cases: Case[] | undefined, follow: (id: string) => boolean): HTMLElement | null {
  if (!theorem.printed.length) return null;
  const forms = theorem.printed.map((form) => {
    const found = cases?.find(({ name }) => name === `as printed: ${form.statement}`);
    return side("As printed", form.statement, found?.status ?? "", found?.explanation ?? `ends ${form.ends} on its example`, follow);
  });
  const example = cases?.find(({ name }) => name === "example");
  return element("div", { class: "printed" }, ...forms, side("Corrected", theorem.statement, example?.status ?? "", example?.explanation ?? "test it to see", follow));
}

function side(title: string, text: string, status: string, explanation: string, follow: (id: string) => boolean): HTMLElement {
  const lamp = element("span", { class: `lamp ${status}` }, status || "untested");
  return element("div", {}, element("h4", {}, title), element("p", {}, statement(text, follow)), element("p", { class: "measurement" }, lamp, ` ${explanation}`));
}
