import type { State } from "../model/contract";
import { digits, element } from "./elements";

/**
 * What a control sets, how it is labelled and what it allows. `key` is a letter that acts on it from the keyboard; where
 * a logarithmic slider has `zero`, its left end is 0.
 */
export type Control =
  | { kind: "slider"; name: string; label: string; unit?: string; low: number; high: number; step?: number; log?: boolean; zero?: boolean; value: number }
  | { kind: "choice"; name: string; label: string; options: [string, string][]; value: string; key?: string }
  | { kind: "switch"; name: string; label: string; value: boolean; key?: string }
  | { kind: "button"; name: string; label: string; key?: string; press: () => void };

interface Made {
  root: HTMLElement;
  show(value: State[string]): void;
  act?(): void;
}

const STEPS = 1000;

/** The control as an element; `changed` is called with its name and value while it is moved. */
export function makeControl(control: Control, changed: (name: string, value: State[string]) => void): Made {
  switch (control.kind) {
    case "slider":
      return slider(control, changed);
    case "choice":
      return choice(control, changed);
    case "switch":
      return toggle(control, changed);
    case "button":
      return press(control);
  }
}

type Of<Kind extends Control["kind"]> = Extract<Control, { kind: Kind }>;

/** A range beside a field for the exact number: both set the same value, in equal ratios where the scale is logarithmic. */
function slider(control: Of<"slider">, changed: (name: string, value: number) => void): Made {
  const { low, high, log } = control;
  const step = control.step ?? 0;
  const least = control.zero ? 0 : low;
  const place = (value: number) => (log ? (value < low ? 0 : STEPS * (Math.log(value / low) / Math.log(high / low))) : value);
  const value = (at: number) => (log ? (at <= 0 ? least : low * (high / low) ** (at / STEPS)) : at);
  const tidy = (raw: number) => {
    const kept = Math.min(high, Math.max(least, step ? Math.round(raw / step) * step : raw));
    return Number(kept.toPrecision(log && !step ? 4 : 12));
  };
  const range = element("input", {
    type: "range",
    "aria-label": control.label,
    min: log ? 0 : low,
    max: log ? STEPS : high,
    step: log ? 1 : step || (high - low) / STEPS,
  });
  const field = element("input", { type: "number", "aria-label": `${control.label}, exactly`, min: least, max: high, step: step || "any" });
  const show = (given: State[string]) => {
    range.value = String(place(Number(given)));
    range.setAttribute("aria-valuetext", `${digits(Number(given))} ${control.unit ?? ""}`.trim());
    if (document.activeElement !== field) field.value = String(given);
  };
  const set = (raw: number) => {
    if (!Number.isFinite(raw)) return;
    const kept = tidy(raw);
    show(kept);
    changed(control.name, kept);
  };
  range.addEventListener("input", () => set(value(Number(range.value))));
  field.addEventListener("change", () => {
    set(Number(field.value));
    field.value = String(tidy(Number(field.value) || least));
  });
  if (log && step) range.addEventListener("keydown", (event) => nudge(event, range, step, (by) => set(Number(field.value) + by)));
  const unit = control.unit ? element("span", { class: "unit" }, control.unit) : null;
  const root = element("div", { class: "control slider" }, element("span", { class: "label" }, control.label), range, field, unit);
  return { root, show };
}

/** On a logarithmic scale of whole steps an arrow key moves by one step where a place of the range is less than that. */
function nudge(event: KeyboardEvent, range: HTMLInputElement, step: number, move: (by: number) => void): void {
  const sign = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (!sign) return;
  const before = range.value;
  move(sign * step);
  if (Math.abs(Number(range.value) - Number(before)) >= 1) event.preventDefault();
  else range.value = before;
}

function choice(control: Of<"choice">, changed: (name: string, value: string) => void): Made {
  const options = control.options.map(([value, text]) => element("option", { value }, text));
  const select = element("select", {}, ...options);
  select.addEventListener("change", () => changed(control.name, select.value));
  const act = () => {
    select.selectedIndex = (select.selectedIndex + 1) % options.length;
    changed(control.name, select.value);
  };
  return { root: element("label", { class: "control" }, element("span", { class: "label" }, control.label), select), show: (value) => (select.value = String(value)), act };
}

function toggle(control: Of<"switch">, changed: (name: string, value: boolean) => void): Made {
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => changed(control.name, box.checked));
  const act = () => box.click();
  return { root: element("label", { class: "control switch" }, box, control.label), show: (value) => (box.checked = Boolean(value)), act };
}

function press(control: Of<"button">): Made {
  const button = element("button", { type: "button", "data-name": control.name }, control.label);
  button.addEventListener("click", control.press);
  return { root: button, show: () => {}, act: () => button.click() };
}
