import type { Control } from "../ui/controls";

/** Tokens that are followed to their last merger while someone waits; more of them only live. */
export const MOST_FOLLOWED = 200;

interface Presses {
  play: () => void;
  reset: () => void;
}

export function tokenControls({ play, reset }: Presses): Control[] {
  return [
    { kind: "choice", name: "mode", label: "Show", options: [["last", "to the last merger"], ["live", "live, in plain time"]], value: "last", key: "m" },
    { kind: "slider", name: "n", label: "tokens n", low: 2, high: 1000, log: true, step: 1, value: 7 },
    { kind: "slider", name: "d", label: "dimension d", low: 2, high: 64, log: true, step: 1, value: 3 },
    { kind: "slider", name: "beta", label: "β", low: 0.1, high: 1e4, log: true, zero: true, value: 9 },
    { kind: "choice", name: "model", label: "attention", options: [["sa", "SA (softmax)"], ["usa", "USA (unnormalised)"]], value: "sa", key: "a" },
    { kind: "choice", name: "masses", label: "masses", options: [["equal", "equal"], ["random", "random"]], value: "equal", key: "w" },
    { kind: "slider", name: "seed", label: "seed", low: 0, high: 99, step: 1, value: 8 },
    { kind: "switch", name: "causal", label: "causal", value: false, key: "c" },
    { kind: "slider", name: "noise", label: "noise", low: 0, high: 0.5, step: 0.005, value: 0 },
    { kind: "slider", name: "speed", label: "speed", low: 0.1, high: 100, log: true, value: 1 },
    { kind: "switch", name: "trails", label: "trails", value: true, key: "l" },
    { kind: "button", name: "play", label: "Play / pause", key: " ", press: play },
    { kind: "button", name: "reset", label: "Reset", key: "r", press: reset },
  ];
}
