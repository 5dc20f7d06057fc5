import { LineChart, type Series } from "../drawing/chart";
import type { Model } from "../model/contract";
import type { Answer, Upload } from "../model/questions";
import { Asking } from "../model/questions";
import { Newest } from "../proofs/newest";
import { fileInput } from "../ui/drop";
import { digits, element, type Table } from "../ui/elements";
import type { View } from "../ui/view";
import { Bars, type Bar } from "./bars";
import { diceList, type Throw } from "./dice";
import { savedBars, savedTable, savedWords, type Saved } from "./file";
import { worth, type Row } from "./rows";

export const NUMBERS = ["delta", "m", "risk", "kl", "norm", "margin", "dim", "candidates"];
const DRAWN = ["test_binomial", "maurer_seeger", "rademacher_linear"];
const THROWS = 20;
const LARGEST = 16e6;

/** What happens in the view Certificates: rows follow the controls, dice are thrown, a file is read. */
export class Room {
  private rows: Row[] = [];
  private curves: Record<string, number[]> = {};
  private thrown: Throw | undefined;
  private needed: number | null | undefined;
  private bars: Bars;
  private saved: Bars;
  private chart: LineChart;
  private evaluating: Newest;
  private drawing: Newest;
  private counting: Newest;
  private throwing: Asking;
  private reading: Asking;
  private seed = 0;
  private summary = element("p", { class: "status" });
  private dicePlace = element("div", {}, element("p", { class: "unit" }, "Every die is a fresh sample of m rows, on which every candidate errs with the probability that the slider of the empirical risk says. A cross: the certificate lies below that risk."));
  private filePlace = element("div", {}, element("p", { class: "unit" }, "Drop a C.json here that ", element("code", {}, "fathometer certify --save C.json"), " wrote."));

  constructor(
    model: Model,
    private view: View,
  ) {
    [this.evaluating, this.drawing, this.counting] = [new Newest(model), new Newest(model), new Newest(model)];
    [this.throwing, this.reading] = [new Asking(model), new Asking(model)];
    this.bars = new Bars("bounds", (majority) => view.set("majority", majority), (bound) => view.set("bound", bound));
    this.saved = new Bars("rows of the file");
    const place = element("div", {});
    const bars = element("div", { class: "panel" }, element("h3", {}, "Each bound, taken apart"), legend(), this.bars.root, this.summary);
    const against = element("div", { class: "panel measurement" }, element("h3", {}, "Against the number of rows"), place);
    const dice = element("div", { class: "panel" }, element("h3", {}, "Coverage dice"), this.dicePlace);
    view.stage.replaceChildren(element("div", { class: "pile" }, bars, this.filePanel()), element("div", { class: "pile" }, against, dice));
    this.chart = new LineChart(place, { xLabel: "m (rows that certify)", yLabel: "upper bound on the risk", xLog: true, height: 320 });
  }

  begin(): void {
    this.view.say("the bounds are coming …");
    this.evaluate();
    this.draw();
    this.count();
  }

  changed(name: string): void {
    if (NUMBERS.includes(name) || name === "cheat") this.evaluate();
    if (NUMBERS.includes(name)) this.draw();
    if (NUMBERS.includes(name) || name === "majority") this.count();
    if (["majority", "bound"].includes(name)) this.show();
    if (["delta", "m", "risk", "candidates"].includes(name)) this.forget();
    if (name === "cheat") this.showDice();
  }

  async throwDice(): Promise<void> {
    const parameters = { ...this.numbers(["delta", "m", "risk", "candidates"]), throws: THROWS, seed: this.seed };
    if (this.numbers(["candidates"]).candidates < 2) this.view.say("with one candidate there is nothing to choose: the cheat is honest");
    try {
      const answer = await this.throwing.ask("certificates.dice", parameters, ({ document }) => this.land(document as Throw));
      if (answer) this.seed += THROWS;
    } catch (error) {
      this.view.refuse((error as Error).message);
    }
  }

  /** Rows from which on the Maurer-Seeger bound is below the majority line. */
  get answer(): number | undefined {
    return this.needed ?? undefined;
  }

  table(): Table {
    const majority = this.view.number("majority");
    return {
      columns: ["bound", "upper bound", "empirical risk", "confidence term", "complexity term", "pays for", "worth"],
      rows: [
        ...this.rows.map((row) => [row.bound, row.value ?? "diverges", row.empirical, row.confidence, row.complexity, row.pays, `${worth(row, majority).status}: ${worth(row, majority).why}`]),
        ...(this.thrown?.arms ?? []).map((arm) => [`dice, ${arm.arm}`, arm.median, "", "", "", arm.setting, `${arm.status}: ${arm.said}`]),
      ],
    };
  }

  end(): void {
    for (const ending of [this.evaluating, this.drawing, this.counting, this.bars, this.saved, this.chart]) ending.end();
    this.throwing.cancel();
    this.reading.cancel();
  }

  private numbers(names = NUMBERS): Record<string, number> {
    return Object.fromEntries(names.map((name) => [name, this.view.number(name)]));
  }

  private refuse = (message: string): void => this.view.refuse(message);

  private evaluate(): void {
    const cheat = Boolean(this.view.value("cheat"));
    this.evaluating.ask(
      "certificates.evaluate",
      { ...this.numbers(), cheat },
      ({ document }) => {
        this.rows = document.rows;
        this.view.say(cheat ? "the rows look better, and say nothing: what must be fixed in advance has seen them; throw the dice" : "values are rounded up; every one may fail with probability delta");
        this.show();
      },
      this.refuse,
    );
  }

