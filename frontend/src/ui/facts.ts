import { element } from "./elements";

/** A list of named numbers; those of class "measurement" wait for "predict first". */
export class Facts {
  readonly root = element("dl", { class: "facts" });
  private places = new Map<string, HTMLElement>();

  /** Sets a value by its name; an empty one takes the line away. */
  set(name: string, value: string | Node, kind: "predicted" | "measurement" | "" = ""): void {
    const place = this.places.get(name) ?? this.add(name);
    place.className = kind;
    place.replaceChildren(value);
    place.parentElement!.hidden = value === "";
  }

  /** An empty list in its place. */
  fresh(): Facts {
    const made = new Facts();
    this.root.replaceWith(made.root);
    return made;
  }

  private add(name: string): HTMLElement {
    const place = element("dd", { "data-fact": name });
    this.root.append(element("div", {}, element("dt", {}, name), place));
    this.places.set(name, place);
    return place;
  }
}
