import { LineChart, type ChartData, type Series } from "../drawing/chart";
import type { Table } from "../ui/elements";
import { element } from "../ui/elements";
import { drawn, places, ROUNDING, type History } from "./history";

export interface Levels {
  limit: number;
  limitName: string;
  flattest?: number;
  lower?: number;
}

export interface Shown {
  descent: History;
  flow?: History;
  central?: History;
  levels: Levels;
  certified?: number;
  hidden: boolean;
  /** Whether the sharpness is that of the mean of an iterate and the next, which does not oscillate. */
  centre: boolean;
  /** The edge at each look of a Watch, in place of one level. */
  edges?: (number | null)[];
}

/** Loss beside sharpness: what was measured is solid, what is predicted is dashed. */
export class Figure {
  private loss: LineChart;
  private sharpness: LineChart;
  private sharpnessPlace = element("div");
  private lossTitle = element("h3");
  private log = false;
  private latest: { loss: ChartData; sharpness: ChartData } | undefined;

  constructor(
    stage: HTMLElement,
    private hover: (x: number | undefined) => void,
  ) {
    const lossPlace = element("div");
    stage.append(
      element("section", { class: "panel" }, this.lossTitle, lossPlace),
      element("section", { class: "panel" }, element("h3", {}, "Sharpness: largest eigenvalue of the Hessian"), this.sharpnessPlace),
    );
    this.loss = new LineChart(lossPlace, { xLabel: "step", yLabel: "loss", yLog: true, height: 340, hover });
    this.sharpness = this.sharpnessChart();
  }

  show(shown: Shown, log: boolean): void {
    if (log !== this.log) this.redraw(log);
    const x = places([shown.descent, shown.flow, shown.central].filter((history) => history !== undefined));
    if (!x.length) return;
    this.lossTitle.textContent = shown.edges ? "Loss" : "Loss above its minimum";
    this.latest = { loss: { x, series: lossSeries(shown, x) }, sharpness: { x, series: sharpnessSeries(shown, x, log) } };
    this.loss.show(this.latest.loss);
    this.sharpness.show(this.latest.sharpness);
  }

  table(): Table {
    if (!this.latest) return { columns: ["step"], rows: [] };
    const { loss, sharpness } = this.latest;
    const columns = [...loss.series.map((series) => ({ ...series, label: `loss, ${series.label}` })), ...sharpness.series.map((series) => ({ ...series, label: `sharpness, ${series.label}` }))];
    return { columns: ["step", ...columns.map(({ label }) => label)], rows: loss.x.map((at, k) => [at, ...columns.map(({ values }) => values[k] ?? "")]) };
  }

  end(): void {
    this.loss.end();
    this.sharpness.end();
  }

  private sharpnessChart(): LineChart {
    return new LineChart(this.sharpnessPlace, { xLabel: "step", yLabel: "sharpness", yLog: this.log, height: 340, hover: this.hover });
  }

  private redraw(log: boolean): void {
    this.log = log;
    this.sharpness.end();
    this.sharpness = this.sharpnessChart();
  }
}

function lossSeries({ descent, flow, central, certified, hidden, edges }: Shown, x: number[]): Series[] {
  const measured = hidden ? x.map(() => null) : descent.along(x, "excess_risk", ROUNDING);
  const series: Series[] = [{ label: edges ? "training" : "descent", role: "measured", values: measured }];
  if (central) series.push({ label: "central flow", role: "predicted", values: central.along(x, "excess_risk", ROUNDING) });
  if (flow) series.push({ label: "gradient flow", role: "context", values: flow.along(x, "excess_risk", ROUNDING) });
  if (certified !== undefined && !hidden) series.push({ label: `convergence proved from step ${certified}`, role: "context", marks: true, values: only(x, measured, certified) });
  return series;
}

function sharpnessSeries({ descent, flow, central, levels, hidden, edges, centre }: Shown, x: number[], log: boolean): Series[] {
  const above = log ? 0 : -Infinity;
  const level = (value: number) => x.map(() => drawn(value, above));
  const series: Series[] = [
    { label: edges ? "training" : centre ? "descent, mean of two steps" : "descent", role: "measured", values: hidden ? x.map(() => null) : descent.along(x, centre ? "centre" : "sharpness", above) },
    { label: levels.limitName, role: "predicted", values: edges ?? level(levels.limit) },
  ];
  if (levels.flattest !== undefined) series.push({ label: "flattest minimizer", role: "predicted", values: level(levels.flattest) });
  if (central) series.push({ label: "central flow", role: "predicted", values: central.along(x, "sharpness", above) });
  if (flow) series.push({ label: "gradient flow", role: "context", values: flow.along(x, "sharpness", above) });
  return series;
}

/** The value at the first place from `from` on. */
function only(x: number[], values: (number | null)[], from: number): (number | null)[] {
  const at = x.findIndex((place) => place >= from);
  return values.map((value, k) => (k === at ? value : null));
}
