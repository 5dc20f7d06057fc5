import type { Model } from "../model/contract";
import { ask, type Answer, type Job } from "../model/questions";

interface Wish {
  name: string;
  parameters: Record<string, unknown>;
  take: (answer: Answer) => void;
  refuse: (message: string) => void;
}

/**
 * Asks for what was wished last: while a question is being answered, only the newest wish waits. A slider that moves
 * fast neither floods the other side nor sees old answers after new ones.
 */
export class Newest {
  private running: Job | undefined;
  private waiting: Wish | undefined;
  private ended = false;

  constructor(private model: Model) {}

  ask(name: string, parameters: Record<string, unknown>, take: Wish["take"], refuse: Wish["refuse"]): void {
    this.waiting = { name, parameters, take, refuse };
    if (!this.running) void this.go();
  }

  /** Forget what waits, and end what runs. */
  end(): void {
    this.ended = true;
    this.waiting = undefined;
    this.running?.cancel();
  }

  private async go(): Promise<void> {
    while (this.waiting && !this.ended) {
      const { name, parameters, take, refuse } = this.waiting;
      this.waiting = undefined;
      const told = (answer: Answer) => this.ended || take(answer);
      this.running = ask(this.model, name, parameters, told);
      await this.running.done.catch((error: Error) => this.ended || refuse(error.message));
    }
    this.running = undefined;
  }
}
