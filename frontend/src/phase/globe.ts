import { element } from "../ui/elements";

/** A small sphere with tokens on it, drawn on a canvas; points nearer to the reader are larger and darker. */
export class Globe {
  private canvas = element("canvas", { role: "img", "aria-label": "the tokens of one system" });
  private points: Float32Array = new Float32Array(0);
  private turn = 0.5;
  /** Tokens of a circle are seen from above. */
  private flat = false;
  private observer: ResizeObserver;

  constructor(private place: HTMLElement) {
    place.append(this.canvas);
    this.canvas.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      this.turn += event.movementX / 80;
      this.paint();
    });
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(place);
  }

  /** Three coordinates for each token. */
  show(points: Float32Array): void {
    this.points = points;
    this.flat = points.every((value, k) => k % 3 < 2 || value === 0);
    this.paint();
  }

  end(): void {
    this.observer.disconnect();
  }

  private paint(): void {
    const ratio = window.devicePixelRatio || 1;
    const size = Math.max(160, Math.min(280, this.place.clientWidth));
    this.canvas.width = this.canvas.height = Math.round(size * ratio);
    this.canvas.style.width = this.canvas.style.height = `${size}px`;
    const pen = this.canvas.getContext("2d")!;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const radius = size / 2 - 10;
    const style = getComputedStyle(this.place);
    pen.strokeStyle = style.getPropertyValue("--quiet").trim() || "#555";
    for (const tilt of this.flat ? [1] : [1, 0.3]) {
      pen.beginPath();
      pen.ellipse(size / 2, size / 2, radius, tilt * radius, 0, 0, 2 * Math.PI);
      pen.stroke();
    }
    pen.fillStyle = style.getPropertyValue("--measured").trim() || "#1b5e8a";
    for (const [x, y, z] of this.turned().sort((a, b) => a[2] - b[2])) {
      pen.globalAlpha = 0.65 + 0.35 * z;
      pen.beginPath();
      pen.arc(size / 2 + radius * x, size / 2 - radius * y, 4 + 1.8 * z, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  /** Points turned about the upright axis and tilted to the reader, as the second circle is. */
  private turned(): [number, number, number][] {
    const [c, s, lean] = [Math.cos(this.turn), Math.sin(this.turn), 0.3];
    const upright = Math.sqrt(1 - lean * lean);
    return Array.from({ length: this.points.length / 3 }, (_, i) => {
      const [x, y, z] = this.points.subarray(3 * i, 3 * i + 3);
      if (this.flat) return [x, y, 0.5];
      const [right, near] = [c * x + s * y, -s * x + c * y];
      return [right, upright * z - lean * near, upright * near + lean * z];
    });
  }
}
