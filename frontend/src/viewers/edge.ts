import { CONTROLS } from "../edge/controls";
import { EdgeStage } from "../edge/stage";
import type { Viewer } from "../model/contract";
import { View } from "../ui/view";

const viewer: Viewer = {
  render({ model, el }) {
    let stage: EdgeStage | undefined;
    const view = new View(
      model,
      el,
      {
        name: "edge",
        title: "Edge of stability",
        lead: "Descent on a deep linear network. Move the step: the line 2/step moves with it, and the sharpness follows.",
        controls: CONTROLS,
        table: () => stage?.table() ?? { columns: [], rows: [] },
        predict: {
          question: "How large is the sharpness at the end?",
          answer: () => stage?.answer(),
          said: () => stage?.said() ?? "",
        },
      },
      (name) => stage?.changed(name),
    );
    stage = new EdgeStage(view, model);
    return () => view.end();
  },
};

export default viewer;
