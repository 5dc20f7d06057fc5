/** A theorem as the question theorems.list describes it. */
export interface Theorem {
  id: string;
  theory: string;
  title: string;
  statement: string;
  about: string;
  hypotheses: string[];
  reference: string;
  source: string;
  remark: string;
  printed: { statement: string; ends: string }[];
  uses: string[];
  cost: string;
  breakable: boolean;
  /** Its place in the graph: what it uses stands in columns to the left. */
  column: number;
  row: number;
}

export interface Reference {
  cited: string;
  bibtex: string;
}

export const THEORIES: [string, string][] = [
  ["all", "all three"],
  ["attention", "attention"],
  ["deep_linear", "deep linear networks"],
  ["generalization", "generalization"],
];

/** All theorems, and what is looked up in them. */
export class Catalogue {
  private byId = new Map<string, Theorem>();
  private users = new Map<string, string[]>();

  constructor(
    public theorems: Theorem[],
    public references: Record<string, Reference>,
  ) {
    for (const theorem of theorems) this.byId.set(theorem.id, theorem);
    for (const { id, uses } of theorems) for (const used of uses) this.users.set(used, [...(this.users.get(used) ?? []), id]);
  }

  get(id: string): Theorem | undefined {
    return this.byId.get(id);
  }

  usedBy(id: string): string[] {
    return this.users.get(id) ?? [];
  }

  /** Theorems of a theory that have every word of a text somewhere. */
  matching(theory: string, text: string): Theorem[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return this.theorems.filter((theorem) => {
      if (theory !== "all" && theorem.theory !== theory) return false;
      const reference = this.references[theorem.reference]?.cited ?? "";
      const all = [theorem.id, theorem.title, theorem.statement, ...theorem.hypotheses, theorem.source, theorem.remark, reference].join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }
}
