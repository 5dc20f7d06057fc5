import { RecordedModel, type Recording } from "./model/recorded";
import type { Viewer } from "./model/contract";
import { startShell } from "./shell";

const viewers = import.meta.glob<Viewer>("./viewers/*.ts", { eager: true, import: "default" });
const { recordings, states } = JSON.parse(document.getElementById("recorded")!.textContent!) as {
  recordings: Recording[];
  states: Record<string, Record<string, string | number | boolean>>;
};

startShell(
  () => new RecordedModel(recordings),
  async (name) => viewers[`./viewers/${name}.ts`],
  states,
);
