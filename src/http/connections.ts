import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** How long a connection that we have ended is still read: a reset would discard responses in transit. */
const readAfterEndMs = 1_000;

/** How long a request may take to arrive if it has begun when the server closes. */
const arrivalMs = 5_000;

/** A connection: its unsent responses in order, and the number of bytes read when the last one was sent. */
type Connection = { readonly pending: Set<ServerResponse>; readUpTo: number };

/** Closes the connections of a server without resets. */
export type Connections = {
  /** Whether a request can still be answered. One that is started after its connection was ended or reset is not executed. */
  isAnswerable(request: IncomingMessage): boolean;
  /**
   * Stops accepting connections, and sends `Connection: close` with every response from now on. Idle connections are ended
   * after `quietMs`: HTTP/1.1 can tell a client only with a response. Resolves when all connections are closed.
   */
  close(quietMs: number): Promise<void>;
};

/**
 * Tracks the connections of `server`. `http.Server.close` destroys idle ones at once, and a busy one with its last response, so
 * that a request in transit would be answered with a reset.
 */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  let state: "open" | "closing" | "quiet" = "open";

  server.on("connection", (socket) => {
    connections.set(socket, { pending: new Set(), readUpTo: 0 });
    socket.once("close", () => connections.delete(socket));
    // Node calls this when the response with `Connection: close` was sent.
    if (state !== "open") socket.destroySoon = () => end(socket);
  });

  server.prependListener("request", ({ socket }, response) => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connection.pending.add(response);
    response.on("close", () => {
      connection.pending.delete(response);
      connection.readUpTo = socket.bytesRead;
      if (state === "quiet") endIfIdle(socket, connection);
    });
    if (state !== "open") announce(connection);
  });

  return {
    isAnswerable: ({ socket }) => !socket.writableEnded && !socket.destroyed,

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
  };
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
