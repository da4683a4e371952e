import { createRequire } from "node:module";
import type * as Streams from "@eventstore/db-client/generated/streams_pb.js";
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../../support/waiting.ts";
import { decode } from "./player/protobuf.ts";
import { connect } from "./player/protocol.ts";
import type { Json, Scenario, Step } from "./player/scenario.ts";
import { playSteps } from "./player/steps.ts";
import { createWorld, rank, type World } from "./player/world.ts";

/* Messages that only EventStoreDB sends, byte by byte: the player must decode them as in the recordings. */

const { ReadResp } = createRequire(import.meta.url)("@eventstore/db-client/generated/streams_pb.js") as typeof Streams;

let stop: (() => void) | undefined;
afterEach(() => stop?.());

type ReadCall = ServerWritableStream<Buffer, Buffer>;
type BatchCall = ServerDuplexStream<Buffer, Buffer>;
type Handlers = {
  append?: (answer: (bytes: Buffer) => void) => void;
  /** Subscriptions only: the player's own query for the last event gets no event. */
  subscribed?: (call: ReadCall) => void;
  batchAppend?: (call: BatchCall) => void;
};

/** A server that sends the given frames. */
async function serve(handlers: Handlers): Promise<string> {
  const server = new Server();
  const asIs = (bytes: Buffer) => bytes;
  const codec = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const streams = "/event_store.client.streams.Streams/";
  server.addService(
    {
      append: { path: `${streams}Append`, requestStream: true, responseStream: false, ...codec },
      read: { path: `${streams}Read`, requestStream: false, responseStream: true, ...codec },
      batchAppend: { path: `${streams}BatchAppend`, requestStream: true, responseStream: true, ...codec },
    },
    {
      append: (call: { resume(): void }, answer: (error: null, bytes: Buffer) => void) => {
        call.resume();
        handlers.append?.((bytes) => answer(null, bytes));
      },
      read: (call: ReadCall) => {
        // ReadReq.options (field 1) of the query for the last event has a count of 1 (field 5).
        if (call.request.includes(Buffer.from([0x28, 1]))) call.end();
        else handlers.subscribed?.(call);
      },
      batchAppend: (call: BatchCall) => handlers.batchAppend?.(call),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, chosen: number) => (error === null ? resolve(chosen) : reject(error));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
  });
  stop = () => server.forceShutdown();
  return `127.0.0.1:${port}`;
}

async function played(address: string, world: World, steps: Step[], answers: Json[]): Promise<Json[]> {
  const protocol = connect(address);
  const scenario: Scenario = { name: "by hand", steps, answers };
  const { answers: played } = await playSteps(protocol, world, scenario, { quiet: 30, patience: 5_000 }, 0);
  protocol.close();
  return played.map((answer) => rank(answer, world.positions));
}

/** A message of a subscription with one event at a position. */
function eventFrame(world: World, position: number): Buffer {
  const { RecordedEvent } = ReadResp.ReadEvent;
  const { StreamIdentifier, UUID } = createRequire(import.meta.url)("@eventstore/db-client/generated/shared_pb.js");
  const stream = new StreamIdentifier().setStreamName(Buffer.from(world.streamName("a")).toString("base64"));
  const event = new RecordedEvent()
    .setId(new UUID().setString(world.uuid(1)))
    .setStreamIdentifier(stream)
    .setStreamRevision("0")
    .setPreparePosition(`${position}`)
    .setCommitPosition(`${position}`);
  event.getMetadataMap().set("created", `${Date.now()}0000`).set("type", "T");
  const read = new ReadResp.ReadEvent().setEvent(event).setCommitPosition(`${position}`);
  return Buffer.from(new ReadResp().setEvent(read).serializeBinary());
}

const confirmation = Buffer.from([0x12, 3, 0x0a, 1, 0x78]);
const caughtUp = Buffer.from([0x42, 0]);

describe("a wrong expected version", () => {
  // Each number in hex as protobuf.dev has it: (field << 3) | wire type.
  it("is read from the fields of today, whatever those for clients of 20.6.0 say beside them", async () => {
    const fields = [0x08, 5, 0x18, 7, 0x22, 0, 0x2a, 0, 0x30, 5, 0x40, 7];
    const address = await serve({ append: (answer) => answer(Buffer.from([0x12, fields.length, ...fields])) });
    const step: Step = { op: "append", stream: "a", expected: 7, events: [{ id: 1 }] };
    expect(await played(address, createWorld(1), [step], [])).toEqual([
      { wrongExpectedVersion: { current: "5", expected: "7" } },
    ]);
  });

  it("that names words has them in fields of their own", async () => {
    const fields = [0x12, 0, 0x22, 0, 0x3a, 0, 0x52, 0];
    const address = await serve({ append: (answer) => answer(Buffer.from([0x12, fields.length, ...fields])) });
    const step: Step = { op: "append", stream: "a", expected: "stream_exists", events: [{ id: 1 }] };
    expect(await played(address, createWorld(1), [step], [])).toEqual([
      { wrongExpectedVersion: { current: "no_stream", expected: "stream_exists" } },
    ]);
  });
});

