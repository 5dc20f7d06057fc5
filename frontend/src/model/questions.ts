import type { Model } from "./contract";

/** What comes back: a document, and arrays as float32 in the order of their names. */
export interface Answer {
  document: any;
  arrays: Record<string, { shape: number[]; values: Float32Array }>;
}

export interface Upload {
  name: string;
  bytes: ArrayBuffer;
}

interface Header {
  id: number;
  kind: "answer" | "refused" | "end";
  document?: any;
  arrays?: { name: string; shape: number[] }[];
  message?: string;
}

/** A question that is being answered. `cancel` frees what the other side computes for it. */
export interface Job {
  done: Promise<Answer | undefined>;
  cancel(): void;
}

export class Refused extends Error {}

let last = 0;

/**
 * Asks the other side of the model (server, kernel or the recorded answers of an exported file).
 *
 * @param name one of the questions of `fathometer.app.questions`.
 * @param parameters its parameters; those left out have their defaults.
 * @param each is called with every answer as it comes; the promise has the last one. It rejects with `Refused` and one
 *     line where the parameters are not allowed, and resolves to undefined when the job is cancelled.
 * @param files that go with it.
 */
export function ask(
  model: Model,
  name: string,
  parameters: Record<string, unknown> = {},
  each: (answer: Answer) => void = () => {},
  files: Upload[] = [],
): Job {
  const id = ++last;
  let settle: (answer: Answer | undefined) => void;
  let fail: (reason: Error) => void;
  const done = new Promise<Answer | undefined>((resolve, reject) => ([settle, fail] = [resolve, reject]));
  let latest: Answer | undefined;
  const stop = () => model.off("msg:custom", listen);
  const listen = (header: Header, buffers: (DataView | ArrayBuffer)[] = []) => {
    if (header.id !== id) return;
    if (header.kind === "answer") each((latest = unpack(header, buffers)));
    else {
      stop();
      if (header.kind === "refused") fail(new Refused(header.message));
      else settle(latest);
    }
  };
  model.on("msg:custom", listen);
  const named = files.map(({ name, bytes }) => ({ name, size: bytes.byteLength }));
  model.send({ id, ask: name, with: parameters, files: named }, undefined, files.map(({ bytes }) => bytes));
  const cancel = () => {
    stop();
    model.send({ id, cancel: true });
    settle(undefined);
  };
  return { done, cancel };
}

function unpack(header: Header, buffers: (DataView | ArrayBuffer)[]): Answer {
  const arrays: Answer["arrays"] = {};
  (header.arrays ?? []).forEach(({ name, shape }, k) => {
    const buffer = buffers[k];
    const bytes = buffer instanceof DataView ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) : buffer;
    arrays[name] = { shape, values: new Float32Array(bytes as ArrayBuffer) };
  });
  return { document: header.document, arrays };
}

/** Asks again whenever parameters change, one job at a time: an older one that still runs is cancelled. */
export class Asking {
  private job: Job | undefined;

  constructor(private model: Model) {}

  async ask(name: string, parameters: Record<string, unknown>, each?: (answer: Answer) => void, files?: Upload[]): Promise<Answer | undefined> {
    this.job?.cancel();
    const job = (this.job = ask(this.model, name, parameters, each, files));
    try {
      return await job.done;
    } finally {
      if (this.job === job) this.job = undefined;
    }
  }

  cancel(): void {
    this.job?.cancel();
    this.job = undefined;
  }
}