  private draw(): void {
    this.drawing.ask(
      "certificates.curve",
      this.numbers(),
      ({ arrays }: Answer) => {
        this.curves = Object.fromEntries(Object.entries(arrays).map(([name, { values }]) => [name, [...values]]));
        this.showChart();
      },
      this.refuse,
    );
  }

  private count(): void {
    this.counting.ask("certificates.needed", { ...this.numbers(), majority: this.view.number("majority") }, ({ document }) => (this.needed = document.rows), this.refuse);
  }

  private show(): void {
    const majority = this.view.number("majority");
    this.bars.show(this.rows.map((row) => this.bar(row, majority)), majority);
    const useful = this.rows.filter((row) => worth(row, majority).status === "useful");
    const best = useful.reduce<Row | undefined>((least, row) => (least && least.value! <= row.value! ? least : row), undefined);
    this.summary.textContent = best ? `tightest: ${best.bound}, at most ${digits(best.value!)} (${best.certifies}); ${useful.length} of ${this.rows.length} rows say something` : "no row says anything of use";
    this.showChart();
    this.view.refresh();
  }

  private bar(row: Row, majority: number): Bar {
    const { status, why } = worth(row, majority);
    const lamp = status === "useful" ? "" : `${status}: ${why}`;
    const parts: Bar["parts"] = [
      { kind: "empirical", size: row.empirical },
      { kind: "confidence", size: row.confidence },
      { kind: "complexity", size: row.complexity },
    ];
    return { name: row.bound, note: lamp || row.certifies, parts, value: row.value, status };
  }

  /** Dashed: the bounds. Marks: the bound at this m, and what the dice measured there. */
  private showChart(): void {
    if (!this.curves.m || !this.rows.length) return;
    const here = this.view.number("m");
    const x = [...new Set([...this.curves.m, here])].sort((a, b) => a - b);
    const value = (bound: string, m: number) => (m === here ? (this.rows.find((row) => row.bound === bound)?.value ?? null) : (this.curves[bound][this.curves.m.indexOf(m)] ?? null));
    const honest = (bound: string, m: number) => (this.view.value("cheat") && m === here ? this.between(bound, m) : value(bound, m));
    const chosen = String(this.view.value("bound") ?? DRAWN[0]);
    const names = [chosen, ...DRAWN.filter((name) => name !== chosen)].filter((name) => this.curves[name]).slice(0, 3);
    const at = (number: number | null | undefined) => x.map((m) => (m === here ? (number ?? null) : null));
    const dice = this.thrown?.arms ?? [];
    const series: Series[] = [
      ...names.map((name): Series => ({ label: name, role: "predicted", values: x.map((m) => honest(name, m)) })),
      { label: `${chosen} at this m`, role: "context", values: at(value(chosen, here)), marks: true },
      { label: "majority line", role: "context", values: x.map(() => this.view.number("majority")) },
      ...dice.filter(({ arm }) => arm !== "paid").map(({ arm, median }): Series => ({ label: `dice, ${arm}: median certificate`, role: "measured", values: at(median), marks: true })),
    ];
    this.chart.show({ x: x.filter((m) => m <= LARGEST), series });
  }

  /** A place on the line through two points of a curve. */
  private between(bound: string, m: number): number {
    const { m: sizes, [bound]: values } = this.curves;
    const k = Math.max(1, sizes.findIndex((size) => size >= m));
    const share = Math.log(m / sizes[k - 1]) / Math.log(sizes[k] / sizes[k - 1]);
    return values[k - 1] + share * (values[k] - values[k - 1]);
  }

  private land(thrown: Throw): void {
    this.thrown = thrown;
    const cheat = thrown.arms.find(({ arm }) => arm === "cheat")!;
    this.view.say(`${thrown.samples} samples: the cheat fails ${digits(100 * cheat.share, 3)} % of the time, where ${digits(100 * thrown.delta, 3)} % are allowed`);
    this.showDice();
    this.showChart();
    this.view.refresh();
  }

  private showDice(): void {
    if (this.thrown) this.dicePlace.replaceChildren(diceList(this.thrown, Boolean(this.view.value("cheat"))));
  }

  /** Dice of other numbers are no longer about these. */
  private forget(): void {
    this.throwing.cancel();
    if (!this.thrown) return;
    this.thrown = undefined;
    this.dicePlace.replaceChildren(element("p", { class: "unit" }, "the numbers have changed: throw again"));
    this.showChart();
  }

  private filePanel(): HTMLElement {
    const panel = element("div", { class: "panel" }, element("h3", {}, "A saved certificate"));
    const input = fileInput(panel, "C.json", [".json"], 32e6, (file) => void this.read(file), this.refuse);
    panel.append(input, this.filePlace);
    return panel;
  }

  private async read(file: Upload): Promise<void> {
    try {
      const answer = await this.reading.ask("certificates.read", {}, undefined, [file]);
      if (answer) this.showSaved(answer.document as Saved, file.name);
    } catch (error) {
      this.view.refuse(`${file.name}: ${(error as Error).message}`);
    }
  }

  private showSaved(saved: Saved, name: string): void {
    this.filePlace.replaceChildren(element("h4", {}, `${name}: ${saved.title}`), savedWords(saved), this.saved.root, element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "rows and terms" }, savedTable(saved)));
    this.saved.show(savedBars(saved), saved.majority ?? undefined);
    this.view.say(`${name} is read: ${saved.rows.length} rows`);
  }
}

function legend(): HTMLElement {
  const entry = (kind: string, text: string) => element("span", {}, element("i", { class: `swatch ${kind}` }), text);
  return element(
    "p",
    { class: "legend" },
    entry("empirical", "empirical risk"),
    entry("confidence", "confidence term: the bound with nothing paid for complexity (KL, distance 0, one candidate), minus the empirical risk"),
    entry("complexity", "complexity term: the rest of the bound"),
  );
}
