import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AccountGone } from "../../auth/accountGone.ts";
import { maxReplays, maxReplaysOfAnalyst } from "../../replay/jobs/replays.ts";
import { keptHours } from "../../replay/jobs/replayWork.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { instantText } from "../fields.ts";
import { cursorOf, listOf, pageFieldsBy } from "../pagination.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { manifestIfThere, notFound, type ReplaysDependencies, replayOfAnalyst, replayParams } from "./ownReplay.ts";
import { fileEndpoint } from "./replayFile.ts";
import { progressEndpoint } from "./replayProgress.ts";
import { replayAnswer, replayBody, replayFiles, shownFiles, shownReplay } from "./replaySchema.ts";

const place = z.strictObject({ createdAt: instantText, id: z.uuid() });

/** The endpoints of replays: copies of events that analysts request, follow and download. */
export function replaysEndpoints(deps: ReplaysDependencies): readonly Endpoint[] {
  const { replays, announce, canExport, audit } = deps;
  return [
    endpoint({
      method: "post",
      path: "/v1/replays",
      access: "analyst",
      summary: "Request a copy of events, with pseudonyms for readers",
      description: `A worker makes it; the response's \`Location\` is the URL of its progress. An account may have ${maxReplaysOfAnalyst} unfinished ones, all accounts together ${maxReplays}. Files are kept for ${keptHours} hours.`,
      body: replayBody,
      response: replayAnswer,
      statuses: [202],
      answerHeaders: ["Location"],
      problems: ["exports_not_set_up", "too_many_replays"],
      async handle({ readerId: analyst, body, incoming }) {
        if (!canExport) throw new RequestProblem("exports_not_set_up", "PSEUDONYM_KEYS is not set.");
        const { from = null, to = null, types = [], bookIds = [], format } = body;
        const sorted = (items: readonly string[]) => [...new Set(items)].sort();
        const request = { from, to, types: sorted(types), bookIds: sorted(bookIds), format };
        const id = randomUUID();
        const added = await replays.add(id, { analyst, loggedIn: incoming.loginId !== undefined }, request);
        if (added === "account_gone") throw new AccountGone();
        if (added === undefined)
          throw new RequestProblem(
            "too_many_replays",
            "Wait until one has ended, or cancel one: DELETE /v1/replays/{id}.",
          );
        audit({ analyst, replay: id, request });
        await announce(id).catch(() => undefined);
        return { status: 202, headers: { Location: `/v1/replays/${id}` }, body: shownReplay(added) };
      },
    }),
    queryEndpoint({
      path: "/v1/replays",
      access: "analyst",
      summary: "The analyst's replays, the newest first",
      query: z.strictObject(pageFieldsBy(place)),
      response: listOf(replayAnswer),
      problems: [],
      reads: [],
      async handle({ readerId: analyst, query: { limit, cursor } }) {
        const found = await replays.list(analyst, limit + 1, cursor);
        const last = found[limit - 1];
        const next = found.length > limit && last !== undefined;
        return {
          items: found.slice(0, limit).map(shownReplay),
          nextCursor: next ? cursorOf({ createdAt: last.createdAt.toISOString(), id: last.id }) : null,
        };
      },
    }),
    queryEndpoint({
      path: "/v1/replays/{id}",
      access: "analyst",
      summary: "The progress of a replay, and its files when it is done",
      params: replayParams,
      response: replayAnswer.extend({ files: replayFiles }).meta({ id: "ReplayWithFiles" }),
      problems: ["replay_not_found"],
      reads: [],
      async handle({ readerId: analyst, params }) {
        const replay = await replayOfAnalyst(deps, params.id, analyst);
        const manifest = await manifestIfThere(deps, replay);
        return { ...shownReplay(replay), files: manifest === undefined ? [] : shownFiles(replay.id, manifest) };
      },
    }),
    endpoint({
      method: "delete",
      path: "/v1/replays/{id}",
      access: "analyst",
      summary: "Cancel a replay, or delete the files of a finished one",
      params: replayParams,
      response: replayAnswer,
      problems: ["replay_not_found"],
      async handle({ readerId: analyst, params }) {
        const replay = await replays.cancel(params.id, analyst);
        if (replay === undefined) throw notFound(params.id);
        return { body: shownReplay(replay) };
      },
    }),
    progressEndpoint(deps),
    fileEndpoint(deps),
  ];
}
