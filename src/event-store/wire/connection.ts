import type { EventStoreDBClient } from "@eventstore/db-client";
import { type CallOptions, type ChannelInterface, type Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { withTimeout } from "../../platform/withTimeout.ts";

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
   * the leader's address, to which the client connects for the calls after it. Rejects if there is no connection.
   */
  open(path: string, listener: CallListener): Promise<RawCall>;
  /** Whether the server has BatchAppend: asked once per channel, and again after a failure. */
  hasBatchAppend(): Promise<boolean>;
  /** Ends all open calls, and the connection. */
  close(): Promise<void>;
};

/** The internals of the client's commands; declared protected in its types. */
type Internals = {
  getChannel: () => Promise<ChannelInterface>;
  /** The gRPC client of a class, with which a command is sent. The promise is kept for later commands, until the next reconnect. */
  getGRPCClient: (...of: [Class: unknown, command: string]) => Promise<unknown>;
  /** Whether the server has a method: asked before an append. */
  supports: (...method: unknown[]) => Promise<boolean>;
  callArguments(options: object, callOptions: CallOptions): [Metadata, CallOptions];
  handleError(client: { getChannel(): ChannelInterface }, error: Error): Promise<void>;
};

/** The reason with which open calls end when the store is closed, as for the client's reads. */
const closing = "the event store was closed";

/** The reason with which calls end when the client has moved to another node: a live subscription would stay with one that may lag behind. */
const moved = "the client is connected to another node";

/** How long a call or a command waits for a connection, in milliseconds: to try all nodes of a cluster may take minutes. */
const connectMs = 5_000;

/**
 * `features` asks the server whether it has BatchAppend. From now on the client's own commands, too, reject with UNAVAILABLE where there is
 * no connection, and its appends are one call each.
 */
export function connectionOf(client: EventStoreDBClient, features: () => Promise<boolean>): Connection {
  const internals = client as unknown as Internals;
  const options = { requiresLeader: true };
  const [metadata, { credentials }] = internals.callArguments(options, { deadline: Number.POSITIVE_INFINITY });
  /** The open calls, each with the address of its node. */
  const calls = new Map<RawCall, string>();
  let node = "";
  let closed = false;
  let latest: ChannelInterface | undefined;
  let known: { readonly channel: ChannelInterface; readonly batchAppend: Promise<boolean> } | undefined;

  const { getChannel, getGRPCClient } = internals;
  const keep = (channel: ChannelInterface) => {
    latest = channel;
    if (closed) channel.close();
    return channel;
  };
  internals.getChannel = () => getChannel().then(keep);
  // Not around what the client keeps for later commands, a channel or a gRPC client: a kept rejection would reject them all.
  internals.getGRPCClient = (...of) => withinConnectTime(getGRPCClient(...of));
  // The client would ask for the features itself before its appends, and keep a failure. They are for servers without BatchAppend.
  internals.supports = async () => false;
  const connected = () => withinConnectTime(internals.getChannel());

  const moveTo = (target: string) => {
    if (target === node) return;
    node = target;
    for (const [call, of] of calls) if (of !== target) call.cancelWithStatus(status.UNAVAILABLE, moved);
  };

  return {
    async open(path, listener) {
      if (closed) throw errorOf({ code: status.UNAVAILABLE, details: closing });
      const channel = await connected();
      moveTo(channel.getTarget());
      const call = createCall(channel, path);
      if (credentials !== undefined) call.setCredentials(credentials);
      calls.set(call, node);
      call.start(metadata, {
        onReceiveMetadata: () => {},
        onReceiveMessage: (bytes: Buffer) => listener.message(bytes),
        onReceiveStatus: (ended) => {
          calls.delete(call);
          if (ended.code === status.OK) return listener.ended(undefined);
          const error = errorOf(ended);
          // The client decides whether to reconnect, or to connect to another node.
          if (!closed) internals.handleError({ getChannel: () => channel }, error).catch(() => {});
          listener.ended(error);
        },
      });
      return call;
    },
    async hasBatchAppend() {
      const channel = await connected();
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
      latest?.close();
    },
  };
}

/**
 * Rejects with UNAVAILABLE, also when the client has found no node of a cluster: it rejects with an error without a code. When the time is
 * over the client goes on looking for a node, for later calls.
 */
function withinConnectTime<Connected>(connected: Promise<Connected>): Promise<Connected> {
  const late = () => new Error(`no connection in ${connectMs} ms`);
  return withTimeout(connected, connectMs, late).catch((error: unknown) => {
    throw unavailable(error);
  });
}

function createCall(channel: ChannelInterface, path: string): RawCall {
  try {
    return channel.createCall(path, Number.POSITIVE_INFINITY, null, null, null);
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): Error {
  const details = cause instanceof Error ? cause.message : String(cause);
  return errorOf({ code: status.UNAVAILABLE, details });
}

/** A status as an error, with the fields that distinguish the client's errors. */
function errorOf({ code, details, metadata }: Pick<StatusObject, "code" | "details"> & Partial<StatusObject>): Error {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata });
}
