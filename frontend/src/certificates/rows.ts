/** A bound in the setting of the controls, as the question certificates.evaluate gives it. */
export interface Row {
  bound: string;
  title: string;
  certifies: string;
  pays: string;
  value: number | null;
  vacuous: boolean;
  empirical: number;
  complexity: number;
  confidence: number;
  said: string;
  independent: { answer: string; said: string };
}

export interface Mark {
  status: string;
  why: string;
}

/** What a row is worth beside the majority line. */
export function worth(row: Row, majority: number): Mark {
  if (row.independent.answer === "fails") return { status: "INAPPLICABLE", why: "it has seen these rows" };
  if (row.value === null || row.vacuous) return { status: "VACUOUS", why: "it says that a risk is at most 1" };
  if (row.value >= majority) return { status: "VACUOUS", why: "not below the majority line" };
  return { status: "useful", why: "below the majority line" };
}
