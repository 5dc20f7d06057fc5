import { digits, element } from "../ui/elements";

/** One way to make certificates, and how often they failed. */
export interface Arm {
  arm: "honest" | "cheat" | "paid";
  bound: string;
  setting: string;
  last: number;
  failures: number;
  share: number;
  lower: number;
  upper: number;
  status: string;
  said: string;
  median: number;
}

export interface Throw {
  samples: number;
  delta: number;
  risk: number;
  m: number;
  arms: Arm[];
}

const TITLES = { honest: "Honest", cheat: "Cheating", paid: "Paid for" };
const DICE = 100;

/** The samples of the last throw as dice, and the shares of all so far beside delta. */
export function diceList(thrown: Throw, cheat: boolean): HTMLElement {
  return element("div", { class: "dice" }, ...thrown.arms.map((arm) => armRow(arm, thrown, cheat === (arm.arm === "cheat"))));
}

function armRow(arm: Arm, { samples, delta }: Throw, stressed: boolean): HTMLElement {
  const failed = `${arm.failures} of ${samples} certificates lie below the true risk: ${percent(arm.share)} [${percent(arm.lower)}, ${percent(arm.upper)}] beside delta = ${percent(delta)}`;
  return element(
    "div",
    { class: stressed ? "arm stressed" : "arm", "data-arm": arm.arm },
    element("h4", {}, `${TITLES[arm.arm]}: `, element("span", { class: "unit" }, `${arm.setting} (${arm.bound})`)),
    element("div", { class: "faces measurement", "aria-hidden": "true" }, ...faces(arm.last)),
    scale(arm, delta),
    element("p", { class: "measurement" }, element("span", { class: `lamp ${arm.status}` }, arm.status), ` ${failed}`),
  );
}

/** One die a sample: those that fail are crossed. Their order says nothing. */
function faces(failures: number): HTMLElement[] {
  return Array.from({ length: DICE }, (_, k) => element("i", { class: k < failures ? "fails" : "" }, k < failures ? "✕" : ""));
}

/** Delta as a dashed line and the measured interval as a solid one, from 0 to 100 percent. */
function scale(arm: Arm, delta: number): HTMLElement {
  const place = element("div", { class: "share", "aria-hidden": "true" });
  const [line, interval, mark] = ["delta-line", "share-interval measurement", "share-mark measurement"].map((kind) => element("i", { class: kind }));
  line.style.left = `${100 * delta}%`;
  interval.style.left = `${100 * arm.lower}%`;
  interval.style.width = `${100 * (arm.upper - arm.lower)}%`;
  mark.style.left = `${100 * arm.share}%`;
  place.append(line, interval, mark);
  return place;
}

function percent(share: number): string {
  return `${digits(100 * share, 3)} %`;
}
