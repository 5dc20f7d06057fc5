import { LineChart, type Series } from "../drawing/chart";
import { element, type Table } from "../ui/elements";
import { percent, WHO, type Clouds, type Who } from "./cloud";

const FLOOR = 1e-2; // density below which a bin is drawn at the bottom of the logarithmic axis
const LABELS: Record<Who, string> = { model: "network", flow: "fitted flow", control: "control" };
const ROLES: Record<Who, Series["role"]> = { model: "measured", flow: "predicted", control: "context" };
const MANY = 48; // a layer beyond which the axis of the layers is logarithmic

/** Histograms of the cosines at one layer, and their mean along all layers. */
export class Figure {
  private plain: LineChart;
  private centred: LineChart;
  private mean: LineChart;
  private share: LineChart;
  private clouds: Clouds | undefined;
  private logarithmic = false;
  private frame = 0;
  private places: Record<"mean" | "share", HTMLElement> = { mean: element("div"), share: element("div") };

  constructor(
    stage: HTMLElement,
    private choose: (at: number) => void,
  ) {
    const [plain, centred] = [element("div"), element("div")];
    const panel = (title: string, place: HTMLElement) => stage.append(element("section", { class: "panel" }, element("h3", {}, title), place));
    panel("Cosines between tokens at this layer", plain);
    panel("The same, seen from the mean token", centred);
    panel("Mean cosine by layer", this.places.mean);
    panel("Share of each block that one step of the model explains", this.places.share);
    this.plain = histogram(plain, "cosine of a pair of tokens");
    this.centred = histogram(centred, "cosine of a pair, from the mean token");
    this.mean = this.along("mean", "mean cosine");
    this.share = this.along("share", "share explained, %");
  }

  show(clouds: Clouds, at: number, hidden: boolean): void {
    const logarithmic = clouds.layers.at(-1)! > MANY;
    if (logarithmic !== this.logarithmic) this.remake(logarithmic);
    this.clouds = clouds;
    this.plain.show({ x: clouds.bins, series: densities(clouds, at, false, hidden) });
    this.centred.show({ x: clouds.bins, series: densities(clouds, at, true, hidden) });
    const x = this.x(clouds);
    this.mean.show({ x, series: means(clouds, hidden) });
    this.share.show({ x, series: shares(clouds, hidden) });
    this.mark(x[at]);
  }

  table(): Table {
    if (!this.clouds) return { columns: ["layer"], rows: [] };
    return tableOf(this.clouds);
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    for (const chart of [this.plain, this.centred, this.mean, this.share]) chart.end();
  }

  /** Marks the layer once the charts have settled their scales. */
  private mark(x: number): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => [this.mean, this.share].forEach((chart) => chart.cursor(x)));
  }

  private x(clouds: Clouds): number[] {
    return this.logarithmic ? clouds.layers.map((layer) => 1 + layer) : clouds.layers;
  }

  private along(name: "mean" | "share", yLabel: string): LineChart {
    const click = (x: number) => this.clouds && this.choose(nearest(this.x(this.clouds), x));
    return new LineChart(this.places[name], { xLabel: this.logarithmic ? "1 + layer" : "layer", yLabel, xLog: this.logarithmic, height: 260, click });
  }

  private remake(logarithmic: boolean): void {
    this.logarithmic = logarithmic;
    this.mean.end();
    this.share.end();
    this.mean = this.along("mean", "mean cosine");
    this.share = this.along("share", "share explained, %");
  }
}

function histogram(place: HTMLElement, xLabel: string): LineChart {
  return new LineChart(place, { xLabel, yLabel: "density", yLog: true, height: 260 });
}

function densities(clouds: Clouds, at: number, centred: boolean, hidden: boolean): Series[] {
  return WHO.filter((who) => clouds.has(who)).map((who) => {
    const density = hidden && who === "model" ? undefined : clouds.density(who, at, centred);
    return { label: LABELS[who], role: ROLES[who], values: clouds.bins.map((_, k) => (density ? drawn(density, k) : null)) };
  });
}

/** A density on a logarithmic axis: an empty bin is at its bottom beside one that is not empty, and else not drawn. */
function drawn(density: number[], k: number): number | null {
  const near = density[k] > 0 || density[k - 1] > 0 || density[k + 1] > 0;
  return near ? Math.max(density[k], FLOOR) : null;
}

function means(clouds: Clouds, hidden: boolean): Series[] {
  return WHO.filter((who) => clouds.has(who)).map((who) => {
    const values = hidden && who === "model" ? [] : clouds.numbers(who, "mean");
    return { label: LABELS[who], role: ROLES[who], marks: who === "model", values: clouds.layers.map((_, k) => values[k] ?? null) };
  });
}

function shares(clouds: Clouds, hidden: boolean): Series[] {
  const of = (who: "explained" | "control_explained") => clouds.layers.map((_, k) => share(clouds, k, who) ?? null);
  const series: Series[] = [{ label: LABELS.model, role: "measured", marks: true, values: hidden ? clouds.layers.map(() => null) : of("explained") }];
  if (clouds.has("control")) series.push({ label: LABELS.control, role: "context", values: of("control_explained") });
  return series;
}

function share(clouds: Clouds, at: number, who: "explained" | "control_explained"): number | undefined {
  const found = clouds.explained(at, who);
  return found && Number.isFinite(found.value) ? 100 * found.value : undefined;
}

/** One row a layer. */
function tableOf(clouds: Clouds): Table {
  const present = WHO.filter((who) => clouds.has(who));
  const columns = ["layer", ...present.map((who) => `mean cosine, ${LABELS[who]}`), "above 0.99", "effective rank", "explained by one step", "explained, control"];
  const cell = (values: number[], k: number) => values[k] ?? "";
  const rows = clouds.layers.map((layer, k) => [
    layer,
    ...present.map((who) => cell(clouds.numbers(who, "mean"), k)),
    cell(clouds.numbers("model", "close"), k),
    cell(clouds.numbers("model", "rank"), k),
    percent(clouds.explained(k, "explained")),
    percent(clouds.explained(k, "control_explained")),
  ]);
  return { columns, rows };
}

export function nearest(values: number[], x: number): number {
  return values.reduce((best, value, k) => (Math.abs(value - x) < Math.abs(values[best] - x) ? k : best), 0);
}
