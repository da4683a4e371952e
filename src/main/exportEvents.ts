import { hostname } from "node:os";
import type { ExportArguments } from "../cli/replay/export.ts";
import { loadConfig } from "../platform/config.ts";
import { createDayPositions } from "../replay/dayPositions.ts";
import { readersAskedFor } from "../replay/export/keptFilters.ts";
import { withLockedFolder } from "../replay/export/lockFolder.ts";
import { type Manifest, readManifest } from "../replay/export/manifest.ts";
import { type ExportOptions, type ExportRequest, runExport } from "../replay/export/runExport.ts";
import { resolveRange } from "../replay/range.ts";
import type { CliParts } from "./cliParts.ts";
import { duckLimits } from "./duckLimits.ts";

/** Copies events according to the command line's options. See `runExport`. */
export async function exportEvents(
  { eventStore, pool, logger }: CliParts,
  asked: ExportArguments,
  operatorName: string,
  options: ExportOptions,
  /** Where the events end up, if not in the folder. */
  keptIn = asked.folder,
): Promise<Manifest> {
  const { PSEUDONYM_KEYS: keys } = loadConfig(["PSEUDONYM_KEYS"]);
  if (keys === undefined) throw new Error("PSEUDONYM_KEYS is not set (.env.example explains it)");
  const since = asked.since === undefined ? undefined : await readManifest(asked.since);
  const identities = asked.identitiesReason !== undefined;
  if (since !== undefined && since.identities !== identities)
    throw new Error(
      `that copy ${since.identities ? "names readers: ask with" : "has pseudonyms: ask without"} --identities`,
    );
  const position = since === undefined ? undefined : BigInt(since.range.upTo);
  const from =
    position === undefined ? asked.from : { text: `${position}`, moment: { kind: "position" as const, position } };
  const range = await resolveRange(eventStore, createDayPositions(pool), { from, to: asked.to }, options);
  const request: ExportRequest = {
    format: asked.format ?? since?.format ?? "parquet",
    identities,
    range,
    filters: {
      types: [...(asked.types ?? since?.filters.types ?? [])],
      books: [...(asked.books ?? since?.filters.books ?? [])],
      readers: [...(asked.readers ?? (since === undefined ? [] : await readersAskedFor(pool, since.filters)))],
    },
    endAsked: asked.to !== undefined,
    folder: asked.folder,
    requestedBy: asked.by ?? operatorName,
    identitiesReason: asked.identitiesReason,
    place: `${hostname()}:${keptIn}`,
  };
  if (identities) logger.warn({ by: request.requestedBy, reason: asked.identitiesReason }, "an export names readers");
  const deps = { eventStore, pool, keys, limits: duckLimits() };
  return withLockedFolder(pool, asked.folder, (lost) =>
    runExport(deps, request, { ...options, signal: AbortSignal.any([options.signal, lost]) }),
  );
}
