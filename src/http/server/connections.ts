import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, Socket } from "node:net";

/** Time for which a connection is still read after we have ended it: a reset would discard responses in transit. */
const readAfterEndMs = 1_000;

/** Time that a request may take to arrive if it has begun when the server closes. */
const arrivalMs = 5_000;

/**
 * Maximum number of requests of a connection that wait for their response. Node reads on while they wait, and takes seconds to
 * abort some 100,000 of them. It resumes a paused socket for each body that is read, so that pausing is no limit
 * (docs/decisions/0095).
 */
export const maxPending = 100;

/** A connection: its unsent responses in order, that of its latest request, and the number of bytes read when the last one was sent. */
type Connection = { readonly pending: Set<ServerResponse>; latest?: ServerResponse; readUpTo: number };

/** Closes the connections of a server without resets. */
export type Connections = {
  /**
   * Stops accepting connections, and sends `Connection: close` with every response from now on. Idle connections are ended
   * after `quietMs`: HTTP/1.1 can tell a client only with a response. Resolves when all connections are closed.
   */
  close(quietMs: number): Promise<void>;
  /**
   * Sends the text as the last response of a connection from which nothing more can be read, and ends it. The requests that have
   * arrived completely are answered before; one that has not is answered by the text, unless its response has begun.
   */
  endWith(socket: Socket, text: string): void;
};

/**
 * Tracks the connections of `server`. One that has more than `maxPending` unanswered requests is reset, and nothing is executed of
 * it that has not been started. When a connection closes, each of its responses emits `close`: Node does that only for the one
 * that is being sent, not for those of pipelined requests behind it.
 *
 * `http.Server.close` destroys idle ones at once, and a busy one with its last response, so
 * that a request in transit would be answered with a reset.
 */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  let state: "open" | "closing" | "quiet" = "open";

  server.on("connection", (socket) => {
    const connection: Connection = { pending: new Set(), readUpTo: 0 };
    connections.set(socket, connection);
    socket.once("close", () => {
      connections.delete(socket);
      for (const response of connection.pending) closeWithoutSocket(response);
    });
    // Node calls this when the response with `Connection: close` was sent.
    if (state !== "open") socket.destroySoon = () => end(socket);
  });

  server.prependListener("request", ({ socket }, response) => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connection.pending.add(response);
    connection.latest = response;
    response.on("close", () => {
      connection.pending.delete(response);
      connection.readUpTo = socket.bytesRead;
      if (state === "quiet") endIfIdle(socket, connection);
    });
    if (connection.pending.size > maxPending) socket.destroy();
    else if (state !== "open") announce(connection);
  });

  return {
    async close(quietMs) {
      state = "closing";
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      for (const [socket, connection] of connections) {
        socket.destroySoon = () => end(socket);
        announce(connection);
      }
      const quiet = setTimeout(() => {
        // After the next poll for I/O, which reads what is in the receive buffers.
        setImmediate(() => {
          state = "quiet";
          for (const [socket, connection] of connections) endIfIdle(socket, connection);
        });
      }, quietMs);
      const late = setTimeout(() => {
        for (const [socket, { pending }] of connections) if (pending.size === 0) socket.destroy();
      }, quietMs + arrivalMs);
      await closed;
      clearTimeout(quiet);
      clearTimeout(late);
      // Also stops its timers.
      server.close();
    },
    endWith(socket, text) {
      const { pending = [], latest } = connections.get(socket) ?? {};
      const send = () => {
        // Only the latest request can be incomplete. It gets no second response, also if its own was sent before its body arrived.
        if (latest !== undefined && !latest.req.complete && latest.headersSent) return end(socket);
        if (socket.writable) socket.write(text);
        end(socket);
      };
      const before = [...pending].findLast(({ req }) => req.complete);
      if (before === undefined) send();
      else before.once("close", send);
    },
  };
}

/**
 * Returns whether the response to a request can still be sent. If its connection was ended or reset before it is started, it must
 * not be executed.
 */
export function isAnswerable({ socket }: Pick<IncomingMessage, "socket">): boolean {
  return !socket.writableEnded && !socket.destroyed;
}

/** Lets a response that was never given the socket emit `close`, and be `closed`, as if it had lost it. */
function closeWithoutSocket(response: ServerResponse): void {
  if (response.closed || response.writableFinished || response.socket !== null) return;
  const lost = new Socket();
  response.assignSocket(lost);
  lost.destroy();
}

/** With several pipelined requests, the connection ends after the last one. */
function announce({ pending }: Connection): void {
  const last = [...pending].at(-1);
  for (const response of pending) {
    if (response.headersSent) continue;
    if (response === last) response.setHeader("Connection", "close");
    else if (response.hasHeader("Connection")) response.removeHeader("Connection");
  }
}

function endIfIdle(socket: Socket, { pending, readUpTo }: Connection): void {
  if (pending.size === 0 && socket.bytesRead === readUpTo) end(socket);
}

/** Sends pending data, then FIN; keeps reading until the client closes its side too. */
function end(socket: Socket): void {
  if (socket.writableEnded) return;
  socket.end();
  setTimeout(() => socket.destroy(), readAfterEndMs).unref();
}
