const LEAST = 0.12;
const MOST = 3;

/** Moves and zooms a group of an SVG element: by dragging, by the wheel, and where it is told to. */
export class Camera {
  /** Whether the pointer has moved the drawing since it went down: then its release is no click. */
  moved = false;
  private x = 20;
  private y = 40;
  private scale = 1;
  private from: { x: number; y: number } | undefined;
  private wish: (() => void) | undefined;
  private observer: ResizeObserver;

  constructor(
    private svg: SVGSVGElement,
    private content: SVGGElement,
  ) {
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", () => (this.from = undefined));
    svg.addEventListener("pointercancel", () => (this.from = undefined));
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(svg);
    this.apply();
  }

  /** A box wholly in sight. */
  fit(x: number, y: number, width: number, height: number): void {
    const [wide, high] = this.size();
    if (!wide || !high) {
      this.wish = () => this.fit(x, y, width, height);
      return;
    }
    this.scale = Math.min(1.2, Math.max(LEAST, Math.min(wide / width, high / height)));
    this.x = wide / 2 - (x + width / 2) * this.scale;
    this.y = high / 2 - (y + height / 2) * this.scale;
    this.apply();
  }

  /** A box in sight, large enough to be read, without a move if it is so already. */
  reveal(x: number, y: number, width: number, height: number): void {
    const [wide, high] = this.size();
    if (!wide || !high) {
      this.wish = () => this.reveal(x, y, width, height);
      return;
    }
    const [u, v] = [x * this.scale + this.x, y * this.scale + this.y];
    const inside = u > 8 && v > 8 && u + width * this.scale < wide - 8 && v + height * this.scale < high - 8;
    if (inside) return;
    this.x = wide / 2 - (x + width / 2) * this.scale;
    this.y = high / 2 - (y + height / 2) * this.scale;
    this.apply();
  }

  zoom(factor: number, at?: { x: number; y: number }): void {
    const [wide, high] = this.size();
    const { x, y } = at ?? { x: wide / 2, y: high / 2 };
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.apply();
  }

  end(): void {
    this.observer.disconnect();
  }

  private size(): [number, number] {
    return [this.svg.clientWidth, this.svg.clientHeight];
  }

  private resized(): void {
    const wish = this.wish;
    this.wish = undefined;
    wish?.();
  }

  private apply(): void {
    this.content.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    this.svg.classList.toggle("far", this.scale < 0.45);
  }

  private down(event: PointerEvent): void {
    this.from = { x: event.clientX, y: event.clientY };
    this.moved = false;
  }

  private move(event: PointerEvent): void {
    if (!this.from || !event.buttons) return;
    const [dx, dy] = [event.clientX - this.from.x, event.clientY - this.from.y];
    if (!this.moved && Math.hypot(dx, dy) < 4) return;
    if (!this.moved) this.svg.setPointerCapture(event.pointerId);
    this.moved = true;
    this.x += dx;
    this.y += dy;
    this.from = { x: event.clientX, y: event.clientY };
    this.apply();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const box = this.svg.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * 0.0015), { x: event.clientX - box.left, y: event.clientY - box.top });
  }
}
