import { Metadata, status } from "@grpc/grpc-js";
import type { CallListener, Connection, RawCall } from "../../src/event-store/wire/connection.ts";
import { statusError } from "../../src/event-store/wire/statusError.ts";

/** A server that answers nothing until the test sends a message or ends its calls. */
export function silentServer() {
  const listeners = new Set<CallListener>();
  const seen = { opened: 0, cancelled: 0, led: 0 };
  const call = {
    sendMessageWithContext() {},
    halfClose() {},
    startRead() {},
    cancelWithStatus() {
      seen.cancelled++;
    },
  };
  const connection: Connection = {
    open: async (_path, listener) => {
      seen.opened++;
      listeners.add(listener);
      return call as unknown as RawCall;
    },
    answeredByLeader: () => void seen.led++,
    hasBatchAppend: async () => true,
    close: async () => {},
  };
  const end = (error?: Error) => {
    for (const listener of [...listeners]) {
      listeners.delete(listener);
      listener.ended(error);
    }
  };
  const send = (message: Buffer) => {
    for (const listener of listeners) listener.message(message);
  };
  return { connection, end, send, seen };
}

/** A ReadResp with an event that has no field. */
export const anEvent = Buffer.from([0x0a, 2, 0x0a, 0]);

/** The status of a call at a node that is not the leader. */
export function notLeader(): Error {
  const metadata = new Metadata();
  metadata.set("exception", "not-leader");
  metadata.set("leader-endpoint-host", "127.0.0.1");
  metadata.set("leader-endpoint-port", "2113");
  return statusError({ code: status.NOT_FOUND, details: "Leader info available", metadata });
}
