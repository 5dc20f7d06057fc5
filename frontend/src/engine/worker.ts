import type { Request, Reply } from "./messages";
import { Particles } from "./particles";

/** Milliseconds between frames, and those of work after which the worker looks for messages. */
const BETWEEN = 16;
const SLICE = 12;

let particles: Particles | undefined;
/** Ends what is at work: a run, or a recording. */
let turn = 0;
/** Time of the tokens that was shown last. */
let shown = 0;

self.onmessage = ({ data }: MessageEvent<Request>) => {
  try {
    take(data);
  } catch (error) {
    fail(error);
  }
};

function take(request: Request): void {
  switch (request.kind) {
    case "start":
      turn++;
      particles = new Particles(request);
      return show(0);
    case "set":
      return change((tokens) => tokens.set(request));
    case "move":
      return change((tokens) => tokens.move(request.index, request.point));
    case "run":
      return void run(request.rate, request.growth ?? 0).catch(fail);
    case "pause":
      turn++;
      return;
    case "record":
      return void record(request.id, request.times, request.bare ?? false).catch(fail);
  }
}

function change(how: (tokens: Particles) => void): void {
  if (!particles) return;
  particles.settle(shown);
  how(particles);
  show(particles.time);
}

async function run(rate: number, growth: number): Promise<void> {
  const mine = ++turn;
  const tokens = particles;
  if (!tokens) return;
  let last = performance.now();
  while (mine === turn && tokens === particles) {
    await pause(BETWEEN);
    if (mine !== turn || tokens !== particles) return;
    const now = performance.now();
    const target = later(shown, (now - last) / 1000, rate, growth);
    last = now;
    while (tokens.time < target && performance.now() - now < SLICE) tokens.step(target);
    show(Math.min(target, tokens.time));
  }
}

/** Where time is after some seconds of dt/ds = rate + growth t. */
function later(time: number, seconds: number, rate: number, growth: number): number {
  if (growth === 0) return time + rate * seconds;
  return time + (time + rate / growth) * Math.expm1(growth * seconds);
}

async function record(id: number, times: number[], bare: boolean): Promise<void> {
  const mine = ++turn;
  const tokens = particles;
  if (!tokens) return;
  const size = bare ? 0 : tokens.n * tokens.d;
  const energies = new Float64Array(times.length);
  const cosines = new Float64Array(times.length);
  const points = new Float32Array(size * times.length);
  tokens.settle(shown);
  let began = performance.now();
  for (let k = 0; k < times.length; k++) {
    while (tokens.time < times[k]) {
      tokens.step(times[k]);
      if (performance.now() - began < SLICE) continue;
      await pause(0);
      if (mine !== turn) return;
      began = performance.now();
    }
    const seen = tokens.observe(times[k]);
    [energies[k], cosines[k]] = [seen.energy, seen.cosine];
    if (!bare) points.set(seen.points, k * size);
  }
  shown = times[times.length - 1];
  send({ kind: "recorded", id, times, energies, cosines, points }, [energies.buffer, cosines.buffer, points.buffer]);
}

function show(time: number): void {
  const seen = particles!.observe(time);
  shown = seen.time;
  const points = Float32Array.from(seen.points);
  send({ kind: "frame", time: seen.time, energy: seen.energy, cosine: seen.cosine, steps: particles!.steps, points }, [points.buffer]);
}

function send(reply: Reply, buffers: ArrayBufferLike[] = []): void {
  (self as unknown as Worker).postMessage(reply, buffers as Transferable[]);
}

function fail(error: unknown): void {
  send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}

/** Lets messages in; without a delay at once, which setTimeout does not do. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => (milliseconds ? setTimeout(resolve, milliseconds) : soon(resolve)));
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

function soon(resolve: () => void): void {
  waiting.push(resolve);
  channel.port2.postMessage(0);
}
