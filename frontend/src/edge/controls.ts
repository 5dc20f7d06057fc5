import type { State } from "../model/contract";
import type { Control } from "../ui/controls";

/** Names of controls that say which network is asked about, and how it is trained. */
export const NETWORK = ["depth", "width", "scale", "residual", "seed", "data", "target", "standardize"];
export const RUN = [...NETWORK, "step", "steps", "momentum", "beta"];

/** The file's column that is the target is chosen in the panel of the data, and is no control. */
export const FIRST_TARGET = 0;

export const CONTROLS: Control[] = [
  { kind: "slider", name: "depth", label: "Depth", low: 1, high: 32, step: 1, value: 5 },
  { kind: "slider", name: "width", label: "Width", low: 1, high: 32, step: 1, value: 3 },
  { kind: "slider", name: "step", label: "Step", low: 0.001, high: 10, log: true, value: 0.19 },
  { kind: "slider", name: "steps", label: "Number of steps", low: 10, high: 20000, step: 1, log: true, value: 400 },
  { kind: "slider", name: "scale", label: "Scale of start", low: 0, high: 2, step: 0.01, value: 0.5 },
  { kind: "slider", name: "seed", label: "Seed", low: 0, high: 99, step: 1, value: 0 },
  { kind: "choice", name: "momentum", label: "Momentum", key: "m", value: "none", options: [["none", "none"], ["heavy-ball", "heavy ball"], ["nesterov", "Nesterov"]] },
  { kind: "slider", name: "beta", label: "Momentum's share", low: 0, high: 0.99, step: 0.01, value: 0.5 },
  { kind: "choice", name: "data", label: "Data", key: "d", value: "overdetermined", options: [["overdetermined", "50 rows, 5 inputs"], ["underdetermined", "15 rows, 20 inputs"]] },
  { kind: "switch", name: "residual", label: "Residual start", key: "r", value: false },
  { kind: "switch", name: "standardize", label: "Standardize a file", key: "z", value: true },
  { kind: "switch", name: "flow", label: "Gradient flow", key: "g", value: true },
  { kind: "switch", name: "central", label: "Central flow", key: "c", value: true },
  { kind: "switch", name: "centre", label: "Mean of two steps", key: "o", value: false },
  { kind: "switch", name: "log", label: "Logarithmic sharpness", key: "l", value: false },
];

/** What a question is asked with. */
export function parameters(names: string[], value: (name: string) => State[string] | undefined): State {
  return Object.fromEntries(names.map((name) => [name, value(name) ?? FIRST_TARGET]));
}
