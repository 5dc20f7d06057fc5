import { element, tableElement } from "../ui/elements";
import type { Bar } from "./bars";

/** A saved certificate, as the question certificates.read gives it. */
export interface Saved {
  title: string;
  sentence: string;
  overfitting: string;
  delta: number;
  untouched: boolean;
  alarms: string[];
  sizes: Record<string, number>;
  majority: number | null;
  held_out_risk: { value: number; lower: number; upper: number } | null;
  rows: {
    bound: string;
    certifies: string;
    value: number | null;
    delta: number;
    status: string;
    wins: boolean;
    measured: { value: number; lower: number; upper: number } | null;
    terms: Record<string, number>;
  }[];
}

/** Its rows as bars: what was seen on the rows, and all that is added to it. */
export function savedBars(saved: Saved): Bar[] {
  return saved.rows.map(({ bound, certifies, value, status, terms, measured, wins }) => {
    const seen = Math.min(terms.empirical_risk ?? terms.prior_risk ?? terms.smoothed_risk ?? 0, value ?? 1);
    const parts: Bar["parts"] = [{ kind: "empirical", size: seen }, { kind: "rest", size: Math.max(0, (value ?? 1) - seen) }];
    return { name: bound, note: `${wins ? "wins · " : ""}${certifies}`, parts, value, status, measured };
  });
}

/** What it says, and what speaks against it. */
export function savedWords(saved: Saved): HTMLElement {
  const sizes = Object.entries(saved.sizes).map(([part, rows]) => `${part} ${rows}`);
  const digest = saved.untouched ? "its content has the digest that it was saved with" : "its content was changed after it was saved";
  return element(
    "div",
    {},
    element("p", { class: "main" }, saved.sentence),
    element("p", {}, saved.overfitting),
    ...saved.alarms.map((alarm) => element("p", { class: "refused" }, alarm)),
    element("p", { class: "unit" }, `delta ${saved.delta}; rows: ${sizes.join(", ")}; ${digest}`),
  );
}

/** All terms of its rows. */
export function savedTable(saved: Saved): HTMLTableElement {
  const terms = (all: Record<string, number>) => Object.entries(all).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`).join(", ");
  return tableElement(
    {
      columns: ["bound", "certified", "status", "delta spent", "measured", "terms"],
      rows: saved.rows.map((row) => [row.bound, row.value ?? "diverges", row.status, row.delta, row.measured?.value ?? "", terms(row.terms)]),
    },
    "rows and terms",
  );
}
