/** Step times curvature beyond which descent is unstable: 2, 2 (1 + b) of heavy ball, (2 + 2b) / (1 + 2b) of Nesterov. */
export function reach(momentum: string, beta: number): number {
  if (momentum === "heavy-ball") return 2 * (1 + beta);
  return momentum === "nesterov" ? (2 * (1 + beta)) / (1 + 2 * beta) : 2;
}

/** The same as a formula. */
export function reachFormula(momentum: string): string {
  if (momentum === "heavy-ball") return "(2 + 2\\beta)/\\eta";
  return momentum === "nesterov" ? "(2 + 2\\beta)/((1 + 2\\beta)\\,\\eta)" : "2/\\eta";
}
