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
import { createStreamLimit, untilGone } from "../streamLimit.ts";
import { type ExportHead, exportText } from "./exportText.ts";
import { shownLogin } from "./logins.ts";

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
    reader: z.record(z.string(), z.unknown()).meta({ description: "Account, profile, logins and uploads." }),
    streams: z.record(z.string(), rows).meta({ description: "The events of each stream, as stored and in order." }),
    readModels: z
      .record(z.string(), z.record(z.string(), rows))
      .meta({ description: "The reader's rows, by read model and table." }),
  })
  .meta({ id: "ReaderExport", description: "All data stored about a reader; positions and revisions are text." });

/** Lets a reader export all data stored about the reader. */
export function exportEndpoint({ pool, readerEvents, readerTables }: ExportDependencies): Endpoint {
  const limit = createStreamLimit(
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
      const giveBack = limit.take(readerId);
      try {
        const head = await headOf(readerId, incoming.loginId);
        const headers = {
          "Cache-Control": "no-store",
          "Content-Disposition": 'attachment; filename="heima-literature.json"',
        };
        const stream = (gone: AbortSignal) => {
          untilGone(gone, giveBack);
          return exportText(head, readerEvents(readerId, gone), readerTables, { pool, readerId });
        };
        return { headers, body: undefined as never, stream };
      } catch (error) {
        giveBack();
        throw error;
      }
    },
  });

  async function headOf(readerId: string, loginId: string | undefined): Promise<ExportHead> {
    const account = await storedAccount(pool, readerId);
    if (account === undefined) throw new AccountGone();
    const [logins, uploads] = await Promise.all([loginsOf(pool, readerId), uploadsOf(pool, readerId)]);
    const shown = logins.map((login) => shownLogin(login, loginId));
    return { exportedAt: new Date().toISOString(), ...account, logins: shown, uploads };
  }
}
