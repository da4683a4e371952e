import { describe, expect, test } from "vitest";
import { beforeTheLog } from "../../../src/projections/engine/core/batch.ts";
import { findMismatch, isInLog } from "../../../src/projections/engine/log/logCheck.ts";
import { idAt, point, recorded } from "../fixtures.ts";

/** A log with events at these positions, and the requests to it; `scavenges`: positions of recorded markers. */
function logOf(...positions: bigint[]) {
  const asked: bigint[] = [];
  const scavenges: bigint[] = [];
  const readStream = async function* () {
    for (const position of scavenges) {
      yield recorded(position, "operations-scavenge", { type: "ScavengeBegun", data: { begunBy: "an operator" } });
    }
  };
  const readLogAt = async (position: bigint) => {
    asked.push(position);
    const found = positions.find((candidate) => candidate >= position);
    return found === undefined ? undefined : { id: idAt(found), position: found };
  };
  return { readLogAt, readStream, asked, scavenges };
}

/** How long a test waits for events that the log seems to lack. */
const lagMs = 10;

const nothing = { position: beforeTheLog, eventId: "" };

describe("every partition's checkpoint is compared with the log, which", () => {
  test("fits when it holds each checkpoint's event", async () => {
    expect(await findMismatch(logOf(0n, 5n, 9n), [point(5n), nothing, point(0n), point(9n)], lagMs)).toBeUndefined();
  });

  test("is not asked for a partition that has seen nothing", async () => {
    const log = logOf();
    expect(await findMismatch(log, [nothing, nothing], lagMs)).toBeUndefined();
    expect(log.asked).toEqual([]);
  });

  test("is refused when another event stands there, in whichever partition", async () => {
    const checkpoint = { position: 9n, eventId: idAt(8n) };
    expect(await findMismatch(logOf(5n, 9n), [point(5n), point(9n), checkpoint], lagMs)).toEqual({
      partition: 2,
      checkpoint,
      found: `event ${idAt(9n)} stands there`,
    });
  });

  test("is refused when it ends before the checkpoint", async () => {
    expect(await findMismatch(logOf(5n), [point(5n), point(9n)], lagMs)).toEqual({
      partition: 1,
      checkpoint: point(9n),
      found: "the log has no event there",
    });
  });

  test("fits when it has the event a moment later: a node that became the leader just now knows less of the log", async () => {
    const behind = logOf(5n);
    const ahead = logOf(5n, 9n);
    let asked = 0;
    const log = { ...ahead, readLogAt: (position: bigint) => (asked++ < 2 ? behind : ahead).readLogAt(position) };
    expect(await findMismatch(log, [point(9n)], 10_000)).toBeUndefined();
  });

  test("is refused when no event stands there but a later one", async () => {
    expect(await findMismatch(logOf(5n, 9n), [point(7n)], lagMs)).toEqual({
      partition: 0,
      checkpoint: point(7n),
      found: "the next event stands at 9",
    });
  });

  test("fits when the event is gone and a scavenge was recorded after it, but not one recorded before", async () => {
    const log = logOf(5n, 9n, 20n);
    log.scavenges.push(6n);
    expect(await findMismatch(log, [point(7n)], lagMs)).toMatchObject({ found: "the next event stands at 9" });
    log.scavenges.push(20n);
    expect(await findMismatch(log, [point(7n)], lagMs)).toBeUndefined();
  });

  test("is refused for another event, or none, whatever was scavenged", async () => {
    const log = logOf(5n, 9n);
    log.scavenges.push(9n);
    expect(await findMismatch(log, [{ position: 5n, eventId: idAt(8n) }], lagMs)).toMatchObject({
      found: `event ${idAt(5n)} stands there`,
    });
    expect(await findMismatch({ ...log, readLogAt: async () => undefined }, [point(5n)], lagMs)).toMatchObject({
      found: "the log has no event there",
    });
  });
});

test("an event stands in the log at a position, or a scavenge took it; another there, a later one, or none is of another log", async () => {
  const log = logOf(5n, 9n, 20n);
  const stands = (position: bigint, id = idAt(position)) => isInLog(log, position, (found) => found === id, lagMs);
  expect([await stands(5n), await stands(5n, idAt(4n)), await stands(7n), await stands(21n)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  log.scavenges.push(8n);
  expect([await stands(7n), await stands(9n, idAt(7n))]).toEqual([true, false]);
});
