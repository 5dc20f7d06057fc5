import type { Viewer } from "../model/contract";
import { THEORIES } from "../theorems/catalogue";
import { Room } from "../theorems/room";
import { View } from "../ui/view";

const viewer: Viewer = {
  render({ model, el }) {
    let room: Room | undefined;
    const view = new View(
      model,
      el,
      {
        name: "theorems",
        title: "Theorems",
        lead: "What rests on what; choose one, test it, and break a hypothesis with its slider.",
        controls: [
          { kind: "choice", name: "theory", label: "Theory", options: THEORIES, value: "all", key: "y" },
          { kind: "button", name: "test", label: "Test", key: "r", press: () => void room?.test() },
          { kind: "button", name: "all", label: "Test all", key: "a", press: () => void room?.testAll() },
          { kind: "button", name: "fit", label: "See all", key: "0", press: () => room?.fit() },
        ],
        table: () => room?.table() ?? { columns: [], rows: [] },
        predict: {
          question: "What is the verdict on the counterexample of this theorem?",
          choices: ["HOLDS", "VIOLATED", "UNDECIDED", "INAPPLICABLE", "VACUOUS"],
          answer: () => room?.onCounterexample(),
          said: () => room?.whatFails() ?? "",
        },
      },
      (name) => room?.changed(name),
    );
    view.stage.classList.add("theorems");
    room = new Room(model, view);
    view.onKey("/", "Find", () => room?.search());
    view.onKey("+", "Larger", () => room?.zoom(1.25));
    view.onKey("-", "Smaller", () => room?.zoom(0.8));
    view.onEnd(() => room?.end());
    void room.begin();
    return () => view.end();
  },
};

export default viewer;
