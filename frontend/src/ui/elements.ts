type Child = Node | string | null | undefined;

/** An element with attributes (listeners as on...) and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child): child is Node | string => child != null));
  return made;
}

/** A number to a few digits, in the form that a reader would write. */
export function digits(value: number, count = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(count - 1).replace(/\.?0+e/, "e").replace("e+", "e");
  return String(Number(value.toPrecision(count)));
}

/** e^x in words for a log time: 12.3, or 10^24.1 where it is large. */
export function fromLog(log: number): string {
  return Math.abs(log) < 9 ? digits(Math.exp(log)) : `10^${digits(log / Math.LN10)}`;
}

export interface Table {
  columns: string[];
  rows: (string | number)[][];
}

/** A table of a figure's numbers, for those who cannot see the figure or want to copy them. */
export function tableElement({ columns, rows }: Table, caption: string): HTMLTableElement {
  const cell = (value: string | number) => element("td", {}, typeof value === "number" ? digits(value, 6) : value);
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
  );
}
