import uPlot from "uplot";
import { digits, type Table } from "../ui/elements";

/** A predicted curve is a dashed line, a measured one a solid line, with marks where they are few. */
export interface Series {
  label: string;
  role: "predicted" | "measured" | "context";
  values: (number | null)[];
  marks?: boolean;
}

export interface ChartData {
  x: number[];
  series: Series[];
}

interface Options {
  xLabel: string;
  yLabel: string;
  xLog?: boolean;
  yLog?: boolean;
  height?: number;
  /** Called with the place (in units of x) that is under the pointer, or that was clicked. */
  hover?: (x: number | undefined) => void;
  click?: (x: number) => void;
}

/** Places of ticks on a logarithmic axis: powers of ten, few of them, with 2 and 5 between where the axis is short. */
export function decades(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const stride = Math.ceil((last - first) / 8) || 1;
  const powers = Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, k) => first + stride * k);
  const parts = last - first < 3 ? [1, 2, 5] : [1];
  return powers.flatMap((power) => parts.map((part) => Number(`${part}e${power}`))).filter((at) => at >= low && at <= high);
}

const BORDERS = { predicted: "dashed", measured: "solid", context: "dotted" };
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

/** A chart of a few series over one axis that follows the width of its place and the colours of the page. */
export class LineChart {
  private plot: uPlot | undefined;
  private data: ChartData = { x: [], series: [] };
  private observer: ResizeObserver;
  private names = "";

  constructor(
    private place: HTMLElement,
    private options: Options,
  ) {
    place.classList.add("chart");
    this.observer = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.observer.observe(place);
  }

  show(data: ChartData): void {
    this.data = data;
    const names = data.series.map(({ label, role }) => `${label}/${role}`).join("|") + `|${this.letters()}`;
    const columns = [data.x, ...data.series.map(({ values }) => values)] as uPlot.AlignedData;
    if (this.plot && names === this.names) this.plot.setData(columns);
    else this.make(columns);
    this.names = names;
  }

  /** Mark one place on the axis. */
  cursor(x: number): void {
    this.plot?.setCursor({ left: this.plot.valToPos(x, "x"), top: 10 }, false);
  }

  table(): Table {
    const { x, series } = this.data;
    return {
      columns: [this.options.xLabel, ...series.map(({ label }) => label)],
      rows: x.map((at, k) => [at, ...series.map(({ values }) => values[k] ?? "")]),
    };
  }

  end(): void {
    this.observer.disconnect();
    this.plot?.destroy();
  }

  /** Size of the letters on the axes, in pixels: larger in projector mode. */
  private letters(): number {
    return Math.round(0.8 * parseFloat(getComputedStyle(this.place).fontSize));
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(240, this.place.clientWidth), height: this.options.height ?? 260 };
  }

  private make(columns: uPlot.AlignedData): void {
    this.plot?.destroy();
    const style = getComputedStyle(this.place);
    const ink = style.getPropertyValue("--ink").trim() || "#111";
    const grid = { stroke: style.getPropertyValue("--rule").trim() || "#ddd", width: 1 };
    const colour = { predicted: style.getPropertyValue("--predicted").trim() || "#b3541e", measured: style.getPropertyValue("--measured").trim() || "#1b5e8a", context: ink };
    // uPlot's own ticks of a logarithmic axis do not end below about 1e-16
    const ticks = { splits: (_: uPlot, __: number, low: number, high: number) => decades(low, high), filter: (_: uPlot, at: number[]) => at };
    const axis = (label: string, log = false) => ({ ...(log ? ticks : {}), label, stroke: ink, grid, ticks: grid, font: `${this.letters()}px system-ui`, labelFont: `${this.letters() + 1}px system-ui`, values: (_: uPlot, at: (number | null)[]) => at.map((value) => (value == null ? "" : digits(value))) });
    const count: Record<string, number> = {};
    this.plot = new uPlot(
      {
        ...this.size(),
        legend: { live: false, markers: { dash: (_, k) => (k > 0 ? BORDERS[this.data.series[k - 1].role] : "solid") } },
        cursor: { drag: { x: false, y: false }, points: { fill: (_, k) => colour[this.data.series[k - 1].role] } },
        scales: { x: { time: false, distr: this.options.xLog ? 3 : 1 }, y: { distr: this.options.yLog ? 3 : 1 } },
        axes: [axis(this.options.xLabel, this.options.xLog), { ...axis(this.options.yLabel, this.options.yLog), size: 5.4 * this.letters() }],
        series: [
          {},
          ...this.data.series.map(({ label, role, marks }) => {
            const nth = (count[role] = (count[role] ?? -1) + 1);
            const dash = role === "predicted" ? DASHES[1 + (nth % 3)] : DASHES[role === "context" ? 2 : nth % 4 === 0 ? 0 : nth % 4];
            return { label, stroke: colour[role], width: 2, dash, points: { show: marks ?? false, size: 6, stroke: colour[role], fill: "#fff" } };
          }),
        ],
        hooks: { setCursor: [(plot) => this.options.hover?.(plot.cursor.left! < 0 ? undefined : plot.posToVal(plot.cursor.left!, "x"))] },
      },
      columns,
      this.place,
    );
    this.plot.over.addEventListener("click", () => this.options.click?.(this.plot!.posToVal(this.plot!.cursor.left!, "x")));
  }
}
