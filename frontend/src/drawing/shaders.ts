/** Places come rotated by `turn` and are seen in a slight perspective; `place.z` is 1 in front and -1 behind. */
const SEEN = `
uniform mat3 turn;
uniform float zoom;
vec4 seen(vec3 place) {
  float w = 1.0 - 0.18 * place.z;
  return vec4(zoom * place.xy, 0.0, w);
}`;

/** Shaded balls: one point sprite each, lit from above left, paler the farther behind. */
export const BALLS = {
  vertex: `${SEEN}
in vec3 place; in vec3 colour; in float radius; in float mark;
out vec3 tint; out float depth; out float marked; out float size;
void main() {
  vec3 at = turn * place;
  gl_Position = seen(at);
  depth = at.z;
  size = radius * 2.0 / (1.0 - 0.18 * at.z) + 2.0;
  gl_PointSize = size;
  tint = colour; marked = mark;
}`,
  fragment: `
in vec3 tint; in float depth; in float marked; in float size;
uniform vec3 paper; uniform vec3 ink;
out vec4 result;
void main() {
  vec2 at = 2.0 * gl_PointCoord - 1.0;
  float r = length(at);
  float soft = 2.0 / size;
  float inside = 1.0 - smoothstep(1.0 - 2.0 * soft, 1.0, r);
  if (inside <= 0.0) discard;
  float height = sqrt(max(0.0, 1.0 - r * r));
  float light = 0.55 + 0.5 * max(0.0, dot(vec3(at.x, -at.y, height), normalize(vec3(-0.45, 0.6, 0.75))));
  float gloss = pow(max(0.0, dot(normalize(vec3(at.x, -at.y, height)), normalize(vec3(-0.4, 0.5, 0.9)))), 30.0);
  vec3 shade = tint * light + 0.35 * gloss;
  float rim = 5.0 * soft;
  if (marked == 1.0 && r > 1.0 - max(0.24, rim)) shade = ink;
  if (marked == 2.0 && r > 1.0 - max(0.36, rim)) shade = r > 1.0 - max(0.18, rim / 2.0) ? ink : paper;
  float far = clamp(0.5 - 0.5 * depth, 0.0, 1.0);
  float fade = marked < 0.0 ? 0.75 : 0.62 * far;
  result = vec4(mix(shade, paper, fade), inside);
}`,
};

/** Strips along lines, with soft edges, fainter behind: without multisampling, which costs half the frames. */
export const LINES = {
  vertex: `${SEEN}
in vec3 place; in vec3 other; in float side; in float strength;
uniform float reach;
out float alpha; out float across;
void main() {
  vec3 at = turn * place;
  vec4 here = seen(at);
  vec4 there = seen(turn * other);
  vec2 way = there.xy / there.w - here.xy / here.w;
  vec2 normal = vec2(-way.y, way.x) / max(length(way), 1e-6);
  float turned = abs(side) > 1.5 ? -1.0 : 1.0; // at the second end the way is seen backwards
  across = sign(side);
  gl_Position = vec4(here.xy + turned * across * reach * here.w * normal, 0.0, here.w);
  alpha = strength * mix(0.22, 1.0, smoothstep(-0.5, 0.4, at.z));
}`,
  fragment: `
in float alpha; in float across;
uniform vec3 ink; uniform float soft;
out vec4 result;
void main() { result = vec4(ink, alpha * (1.0 - smoothstep(1.0 - soft, 1.0, abs(across)))); }`,
};

/** The sphere itself: a faint disc with a shaded rim. */
export const DISC = {
  vertex: `${SEEN}
in vec2 corner;
out vec2 at;
void main() { at = 1.08 * corner; gl_Position = vec4(zoom * 1.0165 * at, 0.0, 1.0); }`,
  fragment: `
in vec2 at;
uniform vec3 ink; uniform float strength; uniform float soft;
out vec4 result;
void main() {
  float r = length(at);
  float inside = 1.0 - smoothstep(1.0 - soft, 1.0 + soft, r);
  float rim = smoothstep(1.0 - 3.0 * soft, 1.0 - soft, r);
  float shade = 0.03 + 0.10 * pow(min(r, 1.0), 6.0) + 0.05 * clamp(dot(at, vec2(0.45, -0.6)), 0.0, 1.0);
  result = vec4(ink, inside * mix(shade * strength, 0.55, rim));
}`,
};
