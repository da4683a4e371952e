import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * From now on stack traces name the sources of the bundles in `folder`. The source maps are read when the first trace needs them:
 * Node's own `setSourceMapsEnabled` reads those of every package too as it is loaded, a quarter of the CPU time of a start.
 */
export function nameSourcesInTraces(folder) {
  const maps = new Map();
  const mapOf = (bundle) => {
    if (!maps.has(bundle)) maps.set(bundle, existsSync(`${bundle}.map`) ? parsed(`${bundle}.map`) : undefined);
    return maps.get(bundle);
  };
  const inBundle = /file:\/\/[^\s()]+?\.js:\d+:\d+/g;
  const sourceOf = (place) => {
    const [, url, line, column] = /^(.*):(\d+):(\d+)$/.exec(place);
    const bundle = fileURLToPath(url);
    if (dirname(bundle) !== folder) return place;
    const entry = mapOf(bundle)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry?.originalSource === undefined) return place;
    return `${join(folder, entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  };
  Error.prepareStackTrace = (error, frames) =>
    [
      Error.prototype.toString.call(error),
      ...frames.map((frame) => `    at ${String(frame).replace(inBundle, sourceOf)}`),
    ].join("\n");
}

const parsed = (file) => new SourceMap(JSON.parse(readFileSync(file, "utf8")));
