import { z } from "zod";
import type { ReaderEvents } from "../../commands/account/readerEvents.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ReadModelName } from "../../projections/registry.ts";
import type { ReaderTable } from "../../queries/account/readerRows.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { createResponseSlots, releaseWhenClosed } from "../responseSlots.ts";
import { exportHead } from "./exportHead.ts";
import { exportText } from "./exportText.ts";

export type ExportDependencies = {
  readonly pool: Pool;
  /** All streams of a reader. Reads of them end when `gone` is aborted. */
  readonly readerEvents: (readerId: string, gone: AbortSignal) => readonly ReaderEvents[];
  /** All tables of read models with rows that belong to readers. */
  readonly readerTables: readonly ReaderTable[];
};

const rows = z.array(z.record(z.string(), z.unknown()));

const exported = z
  .strictObject({
    reader: z.record(z.string(), z.unknown()).meta({
      description:
        "Account, profile, logins (also ended ones), uploads, replays, the pseudonym, and the copies of events that contain the reader.",
    }),
    streams: z.record(z.string(), rows).meta({ description: "The events of each stream, as stored and in order." }),
    readModels: z
      .record(z.string(), z.record(z.string(), rows))
      .meta({ description: "The reader's rows, by read model and table." }),
  })
  .meta({ id: "ReaderExport", description: "All data stored about a reader; positions and revisions are text." });

/** Lets a reader export all data stored about the reader. */
export function exportEndpoint({ pool, readerEvents, readerTables }: ExportDependencies): Endpoint {
  const slots = createResponseSlots(
    1,
    Number.POSITIVE_INFINITY,
    "An export of this reader is under way; wait until it has ended.",
  );
  return endpoint({
    method: "get",
    path: "/v1/me/export",
    access: "reader",
    summary: "All data stored about the reader, as JSON",
    description: "Streamed, of any size; an interrupted response is not valid JSON.",
    response: exported,
    problems: ["read_model_not_live"],
    async handle({ readerId, incoming }) {
      const models = new Set(readerTables.map(({ readModel }) => readModel as ReadModelName));
      if (!(await incoming.areLive([...models])))
        throw new RequestProblem("read_model_not_live", "A read model is being built. Repeat it later.");
      const release = slots.take(readerId);
      try {
        const head = await exportHead(pool, readerId, incoming.loginId);
        const headers = {
          "Cache-Control": "no-store",
          "Content-Disposition": 'attachment; filename="heima-literature.json"',
        };
        const stream = (gone: AbortSignal) => {
          releaseWhenClosed(gone, release);
          return exportText(head, readerEvents(readerId, gone), readerTables, { pool, readerId });
        };
        return { headers, stream };
      } catch (error) {
        release();
        throw error;
      }
    },
  });
}
