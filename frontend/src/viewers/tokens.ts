import type { Viewer } from "../model/contract";
import { Tokens } from "../tokens/tokens";

const viewer: Viewer = {
  render({ model, el }) {
    const tokens = new Tokens(model, el);
    return () => tokens.end();
  },
};

export default viewer;
