/** What a viewer is given: the part of anywidget's model that it uses, so that one file serves page, notebook and export. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...values: any[]) => void): void;
  off(event: string, callback?: (...values: any[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

export interface Viewer {
  render(context: { model: Model; el: HTMLElement }): void | (() => void);
}

/** Values of the controls of a view: what its address holds. */
export type State = Record<string, string | number | boolean>;

type Listener = (...values: any[]) => void;

/** A model that lives in the page. Those who extend it say where messages go. */
export abstract class PageModel implements Model {
  private values = new Map<string, unknown>();
  private listeners = new Map<string, Set<Listener>>();

  get(name: string): unknown {
    return this.values.get(name);
  }

  set(name: string, value: unknown): void {
    this.values.set(name, value);
    this.tell(`change:${name}`, this, value);
  }

  save_changes(): void {
    this.tell("saved");
  }

  on(event: string, callback: Listener): void {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event)!.add(callback);
  }

  off(event: string, callback?: Listener): void {
    if (callback) this.listeners.get(event)?.delete(callback);
    else this.listeners.delete(event);
  }

  protected tell(event: string, ...values: unknown[]): void {
    for (const callback of [...(this.listeners.get(event) ?? [])]) callback(...values);
  }

  abstract send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}
