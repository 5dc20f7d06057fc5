import { LayersStage } from "../layers/stage";
import type { Viewer } from "../model/contract";
import { View } from "../ui/view";

const viewer: Viewer = {
  render({ model, el }) {
    let stage: LayersStage | undefined;
    const view = new View(
      model,
      el,
      {
        name: "layers",
        title: "Layers of a network",
        lead: "Do its tokens gather as the particles of the model do? Move through the layers with the arrow keys.",
        controls: [{ kind: "button", name: "play", label: "Play", key: "a", press: () => stage?.play() }],
        table: () => stage?.table() ?? { columns: [], rows: [] },
        predict: {
          question: "What is the mean cosine in the last layer?",
          answer: () => stage?.answer(),
          said: () => stage?.said() ?? "",
        },
      },
      (name) => stage?.changed(name),
    );
    stage = new LayersStage(view, model);
    return () => view.end();
  },
};

export default viewer;
