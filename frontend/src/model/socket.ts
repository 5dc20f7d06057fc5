import { PageModel } from "./contract";

/** A model whose questions the server of the page answers, over one socket that is opened again when it is lost. */
export class SocketModel extends PageModel {
  private socket: WebSocket | undefined;
  private waiting: ArrayBuffer[] = [];

  constructor(private address: string) {
    super();
    this.open();
  }

  send(content: unknown, _callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    const message = frame(content, buffers);
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(message);
    else this.waiting.push(message);
  }

  private open(): void {
    const socket = (this.socket = new WebSocket(this.address));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.tell("connected", true);
      for (const message of this.waiting.splice(0)) socket.send(message);
    };
    socket.onmessage = (event) => this.tell("msg:custom", ...read(event.data));
    socket.onclose = () => {
      this.tell("connected", false);
      setTimeout(() => this.open(), 1000);
    };
  }
}

/** Length of the header as uint32, the header as JSON padded to a multiple of four bytes, then the buffers. */
export function frame(content: unknown, buffers: ArrayBuffer[]): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(content));
  const start = 4 + 4 * Math.ceil(text.length / 4);
  const whole = new Uint8Array(start + buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0));
  new DataView(whole.buffer).setUint32(0, start - 4, true);
  whole.fill(0x20, 4, start);
  whole.set(text, 4);
  let at = start;
  for (const buffer of buffers) {
    whole.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return whole.buffer;
}

/** Header and float32 buffers of a frame that the server sent. */
export function read(message: ArrayBuffer): [any, ArrayBuffer[]] {
  const length = new DataView(message).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  const buffers: ArrayBuffer[] = [];
  let at = 4 + length;
  for (const { shape } of header.arrays ?? []) {
    const bytes = 4 * shape.reduce((product: number, size: number) => product * size, 1);
    buffers.push(message.slice(at, at + bytes));
    at += bytes;
  }
  return [header, buffers];
}
