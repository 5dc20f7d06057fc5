import type { Viewer } from "../model/contract";
import { View } from "../ui/view";

const viewer: Viewer = {
  render({ model, el }) {
    const view = new View(model, el, { name: "certificates", title: "Certificates", lead: "", controls: [], table: () => ({ columns: [], rows: [] }) }, () => {});
    return () => view.end();
  },
};

export default viewer;
