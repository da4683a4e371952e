import { z } from "zod";
import { AccountGone } from "../../auth/accountGone.ts";
import { loginsOf } from "../../auth/logins.ts";
import type { ReaderEvents } from "../../commands/account/readerEvents.ts";
import { uploadsOf } from "../../library-import/uploads/uploads.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ReadModelName } from "../../projections/registry.ts";
import type { ReaderTable } from "../../queries/account/readerRows.ts";
import { storedAccount } from "../../queries/account/storedAccount.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { exportText } from "./exportText.ts";
import { shownLogin } from "./logins.ts";

export type ExportDeps = {
  readonly pool: Pool;
  /** All streams of a reader. */
  readonly readerEvents: (readerId: string) => readonly ReaderEvents[];
  /** All tables of read models with rows that belong to readers. */
  readonly readerTables: readonly ReaderTable[];
};

const rows = z.array(z.record(z.string(), z.unknown()));

const exported = z
  .strictObject({
    reader: z.record(z.string(), z.unknown()).meta({ description: "Account, profile, logins and uploads." }),
    streams: z.record(z.string(), rows).meta({ description: "The events of each stream, as stored and in order." }),
    readModels: z
      .record(z.string(), z.record(z.string(), rows))
      .meta({ description: "The reader's rows, by read model and table." }),
  })
  .meta({ id: "ReaderExport", description: "All data stored about a reader; positions and revisions are text." });

/** Lets a reader export all data stored about the reader. */
export function exportEndpoint({ pool, readerEvents, readerTables }: ExportDeps): Endpoint {
  const underWay = new Set<string>();
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
      if (underWay.has(readerId))
        throw new RequestProblem(
          "too_many_requests",
          "An export of this reader is under way; wait until it has ended.",
        );
      const account = await storedAccount(pool, readerId);
      if (account === undefined) throw new AccountGone();
      const [logins, uploads] = await Promise.all([loginsOf(pool, readerId), uploadsOf(pool, readerId)]);
      const shown = logins.map((login) => shownLogin(login, incoming.loginId));
      const head = { exportedAt: new Date().toISOString(), ...account, logins: shown, uploads };
      const text = exportText(head, readerEvents(readerId), readerTables, { pool, readerId });
      const headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="heima-literature.json"',
      };
      return { headers, body: undefined as never, stream: alone(readerId, text) };
    },
  });

  async function* alone(readerId: string, pieces: AsyncIterable<string>): AsyncGenerator<string> {
    underWay.add(readerId);
    try {
      yield* pieces;
    } finally {
      underWay.delete(readerId);
    }
  }
}
