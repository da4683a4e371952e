import { describe, expect, test } from "vitest";
import { gatheredWrites } from "../../../embedded/eventstore/grpc/gathered-writes.ts";

/** A call that frames each message as grpc-js does, `offset` bytes further in; the test completes each write. */
function framingCall(offset = 0) {
  const frames: Buffer[] = [];
  const ends: (() => void)[] = [];
  const write = (message: Buffer, callback: () => void) => {
    const frame = Buffer.alloc(5 + offset + message.length);
    frame.writeUInt32BE(message.length, 1);
    message.copy(frame, 5 + offset);
    frames.push(frame);
    ends.push(callback);
    return true;
  };
  return { write, frames, endWrite: () => ends.shift()?.() };
}

/** The messages of a frame, as the receiver decodes it. */
function messagesOf(frame: Buffer | undefined): string[] {
  const messages: string[] = [];
  for (let at = 0; frame !== undefined && at < frame.length; ) {
    const end = at + 5 + frame.readUInt32BE(at + 1);
    messages.push(frame.toString("latin1", at + 5, end));
    at = end;
  }
  return messages;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("messages to a call", () => {
  test("of one turn go out in one write, those that come meanwhile in the next", async () => {
    const { write, frames, endWrite } = framingCall();
    const writes = gatheredWrites({ write });
    for (const text of ["a", "bb", ""]) writes.send(Buffer.from(text));
    await turn();
    for (const text of ["ccc", "d"]) writes.send(Buffer.from(text));
    await turn();
    expect(frames.map(messagesOf)).toEqual([["a", "bb", ""]]);
    endWrite();
    expect(frames.map(messagesOf)).toEqual([
      ["a", "bb", ""],
      ["ccc", "d"],
    ]);
  });

  test("that fill what may wait hold up the sender until they are handed over", async () => {
    const { write, endWrite } = framingCall();
    const writes = gatheredWrites({ write });
    writes.send(Buffer.from("first"));
    await turn();
    let room = false;
    const full = writes.send(Buffer.alloc(40_000))?.then(() => {
      room = true;
    });
    await turn();
    expect(room).toBe(false);
    endWrite();
    await full;
    expect(room).toBe(true);
  });

  test("are let go of, and so is the sender, when the call is over", async () => {
    const { write, frames } = framingCall();
    const writes = gatheredWrites({ write });
    const full = writes.send(Buffer.alloc(40_000));
    writes.stop();
    await full;
    await turn();
    expect(frames).toEqual([]);
  });

  test("go out before the call ends", () => {
    const { write, frames } = framingCall();
    const writes = gatheredWrites({ write });
    writes.send(Buffer.from("last"));
    writes.flush();
    expect(frames.map(messagesOf)).toEqual([["last"]]);
  });

  test("go one by one once gRPC was seen to frame in another way", async () => {
    const { write, frames, endWrite } = framingCall(1);
    const writes = gatheredWrites({ write });
    const send = async (...texts: string[]) => {
      for (const text of texts) writes.send(Buffer.from(text));
      await turn();
    };
    await send("a", "b");
    endWrite();
    frames.length = 0;
    await send("c", "d");
    expect(frames.map((frame) => frame.toString("latin1", 6))).toEqual(["c", "d"]);
  });
});
