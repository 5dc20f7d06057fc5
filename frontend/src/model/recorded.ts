import { PageModel } from "./contract";

/** One question with the answers it had: arrays as base64 of float32. */
export interface Recording {
  ask: string;
  with: Record<string, unknown>;
  answers: { document: any; arrays: { name: string; shape: number[]; values: string }[] }[];
}

const MISSING = "this file holds recorded answers only, and not this one: start `fathometer app` for it";

/** A model whose questions are answered from what was recorded when the file was exported. */
export class RecordedModel extends PageModel {
  private answers = new Map<string, Recording["answers"]>();

  constructor(recordings: Recording[]) {
    super();
    for (const recording of recordings) this.answers.set(key(recording.ask, recording.with), recording.answers);
  }

  send(content: any): void {
    if (!content.ask) return;
    const found = this.answers.get(key(content.ask, content.with));
    setTimeout(() => {
      for (const { document, arrays } of found ?? []) {
        const named = arrays.map(({ name, shape }) => ({ name, shape }));
        this.tell("msg:custom", { id: content.id, kind: "answer", document, arrays: named }, arrays.map(({ values }) => bytes(values)));
      }
      this.tell("msg:custom", found ? { id: content.id, kind: "end" } : { id: content.id, kind: "refused", message: MISSING });
    });
  }
}

/** Two questions are the same when their parameters are, whatever their order. */
export function key(name: string, parameters: Record<string, unknown>): string {
  const sorted = Object.keys(parameters).sort();
  return `${name} ${JSON.stringify(sorted.map((parameter) => [parameter, parameters[parameter]]))}`;
}

function bytes(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}
