import type { Model } from "../model/contract";
import { Asking, Refused, type Answer, type Upload } from "../model/questions";

const BUSY = /^at most \d+ questions/;

/**
 * Asks one question after another: those of an earlier turn are cancelled, and the one at work may take a while to end,
 * so that a server that has too many of them is asked again.
 */
export class Turn {
  private asking: Asking;
  private number = 0;

  constructor(model: Model) {
    this.asking = new Asking(model);
  }

  /** Begins a turn; the function it gives asks, and resolves to false once another turn has begun. */
  begin(): (name: string, parameters: Record<string, unknown>, each: (answer: Answer) => void, file?: Upload) => Promise<boolean> {
    const mine = ++this.number;
    this.asking.cancel();
    return async (name, parameters, each, file) => {
      while (mine === this.number) {
        try {
          await this.asking.ask(name, parameters, (answer) => mine === this.number && each(answer), file ? [file] : []);
          return mine === this.number;
        } catch (error) {
          if (mine !== this.number) return false;
          if (!(error instanceof Refused) || !BUSY.test(error.message)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 300));
        }
      }
      return false;
    };
  }

  end(): void {
    this.number++;
    this.asking.cancel();
  }
}
