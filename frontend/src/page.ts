import { SocketModel } from "./model/socket";
import { startShell } from "./shell";

const base = new URL(/* @vite-ignore */ ".", import.meta.url);
const address = new URL("socket", base);
address.protocol = "ws:";

startShell(
  () => new SocketModel(address.href),
  async (name) => (await import(/* @vite-ignore */ new URL(`${name}.js`, base).href)).default,
);