describe("fields that the tables do not name", () => {
  const table = { known: [2, "number"] } as const;
  const unknown = {
    "a number": [0x50, 0xff, 0x01],
    "eight bytes": [0x51, 1, 2, 3, 4, 5, 6, 7, 8],
    "bytes with a length": [0x52, 2, 0x10, 9],
    "four bytes": [0x55, 1, 2, 3, 4],
    "a number of two bytes": [0xa0, 0x06, 1],
  };
  it.each(Object.entries(unknown))("are passed over: %s", (_what, bytes) => {
    expect(decode(table, Buffer.from([...bytes, 0x10, 42, ...bytes]))).toEqual({ known: 42n });
  });

  it("that end too early, or have no wire type of this world, are an error all the same", () => {
    expect(() => decode(table, Buffer.from([0x51, 1, 2, 3]))).toThrow(RangeError);
    expect(() => decode(table, Buffer.from([0x53, 0]))).toThrow("wire type 3");
  });
});

describe("a subscription that says again that it has caught up", () => {
  const subscribe: Step = { op: "subscribe", as: "s", stream: "a", from: "start" };
  const append: Step = { op: "append", stream: "a", expected: "any", events: [{ id: 1 }] };
  const live = { messages: [{ confirmation: true }, { caughtUp: true }] };

  it("has it once in the answer, and what comes after it is waited for", async () => {
    const world = createWorld(2);
    let call: ReadCall | undefined;
    const address = await serve({
      subscribed: (opened) => {
        call = opened;
        for (const frame of [confirmation, caughtUp, caughtUp]) opened.write(frame);
      },
      append: (answer) => {
        call?.write(caughtUp);
        // Later than the player's quiet time, which the repetition must not restart.
        setTimeout(() => call?.write(eventFrame(world, 7)), 200);
        answer(Buffer.from([0x0a, 8, 0x08, 0, 0x1a, 4, 0x08, 7, 0x10, 7]));
      },
    });
    const event = { stream: "a", revision: "0", id: "#1", at: "@0", metadata: { created: "now", type: "T" } };
    const taken = { messages: [{ event: { ...event, data: "", meta: "" }, commit: "@0" }] };
    const recorded: Json[] = [live, { success: { revision: "0", position: "@0" } }, taken];
    expect(await played(address, world, [subscribe, append, { op: "take", as: "s" }], recorded)).toEqual(recorded);
  });

  it("is waited for to have caught up once, although enough came before", async () => {
    const address = await serve({
      subscribed: (call) => {
        call.write(confirmation);
        setTimeout(() => call.write(caughtUp), 200);
      },
    });
    expect(await played(address, createWorld(3), [subscribe], [live])).toEqual([live]);
  });
});

describe("a batch append", () => {
  /** The answer to the append with this correlation id: no stream, and a success at 0. */
  const answerTo = (correlation: string) => {
    const success = [0x08, 0, 0x1a, 4, 0x08, 7, 0x10, 7];
    const id = [0x12, 36, ...Buffer.from(correlation)];
    return Buffer.from([0x0a, id.length, ...id, 0x1a, success.length, ...success, 0x3a, 0]);
  };

  it("that the server leaves open when the client has ended its half is cancelled, and its answer counts", async () => {
    const world = createWorld(4);
    let halfClosed = false;
    let cancelled = false;
    const address = await serve({
      batchAppend: (call) => {
        call.on("data", () => call.write(answerTo(world.uuid(9))));
        call.on("end", () => {
          halfClosed = true;
        });
        call.on("cancelled", () => {
          cancelled = true;
        });
      },
    });
    const appends = [{ correlation: 9, stream: "a", expected: "any" as const, events: [{ id: 1 }] }];
    const [answer] = await played(address, world, [{ op: "batch", appends }], []);
    expect(answer).toMatchObject({ appends: [{ success: { revision: "0", position: "@0" } }] });
    await until("the server sees the call cancelled", () => halfClosed && cancelled);
  });

  it("that hung up and is never answered is given up and cancelled", async () => {
    let cancelled = false;
    const address = await serve({
      batchAppend: (call) => {
        call.resume();
        call.on("cancelled", () => {
          cancelled = true;
        });
      },
    });
    const appends = [{ correlation: 9, stream: "a", expected: "any" as const, events: [{ id: 1 }], final: false }];
    const step: Step = { op: "batch", patience: 200, hangUp: true, appends };
    expect(await played(address, createWorld(5), [step], [])).toEqual([{ appends: ["none"] }]);
    await until("the server sees the call cancelled", () => cancelled);
  });
});
