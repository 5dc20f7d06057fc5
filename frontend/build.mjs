// Builds the page into src/fathometer/app/assets: a shell, one self-contained module for each viewer (notebooks load
// a viewer alone, so that it may import nothing), one bundle for the exported file, and one style sheet.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { build } from "vite";

const out = new URL("../src/fathometer/app/assets/", import.meta.url).pathname;
const viewers = readdirSync(new URL("src/viewers", import.meta.url))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

/** KaTeX names each font in three formats; every browser that has WebGL 2 reads the first. */
const onlyWoff2 = {
  name: "only-woff2",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith(".css") ? code.replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\([^)]*\)/g, "") : undefined,
};

async function bundle(entry, name) {
  await build({
    root: new URL(".", import.meta.url).pathname,
    configFile: false,
    logLevel: "warn",
    plugins: [onlyWoff2],
    worker: { format: "iife" },
    build: {
      outDir: out,
      emptyOutDir: false,
      copyPublicDir: false,
      target: "es2022",
      assetsInlineLimit: 1 << 20,
      reportCompressedSize: false,
      lib: { entry, formats: ["es"], fileName: () => `${name}.js`, cssFileName: name },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await bundle("src/page.ts", "page");
await bundle("src/exported.ts", "exported");
await bundle("src/style.ts", "style");
rmSync(`${out}style.js`);
copyFileSync(new URL("index.html", import.meta.url), `${out}index.html`);
for (const viewer of viewers) await bundle(`src/viewers/${viewer}.ts`, viewer);
console.log(`built ${viewers.length} viewers: ${viewers.join(", ")}`);
