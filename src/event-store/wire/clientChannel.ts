import { setTimeout as sleep } from "node:timers/promises";
import type { EventStoreDBClient } from "@eventstore/db-client";
import type { CallCredentials, CallOptions, ChannelInterface, Metadata } from "@grpc/grpc-js";
import { withTimeout } from "../../platform/withTimeout.ts";
import { isNotLeader } from "../clientErrors.ts";
import { unavailable } from "./statusError.ts";

/** The official client's channel, and what a call on it sends along. */
export type ClientChannel = {
  /** Metadata and credentials of a call that only the leader of a cluster answers. */
  readonly metadata: Metadata;
  readonly credentials: CallCredentials | undefined;
  /** The channel to the node that the client has chosen. Rejects with UNAVAILABLE where there is no connection. */
  connected(): Promise<ChannelInterface>;
  /** A call ended with an error. The client decides whether later calls get another channel, perhaps to another node. */
  failed(channel: ChannelInterface, error: Error): void;
  close(): void;
};

type Failing = { getChannel(): ChannelInterface };

/** The internals of the client's commands; declared protected in its types. */
type Internals = {
  getChannel: () => Promise<ChannelInterface>;
  /** The gRPC client of a class, with which a command is sent. The promise is kept for later commands, until the next reconnect. */
  getGRPCClient: (...of: [Class: unknown, command: string]) => Promise<unknown>;
  /** Whether the server has a method: asked before an append. */
  supports: (...method: unknown[]) => Promise<boolean>;
  callArguments(options: object, callOptions: CallOptions): [Metadata, CallOptions];
  handleError: (failing: Failing, error: Error) => Promise<void>;
};

/** Time that a call or a command waits for a connection, in milliseconds: to try all nodes of a cluster may take minutes. */
const connectMs = 5_000;

/** Between elections nodes may name each other, or themselves, as the leader: who is refused twice in a second pauses. In milliseconds. */
const refusedAgainMs = 1_000;
const pauseMs = 200;

/**
 * From now on the client's own commands, too, reject with UNAVAILABLE where there is no connection, wait until the client has dealt with the
 * errors before them, and its appends are one call each.
 */
export function clientChannelOf(client: EventStoreDBClient): ClientChannel {
  const internals = client as unknown as Internals;
  const options = { requiresLeader: true };
  const [metadata, { credentials }] = internals.callArguments(options, { deadline: Number.POSITIVE_INFINITY });
  let closed = false;
  let latest: ChannelInterface | undefined;
  /** When the client has dealt with all errors so far. */
  let dealtWith: Promise<unknown> = Promise.resolve();
  let refused: { readonly by: ChannelInterface; readonly at: number } | undefined;
  let notBefore = 0;

  const { getChannel, getGRPCClient, handleError } = internals;
  const keep = (channel: ChannelInterface) => {
    latest = channel;
    if (closed) channel.close();
    return channel;
  };
  const settled = async () => {
    await dealtWith;
    const pause = notBefore - performance.now();
    if (pause > 0) await sleep(pause);
  };
  internals.getChannel = () => getChannel().then(keep);
  // Not around what the client keeps for later commands, a channel or a gRPC client: a kept rejection would reject them all.
  internals.getGRPCClient = (...of) => withinConnectTime(settled().then(() => getGRPCClient(...of)));
  // The client would call `features` itself before its appends, and keep a failure. It is for servers without BatchAppend.
  internals.supports = async () => false;
  // The client waits for it nowhere: a rejection, when it finds no other node, would be unhandled.
  internals.handleError = (failing, error) => {
    if (isNotLeader(error)) noteRefusal(failing.getChannel());
    const handled = handleError(failing, error).catch(() => {});
    dealtWith = dealtWith.then(() => handled);
    return handled;
  };

  function noteRefusal(by: ChannelInterface): void {
    if (by === refused?.by) return;
    const at = performance.now();
    if (refused !== undefined && at - refused.at < refusedAgainMs) notBefore = at + pauseMs;
    refused = { by, at };
  }

  return {
    metadata,
    credentials,
    connected: () => withinConnectTime(settled().then(internals.getChannel)),
    failed: (channel, error) => void internals.handleError({ getChannel: () => channel }, error),
    close() {
      closed = true;
      latest?.close();
    },
  };
}

/**
 * Rejects with UNAVAILABLE after `connectMs`, and also when the client has found no node of a cluster, for which its
 * own error has no code. After the timeout the client continues to look for a node, for later calls.
 */
function withinConnectTime<Connected>(connected: Promise<Connected>): Promise<Connected> {
  const late = () => new Error(`no connection in ${connectMs} ms`);
  return withTimeout(connected, connectMs, late).catch((error: unknown) => {
    throw unavailable(error);
  });
}
