import { type ChannelInterface, status } from "@grpc/grpc-js";
import type { ClientChannel } from "./clientChannel.ts";
import { statusError, unavailable } from "./statusError.ts";

/** A low-level gRPC call: the result of a channel's `createCall`. */
export type RawCall = ReturnType<ChannelInterface["createCall"]>;

/** Receives the events of a call. Nothing follows `ended`. */
export type CallListener = {
  message(bytes: Buffer): void;
  /** `error` is the call's status, as gRPC's clients reject with it; undefined if the server ended the call normally. */
  ended(error: Error | undefined): void;
};

/** Calls on the official client's connection, with its discovery, TLS, credentials, keepalive and reconnects. */
export type Connection = {
  /**
   * Opens a call without a deadline that only the leader of a cluster answers; nothing is sent or read yet. Another node ends it with
   * the leader's address (`isNotLeader`), to which the client connects for the calls after it. Rejects if there is no connection.
   */
  open(path: string, listener: CallListener): Promise<RawCall>;
  /**
   * A call was answered as only the leader answers: what other nodes have kept ends, for a node that lost the leadership may lag behind, or
   * deliver nothing any more. An error shows nothing of the kind: it ends its own call alone.
   */
  answeredByLeader(call: RawCall): void;
  /** Returns whether the server has BatchAppend: requested once per channel, and again after a failure. */
  hasBatchAppend(): Promise<boolean>;
  /** Ends all open calls, and the connection. */
  close(): Promise<void>;
};

/** The reason with which open calls end when the store is closed, as for the client's reads. */
const closing = "the event store was closed";

/** The reason with which calls end that another node than the leader has kept. */
const moved = "the client is connected to another node";

/** `features` asks the server whether it has BatchAppend. */
export function connectionOf(client: ClientChannel, features: () => Promise<boolean>): Connection {
  /** The open calls, each with the address of its node. */
  const calls = new Map<RawCall, string>();
  /** The address of the node to which the last call went. */
  let node = "";
  let closed = false;
  let known: { readonly channel: ChannelInterface; readonly batchAppend: Promise<boolean> } | undefined;

  return {
    async open(path, listener) {
      if (closed) throw statusError({ code: status.UNAVAILABLE, details: closing });
      const channel = await client.connected();
      const call = createCall(channel, path);
      if (client.credentials !== undefined) call.setCredentials(client.credentials);
      node = channel.getTarget();
      calls.set(call, node);
      call.start(client.metadata, {
        onReceiveMetadata: () => {},
        onReceiveMessage: (bytes: Buffer) => listener.message(bytes),
        onReceiveStatus: (ended) => {
          const error = ended.code === status.OK ? undefined : statusError(ended);
          if (error !== undefined && !closed) client.failed(channel, error);
          listener.ended(error);
          calls.delete(call);
        },
      });
      return call;
    },
    answeredByLeader(call) {
      const leader = calls.get(call);
      // A late answer of the node before the last.
      if (leader !== node) return;
      for (const [other, of] of calls) if (of !== leader) other.cancelWithStatus(status.UNAVAILABLE, moved);
    },
    async hasBatchAppend() {
      const channel = await client.connected();
      if (known?.channel !== channel) {
        const asked = { channel, batchAppend: features() };
        known = asked;
        asked.batchAppend.catch(() => {
          if (known === asked) known = undefined;
        });
      }
      return known.batchAppend;
    },
    async close() {
      closed = true;
      for (const call of calls.keys()) call.cancelWithStatus(status.UNAVAILABLE, closing);
      client.close();
    },
  };
}

function createCall(channel: ChannelInterface, path: string): RawCall {
  try {
    return channel.createCall(path, Number.POSITIVE_INFINITY, null, null, null);
  } catch (error) {
    throw unavailable(error);
  }
}
