import type { Model } from "../model/contract";
import { ask, type Job } from "../model/questions";
import type { Case } from "./cases";

interface Told {
  begun(id: string): void;
  ended(id: string, cases: Case[]): void;
  refused(id: string, message: string): void;
}

/** Runs theorems through their cases, one after the other; what has come is kept. */
export class Tests {
  readonly done = new Map<string, Case[]>();
  running = false;
  private job: Job | undefined;
  private turn = 0;

  constructor(
    private model: Model,
    private told: Told,
  ) {}

  /** Test these; resolves with whether it came to the end, false where `stop` or another run came first. */
  async run(ids: string[], progress: (at: number) => void = () => {}): Promise<boolean> {
    this.stop();
    const mine = ++this.turn;
    this.running = true;
    for (const [k, id] of ids.entries()) {
      if (mine !== this.turn) return false;
      progress(k);
      if (!this.done.has(id)) await this.one(id);
    }
    if (mine !== this.turn) return false;
    this.running = false;
    return true;
  }

  stop(): void {
    this.turn += 1;
    this.running = false;
    this.job?.cancel();
    this.job = undefined;
  }

  private async one(id: string): Promise<void> {
    this.told.begun(id);
    this.job = ask(this.model, "theorems.test", { theorem: id });
    try {
      const answer = await this.job.done;
      if (!answer) return this.told.refused(id, "");
      this.done.set(id, answer.document.cases);
      this.told.ended(id, answer.document.cases);
    } catch (error) {
      this.told.refused(id, (error as Error).message);
    }
  }
}
