import { ReplyError } from "ioredis";
import { expect, test } from "vitest";
import { TooManyBooks } from "../../src/commands/errors.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import * as errors from "../../src/event-store/errors.ts";
import { problemOf } from "../../src/http/problemOf.ts";
import { recorded } from "../projections/fixtures.ts";

const { AppendTooLarge, EventStoreUnavailable, OutcomeUnknown, StreamDeleted, WrongExpectedRevision } = errors;
const withCode = (code: string, message = "failed") => Object.assign(new Error(message), { code });
const full = new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
const named = (name: string) => Object.assign(new Error("failed"), { name });

test.each([
  ["Postgres is shutting down", withCode("57P01")],
  ["Postgres is starting", withCode("57P03")],
  ["Postgres lost the connection", withCode("08006")],
  ["Postgres has no connection left", withCode("53300")],
  ["Postgres has no room on its disk", withCode("53100")],
  ["Postgres is read-only", withCode("25006")],
  ["Postgres refuses the password", withCode("28P01")],
  ["the database was dropped", withCode("3D000")],
  ["Postgres misses a GRANT", withCode("42501")],
  ["a lock was not had in time", withCode("55P03")],
  ["transactions collided", withCode("40001")],
  ["a view is missing", withCode("42P01")],
  ["nobody listens", withCode("ECONNREFUSED", "")],
  ["a connection was cut", withCode("ECONNRESET")],
  ["a query hangs", new Error("Query read timeout")],
  ["a query was cut off", new Error("Connection terminated unexpectedly")],
  ["the pool gave up", new Error("timeout exceeded when trying to connect")],
  ["Redis was retried in vain", named("MaxRetriesPerRequestError")],
  ["Redis is silent", new Error("Command timed out")],
  ["Redis cannot save", new ReplyError("MISCONF Redis is configured to save RDB snapshots, but ...")],
  ["Redis is loading", new ReplyError("LOADING Redis is loading the dataset in memory")],
  ["a transaction found Redis full", Object.assign(new ReplyError("EXECABORT ..."), { previousErrors: [full] })],
])("when %s, a dependency is unavailable", (_what, error) => {
  expect(problemOf(error).code).toBe("dependency_unavailable");
});

test.each([
  ["a value that Postgres refuses", withCode("22P02")],
  ["a broken constraint", withCode("23505")],
  ["an error in SQL", withCode("42601")],
  ["a programming error", new TypeError("x is not a function")],
  ["something that is no error", "Connection terminated"],
  ["a command that Redis does not know", new ReplyError("ERR unknown command 'SETX'")],
  [
    "a value of another kind in Redis",
    new ReplyError("WRONGTYPE Operation against a key holding the wrong kind of value"),
  ],
  ["an error that only begins like one of Redis", new Error("BUSY with something else")],
  ["a status that is none of ours", Object.assign(new Error("teapot"), { status: 418 })],
])("%s is an internal error", (_what, error) => {
  expect(problemOf(error).code).toBe("internal_error");
});

test.each([
  [new WrongExpectedRevision("shelf-1", 3n), "stream_busy"],
  [new OutcomeUnknown("no answer"), "outcome_unknown"],
  [new EventStoreUnavailable("away"), "dependency_unavailable"],
  [new StreamDeleted("stream shelf-1 is deleted"), "erased"],
  [new AppendTooLarge("the append to shelf-1 is too large"), "command_too_large"],
])("%s of the event store has its problem, which names no stream", (error, code) => {
  const problem = problemOf(error);
  expect(problem.code).toBe(code);
  expect(JSON.stringify(problem)).not.toContain("shelf-1");
});

test("an unreadable stored event has a separate problem, one to be stored is an internal error", () => {
  const event = recorded(1n, "shelf-lin", { type: "BookAddedToShelf", data: { bookId: "not an id" } });
  const thrown = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return problemOf(error).code;
    }
  };
  const codec = createCodec();
  expect(thrown(() => codec.decode(event))).toBe("event_unreadable");
  expect(thrown(() => codec.decode({ ...event, type: "OfNewerRelease" }))).toBe("event_unreadable");
  expect(thrown(() => codec.encode(event as never, event.id, event.metadata))).toBe("internal_error");
});

test("a reader who requested too many books is told when to retry", () => {
  const problem = { code: "too_many_requests", headers: { "Retry-After": "20" } };
  expect(problemOf(new TooManyBooks(19_500))).toMatchObject(problem);
});

test("every error of the event store has a separate problem", () => {
  const classes = Object.values(errors).filter((value) => typeof value === "function");
  expect(classes.length).toBeGreaterThan(0);
  const codes = classes.map((Class) => problemOf(Object.create(Class.prototype)).code);
  expect(codes).not.toContain("internal_error");
});
