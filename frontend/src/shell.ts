import type { Model, State, Viewer } from "./model/contract";
import { element } from "./ui/elements";
import { isTaken } from "./ui/keys";

export const VIEWS: [string, string][] = [
  ["tokens", "Tokens"],
  ["phase", "Phase"],
  ["layers", "Layers"],
  ["edge", "Edge"],
  ["certificates", "Certificates"],
  ["theorems", "Theorems"],
];

/** Views of one cloud of tokens, and what of the address says which one: it goes from one view to the other. */
const CLOUDS = ["tokens", "phase"];
const cloudOf = (model: Model) => Object.fromEntries(Object.entries((model.get("state") as State) ?? {}).filter(([name]) => ["n", "d", "seed", "masses"].includes(name)));

/** `#tokens?beta=9&embed=1`: the view and the values of its controls. */
function readAddress(): { name: string; state: State } {
  const [name, query] = location.hash.slice(1).split("?");
  const state: State = {};
  for (const [key, text] of new URLSearchParams(query)) state[key] = text === "true" ? true : text === "false" ? false : text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  return { name: VIEWS.some(([known]) => known === name) ? name : VIEWS[0][0], state };
}

function writeAddress(name: string, state: State): void {
  const query = new URLSearchParams(Object.entries(state).map(([key, value]) => [key, String(value)]));
  history.replaceState(null, "", `#${name}${query.size ? `?${query}` : ""}`);
}

/**
 * The frame of the page: which view is shown, projector mode, keys. The address says everything that is set.
 *
 * @param connect makes the model that all views share.
 * @param load finds a viewer by its name.
 * @param first values of controls, for each view, where the address says nothing.
 */
export function startShell(connect: () => Model, load: (name: string) => Promise<Viewer>, first: Record<string, State> = {}): void {
  const model = connect();
  const place = element("main");
  const links = VIEWS.map(([name, title]) => element("a", { href: `#${name}` }, title));
  const lost = element("span", { class: "refused", role: "status", hidden: true }, "connection lost: trying again");
  const projector = element("button", { type: "button", "aria-pressed": "false", title: "key: p", onclick: () => project() }, "Projector");
  const keys = element("button", { type: "button", title: "key: ?", onclick: () => showKeys() }, "Keys");
  const dialog = element("dialog", { "aria-label": "keys" });
  const bar = element("div", { class: "bar", role: "banner" }, element("h1", {}, "fathometer"), element("nav", { "aria-label": "views" }, ...links), lost, element("div", { class: "tools" }, projector, keys));
  document.body.classList.add("fathometer");
  document.body.append(bar, place, dialog);

  let shown = "";
  let cloud: State = {};
  let end: void | (() => void);
  let turn = 0;

  const show = async () => {
    const { name, state } = readAddress();
    const embed = Boolean(state.embed);
    model.set("embed", embed);
    bar.hidden = embed;
    if (state.projector !== undefined && Boolean(state.projector) !== Boolean(model.get("projector"))) project();
    if (name === shown) return model.set("state", state);
    const mine = ++turn;
    const viewer = await load(name);
    if (mine !== turn) return;
    end?.();
    model.off("change:state", remember);
    if (CLOUDS.includes(shown)) cloud = cloudOf(model);
    shown = name;
    model.set("state", { ...first[name], ...(CLOUDS.includes(name) ? cloud : {}), ...state });
    model.on("change:state", remember);
    remember();
    links.forEach((link, k) => (VIEWS[k][0] === name ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current")));
    document.title = `${VIEWS.find(([known]) => known === name)![1]} · fathometer`;
    end = viewer.render({ model, el: place });
  };
  const remember = () => writeAddress(shown, (model.get("state") as State) ?? {});
  const project = () => {
    const on = !model.get("projector");
    model.set("projector", on);
    document.body.classList.toggle("projector", on);
    projector.setAttribute("aria-pressed", String(on));
  };
  const showKeys = () => {
    const own = [...place.querySelectorAll("[title^='key: ']")].map((item) => [item.getAttribute("title")!.slice(5), item.textContent ?? ""]);
    const all = [...own, ["p", "Projector"], ["1 to 6", "Views"], ["?", "Keys"]];
    const close = element("button", { type: "button", onclick: () => dialog.close() }, "Close");
    dialog.replaceChildren(element("h2", {}, "Keys"), element("table", {}, ...all.map(([key, label]) => element("tr", {}, element("td", {}, element("kbd", {}, key)), element("td", {}, label)))), close);
    dialog.showModal();
  };

  model.on("connected", (on: boolean) => (lost.hidden = on));
  window.addEventListener("hashchange", () => void show());
  document.addEventListener("keydown", (event) => {
    if (isTaken(event)) return;
    if (event.key === "p") project();
    else if (event.key === "?") showKeys();
    else if (VIEWS[Number(event.key) - 1]) location.hash = VIEWS[Number(event.key) - 1][0];
  });
  void show();
}
