// Programs of this project, bundled from their current TypeScript; docs/decisions/0045-programs-run-bundled.md has the reason.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nameSourcesInTraces } from "./traces.js";

const project = fileURLToPath(new URL("..", import.meta.url));
const sources = ["src", "embedded"];
/** One folder for each state of the sources, named by its digest. */
const builds = join(project, ".data/built");
/** How long an outdated build is kept: a running process may load parts of it later. */
const keptMs = 24 * 60 * 60 * 1000;

/**
 * The URL of the module that `file` is bundled into, for instance "src/main/api.ts"; undefined when it is none of the programs.
 * Bundles first if the sources have changed: the check takes less than 0.1 s of CPU, bundling about a second. Rejects when they
 * cannot be compiled. Afterwards stack traces name the sources.
 */
export async function builtProgram(file) {
  const program = relative(project, realpathSync(file)).replaceAll(sep, "/");
  if (!programs().includes(program)) return undefined;
  const folder = await build();
  nameSourcesInTraces(folder);
  return pathToFileURL(join(folder, `${flat(program)}.js`)).href;
}

/** Bundles what was not bundled yet as it is now; resolves with the folder of the bundles. */
export async function build() {
  for (;;) {
    const digest = digestOfSources();
    const folder = join(builds, digest);
    if (existsSync(folder)) return folder;
    mkdirSync(builds, { recursive: true });
    const unfinished = join(builds, `${digest}.${process.pid}`);
    try {
      await bundleInto(unfinished);
      // The bundles may contain sources that were edited meanwhile.
      if (digestOfSources() === digest) moveTo(folder, unfinished);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    removeOld(digest);
  }
}

function programs() {
  const own = ["api", "dispatcher", "worker", "cli"].map((name) => `src/main/${name}.ts`);
  const engines = join(project, "embedded");
  const parts = existsSync(engines) ? readdirSync(engines).map((name) => `embedded/${name}/main.ts`) : [];
  return [...own, "src/library-import/process/child.ts", ...parts].filter((file) => existsSync(join(project, file)));
}

/** All bundles lie in one folder, so that each finds the sources in the same way. */
const flat = (program) => program.replaceAll("/", ".").replace(/\.ts$/, "");

/** Of the names and texts of all sources, and of this file: it decides what becomes of them. */
function digestOfSources() {
  const digest = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  for (const folder of sources.map((name) => join(project, name)).filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder, { recursive: true }).sort()) {
      if (name.endsWith(".ts")) digest.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
    }
  }
  return digest.digest("hex").slice(0, 32);
}

async function bundleInto(folder) {
  const { build: bundle } = await import("esbuild");
  await bundle({
    absWorkingDir: project,
    entryPoints: Object.fromEntries(programs().map((file) => [flat(file), file])),
    outdir: folder,
    bundle: true,
    // Code that several programs share is bundled once.
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: true,
    sourcesContent: false,
    // Settings that are not part of the digest must not affect the bundles.
    tsconfigRaw: { compilerOptions: { target: "ES2023", verbatimModuleSyntax: true } },
    logLevel: "silent",
    plugins: [{ name: "url of the source", setup: keepUrls }],
  });
}

/** A module finds files that lie beside its source by import.meta.url, so that stays the URL of the source. */
function keepUrls(bundler) {
  bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    if (/\bimport\.meta\.(dirname|filename)\b/.test(text))
      return { errors: [{ text: `${path}: bundled modules have import.meta.url alone` }] };
    // From .data/built/DIGEST.
    const source = JSON.stringify(`../../../${relative(project, path).replaceAll(sep, "/")}`);
    return { contents: text.replaceAll("import.meta.url", `new URL(${source}, import.meta.url).href`), loader: "ts" };
  });
}

function moveTo(folder, finished) {
  try {
    renameSync(finished, folder);
  } catch (error) {
    // Another process was faster: its bundles are the same.
    if (!existsSync(folder)) throw error;
  }
}

function removeOld(digest) {
  for (const name of readdirSync(builds)) {
    const path = join(builds, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (name !== digest && mtimeMs !== undefined && Date.now() - mtimeMs > keptMs)
      rmSync(path, { recursive: true, force: true });
  }
}
