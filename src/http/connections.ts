import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** How long a connection that we have ended is read on: a reset would take answers with it that are still under way. */
const lingerMs = 1_000;

/** How long a request may take to arrive that has begun when the server closes. */
const arrivalMs = 5_000;

/** A connection: the responses that are not yet sent, in their order, and the bytes that were read when the last one was. */
type Connection = { readonly pending: Set<ServerResponse>; readUpTo: number };

/** Lets the connections of a server end without a reset. */
export type Connections = {
  /** Whether a request can still be answered. One that arrives after the end of its connection is not carried out. */
  isAnswerable(request: IncomingMessage): boolean;
  /**
   * Accepts no more connections, and says `Connection: close` in every response from now on. Connections that are idle end
   * after `quietMs`: HTTP/1.1 has no other way to tell a client than a response. Resolves when all connections are closed.
   */
  close(quietMs: number): Promise<void>;
};

/**
 * Watches the connections of `server`. `http.Server.close` destroys the idle ones at once, and a busy one with its last
 * response: a request that is under way then is answered with a reset.
 */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  let state: "open" | "closing" | "quiet" = "open";

  server.on("connection", (socket) => {
    connections.set(socket, { pending: new Set(), readUpTo: 0 });
    socket.once("close", () => connections.delete(socket));
    // Node calls this when the response is sent that said `Connection: close`.
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
    isAnswerable: ({ socket }) => !socket.writableEnded,

    async close(quietMs) {
      state = "closing";
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      for (const [socket, connection] of connections) {
        socket.destroySoon = () => end(socket);
        announce(connection);
      }
      const quiet = setTimeout(() => {
        // After the poll for I/O that comes next: what lies in the receive buffers is read then.
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
      // Stops its timers, too.
      server.close();
    },
  };
}

/** Of several pipelined requests the last is the one after which the connection ends. */
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

/** Sends what is to be sent, then FIN; reads on until the client ends its side too. */
function end(socket: Socket): void {
  if (socket.writableEnded) return;
  socket.end();
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
