import { element } from "../ui/elements";
import type { Catalogue, Theorem } from "./catalogue";
import { Camera } from "./camera";

const SVG = "http://www.w3.org/2000/svg";
const COLUMN = 272;
const ROW = 27;
const WIDTH = 226;
const HEIGHT = 22;

export type Lamp = "untested" | "running" | "passed" | "failed";
const GLYPHS: Record<Lamp, string> = { untested: "○", running: "◐", passed: "●", failed: "✕" };

interface Drawn {
  group: SVGGElement;
  lamp: SVGTextElement;
}

interface Edge {
  from: string;
  to: string;
  path: SVGPathElement;
}

/** The theorems and what rests on what, as a drawing that is moved, zoomed and walked through. */
export class Graph {
  readonly root = make("svg", { class: "graph", role: "listbox", tabindex: 0, "aria-label": "Theorems; arrow keys walk along what rests on what" });
  private content = make("g");
  private nodes = new Map<string, Drawn>();
  private edges: Edge[] = [];
  private camera: Camera;
  private chosen = "";

  constructor(
    private catalogue: Catalogue,
    private choose: (id: string) => void,
  ) {
    this.root.append(arrowHead(), this.content);
    this.draw();
    this.camera = new Camera(this.root, this.content);
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** Mark a theorem, and bring it into sight. */
  show(id: string): void {
    const theorem = this.catalogue.get(id);
    if (!theorem) return;
    this.nodes.get(this.chosen)?.group.setAttribute("aria-selected", "false");
    this.chosen = id;
    this.nodes.get(id)!.group.setAttribute("aria-selected", "true");
    this.root.setAttribute("aria-activedescendant", `theorem-${id}`);
    for (const { from, to, path } of this.edges) path.classList.toggle("near", from === id || to === id);
    this.camera.reveal(left(theorem), top(theorem), WIDTH, HEIGHT);
  }

  light(id: string, lamp: Lamp): void {
    const node = this.nodes.get(id);
    if (!node) return;
    node.lamp.textContent = GLYPHS[lamp];
    node.group.setAttribute("data-lamp", lamp);
    node.group.setAttribute("aria-label", `${this.catalogue.get(id)!.title}: ${lamp}`);
  }

  /** Only these theorems stand out. */
  filter(shown: Set<string>): void {
    for (const [id, { group }] of this.nodes) group.classList.toggle("dim", !shown.has(id));
    for (const { from, to, path } of this.edges) path.classList.toggle("dim", !shown.has(from) || !shown.has(to));
  }

  /** All of these theorems in sight. */
  fit(shown: Theorem[]): void {
    if (!shown.length) return;
    const [xs, ys] = [shown.map(left), shown.map(top)];
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    this.camera.fit(x - 20, y - 40, Math.max(...xs) - x + WIDTH + 40, Math.max(...ys) - y + HEIGHT + 60);
  }

  zoom(factor: number): void {
    this.camera.zoom(factor);
  }

  end(): void {
    this.camera.end();
  }

  private draw(): void {
    const lines = make("g", { "aria-hidden": "true" });
    const titles = make("g", { "aria-hidden": "true" });
    this.content.append(lines, titles);
    for (const theorem of this.catalogue.theorems) {
      for (const used of theorem.uses) {
        const from = this.catalogue.get(used);
        if (from) this.edges.push({ from: used, to: theorem.id, path: lines.appendChild(curve(from, theorem)) });
      }
      this.nodes.set(theorem.id, this.node(theorem));
    }
    for (const theory of new Set(this.catalogue.theorems.map((theorem) => theorem.theory))) {
      const first = Math.min(...this.catalogue.theorems.filter((theorem) => theorem.theory === theory).map(top));
      titles.append(text(0, first - 16, theory.replace("_", " "), "theory"));
    }
  }

  private node(theorem: Theorem): Drawn {
    const group = make("g", {
      id: `theorem-${theorem.id}`,
      class: "node",
      role: "option",
      "aria-selected": "false",
      "aria-label": `${theorem.title}: untested`,
      "data-id": theorem.id,
      "data-lamp": "untested",
      transform: `translate(${left(theorem)} ${top(theorem)})`,
    });
    const title = make("title");
    title.textContent = theorem.title;
    const lamp = text(8, 15.5, GLYPHS.untested, "glyph");
    group.append(title, make("rect", { width: WIDTH, height: HEIGHT, rx: 4 }), lamp, text(24, 15, theorem.id, "name"));
    group.addEventListener("click", () => this.camera.moved || this.choose(theorem.id));
    this.content.append(group);
    return { group, lamp };
  }

  private key(event: KeyboardEvent): void {
    const to = this.neighbour(event.key);
    if (event.key === "+" || event.key === "-") this.camera.zoom(event.key === "+" ? 1.25 : 0.8);
    else if (to) this.choose(to);
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Left: what it rests on; right: what rests on it; up and down: the next in its column. */
  private neighbour(key: string): string | undefined {
    const here = this.catalogue.get(this.chosen);
    if (!here) return undefined;
    const near = (ids: string[]) => {
      const known = ids.flatMap((id) => this.catalogue.get(id) ?? []);
      return known.sort((a, b) => Math.abs(a.row - here.row) - Math.abs(b.row - here.row))[0]?.id;
    };
    const column = this.catalogue.theorems.filter(({ column, theory }) => column === here.column && theory === here.theory);
    const visible = column.filter(({ id }) => !this.nodes.get(id)!.group.classList.contains("dim"));
    switch (key) {
      case "ArrowLeft":
        return near(here.uses);
      case "ArrowRight":
        return near(this.catalogue.usedBy(here.id));
      case "ArrowUp":
        return near(visible.filter(({ row }) => row < here.row).map(({ id }) => id));
      case "ArrowDown":
        return near(visible.filter(({ row }) => row > here.row).map(({ id }) => id));
    }
    return undefined;
  }
}

const left = ({ column }: Theorem) => column * COLUMN;
const top = ({ row }: Theorem) => row * ROW;

function curve(from: Theorem, to: Theorem): SVGPathElement {
  const [x, y] = [left(from) + WIDTH, top(from) + HEIGHT / 2];
  const [u, v] = [left(to) - 2, top(to) + HEIGHT / 2];
  const bend = Math.max(20, (u - x) / 2);
  return make("path", { class: "edge", d: `M${x} ${y}C${x + bend} ${y} ${u - bend} ${v} ${u} ${v}`, "marker-end": "url(#rests-on)" });
}

function arrowHead(): SVGElement {
  const marker = make("marker", { id: "rests-on", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" });
  marker.append(make("path", { d: "M0 0L8 4L0 8z", class: "head" }));
  const definitions = make("defs");
  definitions.append(marker);
  return definitions;
}

function text(x: number, y: number, words: string, kind: string): SVGTextElement {
  const made = make("text", { x, y, class: kind });
  made.textContent = words;
  return made;
}

function make<Tag extends keyof SVGElementTagNameMap>(tag: Tag, attributes: Record<string, string | number> = {}): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** The panel that holds a graph and says how it is moved. */
export function graphPanel(graph: Graph, find: HTMLElement): HTMLElement {
  const hint = "drag to move, wheel or + and - to zoom; arrow keys: left to what it rests on, right to what rests on it";
  return element("div", { class: "panel graph-panel" }, find, graph.root, element("p", { class: "unit" }, hint));
}
