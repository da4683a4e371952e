import { z } from "zod";
import { coverTypes, readCover } from "../../content/covers.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { sha256 } from "../fields.ts";
import { RequestProblem } from "../problems.ts";
import { immutable } from "./immutable.ts";

/** The endpoint of covers from imported files. */
export function coverEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    endpoint({
      method: "get",
      path: "/v1/covers/{sha256}",
      access: "open",
      summary: "A cover image by its hash",
      description: "It never changes and may be cached for ever.",
      params: z.strictObject({ sha256 }),
      response: z.instanceof(Buffer),
      contentTypes: coverTypes,
      answerHeaders: ["ETag"],
      problems: ["not_found"],
      async handle({ params }) {
        const cover = await readCover(pool, params.sha256);
        if (cover === undefined) throw new RequestProblem("not_found", "There is no such cover.");
        // Mini-programs display them from another origin.
        const headers = { ...immutable(params.sha256), "Cross-Origin-Resource-Policy": "cross-origin" };
        return { headers, contentType: cover.contentType, body: Buffer.from(cover.bytes) };
      },
    }),
  ];
}
