import { createHash, type Hash, randomUUID } from "node:crypto";
import { z } from "zod";
import { AccountGone } from "../../auth/accountGone.ts";
import { charactersUpTo, sentText } from "../../domain/bounded.ts";
import { bookId } from "../../domain/ids.ts";
import { channel } from "../../domain/library/events.ts";
import { isOneLine, isVisible } from "../../domain/visibleText.ts";
import { acceptDecision, rejectDecision } from "../../library-import/uploads/decisions.ts";
import { storeBody } from "../../library-import/uploads/uploadBytes.ts";
import { acceptUpload, type UploadState, uploadState } from "../../library-import/uploads/uploads.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idempotencyKey } from "../fields.ts";
import { RequestProblem } from "../problems.ts";
import { privateCaching } from "../queryEndpoint.ts";

/** The maximum size of an upload in bytes. */
const uploadLimit = 32 * 1024 * 1024;

const line = (max: number) =>
  sentText(max)
    .refine(isOneLine, { message: "must be plain text in one line", abort: true })
    .transform((text) => text.normalize("NFC").trim())
    .refine(isVisible, { message: "must not be empty", abort: true })
    .check(charactersUpTo(max));

/** The longest name of a file on Linux and macOS, in bytes: the worker writes the upload under its name. */
const maxNameBytes = 255;

const fileName = z
  .string()
  .regex(/^(?!\.{1,2}$)[^/\\\p{Cc}\p{Cs}]{1,80}$/u, "must be a file's name of at most 80 characters, without a folder")
  .refine((name) => Buffer.byteLength(name) <= maxNameBytes, `must have at most ${maxNameBytes} bytes in UTF-8`);

const query = z.strictObject({
  fileName: fileName.default("upload"),
  bookId: bookId.optional(),
  title: line(200).optional(),
  author: line(100).optional(),
  category: line(50).optional(),
  channel: channel.optional(),
});

const headers = z.object({ "Idempotency-Key": idempotencyKey });

const importedBook = z.strictObject({
  bookId,
  title: z.string(),
  author: z.string(),
  chapters: z.int(),
  words: z.int(),
  textsStored: z.int(),
  events: z.array(z.string()),
  withdrawn: z.boolean(),
  account: z.strictObject({ read: z.int(), kept: z.int(), rule: z.string(), warnings: z.array(z.string()) }).nullable(),
});

const state = z.strictObject({
  id: z.uuid(),
  state: z.enum(["waiting", "running", "needs_decision", "done", "failed", "rejected"]),
  fileName: z.string(),
  stepsDone: z.int(),
  steps: z.int(),
  books: z.int(),
  written: z.int(),
  firstBooks: z.array(importedBook),
  error: z.string().nullable(),
  warnings: z.array(z.string()),
  read: z.int().nullable(),
  kept: z.int().nullable(),
  decideUntil: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});

/** The endpoints of book uploads, for operators. */
export function uploadEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    endpoint({
      method: "post",
      path: "/v1/library/books",
      access: "operator",
      summary: "Upload a book to be imported",
      description:
        "A TXT novel, an EPUB or JSON Lines, at most 32 MiB; the format is detected from the content. `Location` is the URL of its " +
        "progress. The same `Idempotency-Key` with the same upload is accepted once.",
      query,
      headers,
      upload: {
        types: ["text/plain", "application/epub+zip", "application/x-ndjson", "application/octet-stream"],
        limit: uploadLimit,
      },
      body: z.custom<AsyncIterable<Buffer>>(),
      response: state,
      statuses: [202],
      answerHeaders: ["Location"],
      problems: ["idempotency_key_reused"],
      async handle({ readerId, query, headers, body, incoming }) {
        const hash = createHash("sha256").update(JSON.stringify(query)).update("\n");
        const stored = await storeBody(pool, hashing(body, hash));
        if (stored.size === 0) {
          const errors = [{ path: "body", message: "must be the file" }];
          throw new RequestProblem("invalid_request", "body: must be the file", { errors });
        }
        const id = headers["Idempotency-Key"] ?? randomUUID();
        const { fileName, ...options } = query;
        const loggedIn = incoming.loginId !== undefined;
        const requestHash = hash.digest("hex");
        const upload = { id, requestedBy: readerId, loggedIn, requestHash, fileName, options, body: stored };
        const outcome = await acceptUpload(pool, upload);
        if (outcome === "account_gone") throw new AccountGone();
        if (outcome === "id_used") {
          throw new RequestProblem("idempotency_key_reused", "Send another Idempotency-Key with another upload.");
        }
        const accepted = await uploadState(pool, id);
        if (accepted === undefined) throw new Error(`upload ${id} was accepted and is not there`);
        return { status: 202, headers: { Location: `/v1/library/imports/${id}` }, body: shown(accepted) };
      },
    }),

    endpoint({
      method: "get",
      path: "/v1/library/imports/{id}",
      access: "operator",
      summary: "The progress of an upload",
      description:
        "`steps` are those of the book being imported; `written` counts the books for which something was written; `firstBooks` has at most a hundred. " +
        "`kept` of the `read` characters are in the books. For an upload that `needs_decision`, `error` says what would happen; it waits for accept or reject until `decideUntil`.",
      params: z.strictObject({ id: z.uuid() }),
      response: state,
      answerHeaders: ["ETag"],
      problems: ["import_not_found"],
      async handle({ params }) {
        const found = await uploadState(pool, params.id);
        if (found === undefined) throw new RequestProblem("import_not_found", `There is no import ${params.id}.`);
        return { headers: privateCaching, body: shown(found) };
      },
    }),

    decisionEndpoint(pool, "accept", "Accepts an upload that needs a decision", acceptDecision),
    decisionEndpoint(pool, "reject", "Rejects an upload that needs a decision", rejectDecision),
  ];
}

async function* hashing(bytes: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Both return the state of the upload; they are idempotent. */
function decisionEndpoint(
  pool: Pool,
  decision: "accept" | "reject",
  summary: string,
  decide: (pool: Pool, id: string) => Promise<boolean>,
): Endpoint {
  return endpoint({
    method: "post",
    path: `/v1/library/imports/{id}/${decision}`,
    access: "operator",
    summary,
    params: z.strictObject({ id: z.uuid() }),
    response: state,
    problems: ["import_not_found"],
    async handle({ params }) {
      await decide(pool, params.id);
      const found = await uploadState(pool, params.id);
      if (found === undefined) throw new RequestProblem("import_not_found", `There is no import ${params.id}.`);
      return { headers: privateCaching, body: shown(found) };
    },
  });
}

function shown({
  createdAt,
  finishedAt,
  decideUntil,
  firstBooks,
  warnings,
  ...rest
}: UploadState): z.input<typeof state> {
  return {
    ...rest,
    warnings: [...warnings],
    decideUntil: decideUntil?.toISOString() ?? null,
    // Rows of earlier releases have neither account nor `withdrawn`.
    firstBooks: firstBooks.map(({ account = null, withdrawn = false, ...book }) => ({
      ...book,
      withdrawn,
      events: [...book.events],
      account: account && { ...account, warnings: [...account.warnings] },
    })),
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
