import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { manifestOf, type ReplaysDependencies, replayOfAnalyst } from "./ownReplay.ts";

const contentTypes = {
  parquet: "application/vnd.apache.parquet",
  csv: "text/csv",
  ndjson: "application/x-ndjson",
} as const;

/** The endpoint for a file of a replay. */
export function fileEndpoint(deps: ReplaysDependencies): Endpoint {
  return endpoint({
    method: "get",
    path: "/v1/replays/{id}/files/{number}",
    access: "analyst",
    summary: "Download a file of a replay",
    description: "`number` counts the `files` of GET /v1/replays/{id} from 0.",
    params: z.strictObject({
      id: z.uuid(),
      number: z
        .string()
        .regex(/^\d{1,7}$/, "must be the number of a file")
        .transform(Number),
    }),
    response: z.string(),
    contentTypes: Object.values(contentTypes),
    problems: ["replay_not_found", "replay_not_done", "replay_expired", "not_found"],
    async handle({ readerId: analyst, params: { id, number }, incoming }) {
      const replay = await replayOfAnalyst(deps, id, analyst);
      const { files, format } = await manifestOf(deps, replay);
      const file = files[number];
      if (file === undefined) throw new RequestProblem("not_found", `The replay has ${files.length} files.`);
      const handle = await open(join(deps.folder, id, file.file)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? new RequestProblem("replay_expired", "The file was deleted.") : error;
      });
      if (number === 0 && !incoming.isHead) {
        await deps.replays.countDownload(id).catch(async (error: unknown) => {
          await handle.close();
          throw error;
        });
      }
      if (!incoming.isHead) deps.audit({ analyst, replay: id, file: number });
      const name = `${file.day}-${basename(file.file)}`;
      return {
        headers: {
          "Cache-Control": "private, no-store",
          "Content-Length": String(file.bytes),
          "Content-Disposition": `attachment; filename="${name}"`,
        },
        contentType: contentTypes[format],
        stream: (gone) => handle.createReadStream({ signal: gone, autoClose: true }),
      };
    },
  });
}
