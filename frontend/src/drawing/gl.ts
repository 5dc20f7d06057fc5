/** A program of two shaders; throws what the compiler says. */
export function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const made = gl.createProgram()!;
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, `#version 300 es\nprecision highp float;\n${source}`);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(gl.getShaderInfoLog(shader) ?? "a shader");
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  return made;
}

/** Numbers by row, in a buffer of their own, as inputs of a program: `layout` has names with the numbers each takes. */
export class Rows {
  private buffer: WebGLBuffer;
  private array: WebGLVertexArrayObject;
  private width: number;
  private size = 0;

  constructor(
    private gl: WebGL2RenderingContext,
    code: WebGLProgram,
    layout: [string, number][],
  ) {
    this.buffer = gl.createBuffer()!;
    this.array = gl.createVertexArray()!;
    this.width = layout.reduce((sum, [, count]) => sum + count, 0);
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    let at = 0;
    for (const [name, count] of layout) {
      const place = gl.getAttribLocation(code, name);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, count, gl.FLOAT, false, 4 * this.width, 4 * at);
      at += count;
    }
  }

  fill(values: Float32Array): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    this.size = values.length / this.width;
  }

  draw(mode: number, count = this.size): void {
    this.gl.bindVertexArray(this.array);
    this.gl.drawArrays(mode, 0, Math.min(count, this.size));
  }
}
