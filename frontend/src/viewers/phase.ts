import type { Viewer } from "../model/contract";
import { Phase } from "../phase/phase";

const viewer: Viewer = {
  render({ model, el }) {
    const phase = new Phase(model, el);
    return () => phase.end();
  },
};

export default viewer;
