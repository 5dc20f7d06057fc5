import { Room } from "../certificates/room";
import type { Viewer } from "../model/contract";
import type { Control } from "../ui/controls";
import { View } from "../ui/view";

const BOUNDS = ["test_binomial", "occam_binomial", "catoni", "maurer_seeger", "mcallester", "output_conversion", "risk_transport", "rademacher_linear", "smooth_gauss", "covering"];

const CONTROLS: Control[] = [
  { kind: "slider", name: "delta", label: "delta", low: 1e-6, high: 0.5, log: true, value: 0.05 },
  { kind: "slider", name: "m", label: "rows m", low: 20, high: 1e7, log: true, step: 1, value: 1000 },
  { kind: "slider", name: "risk", label: "empirical risk", low: 0, high: 1, step: 0.005, value: 0.05 },
  { kind: "slider", name: "kl", label: "KL to the prior", unit: "nats", low: 0.01, high: 1e4, log: true, value: 5 },
  { kind: "slider", name: "norm", label: "distance to the centre", low: 0.01, high: 10, log: true, value: 0.1 },
  { kind: "slider", name: "margin", label: "margin", low: 0.01, high: 10, log: true, value: 1 },
  { kind: "slider", name: "dim", label: "parameters", low: 1, high: 1e5, log: true, step: 1, value: 30 },
  { kind: "slider", name: "candidates", label: "candidates", low: 1, high: 1e5, log: true, step: 1, value: 100 },
  { kind: "slider", name: "majority", label: "majority line", low: 0, high: 1, step: 0.005, value: 0.3 },
  { kind: "switch", name: "cheat", label: "Cheat: prior and candidate have seen these rows", value: false, key: "c" },
  { kind: "choice", name: "bound", label: "Curve of", options: BOUNDS.map((bound) => [bound, bound]), value: BOUNDS[0], key: "b" },
];

const viewer: Viewer = {
  render({ model, el }) {
    let room: Room | undefined;
    const view = new View(
      model,
      el,
      {
        name: "certificates",
        title: "Certificates",
        lead: "What a bound is made of, when it says nothing, and what happens to one whose prior has peeped.",
        controls: [...CONTROLS, { kind: "button", name: "dice", label: "Throw dice", key: "d", press: () => void room?.throwDice() }],
        table: () => room?.table() ?? { columns: [], rows: [] },
        predict: {
          question: "How many rows are needed for a Maurer-Seeger bound below the majority line?",
          unit: "rows",
          answer: () => room?.answer,
          said: () => `${room?.answer} rows`,
        },
      },
      (name) => room?.changed(name),
    );
    view.stage.classList.add("certificates");
    room = new Room(model, view);
    view.onEnd(() => room?.end());
    room.begin();
    return () => view.end();
  },
};

export default viewer;
