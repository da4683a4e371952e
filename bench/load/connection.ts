import { connect, type Socket } from "node:net";

export type Answer = { readonly status: number; readonly headers: string; readonly body: string };

export type Connection = {
  /** Sends one request and resolves with its answer; one at a time. */
  ask(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Answer>;
  close(): void;
};

/**
 * One kept-alive HTTP/1.1 connection, as cheap as Node allows: the load generator shares its machine with the measured system, and
 * node:http or fetch would use several times as much CPU. Understands Content-Length only.
 */
export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(opened));
    opened.once("error", reject);
  });
  socket.setEncoding("latin1");
  let received = "";
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  socket.on("data", (chunk: string) => {
    received += chunk;
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0 || waiting === undefined) return;
    const headers = received.slice(0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
    const bodyEnd = headEnd + 4 + Number(length ?? 0);
    if (received.length < bodyEnd) return;
    const answer = { status: Number(headers.slice(9, 12)), headers, body: received.slice(headEnd + 4, bodyEnd) };
    received = received.slice(bodyEnd);
    const { resolve } = waiting;
    waiting = undefined;
    resolve(answer);
  });
  const lost = (error?: Error) => waiting?.reject(error ?? new Error("the server closed the connection"));
  socket.on("error", lost);
  socket.on("close", () => lost());
  return {
    ask: (method, path, headers, body = "") =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        let head = `${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\n`;
        for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
        if (body !== "") head += `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
        socket.write(`${head}\r\n${body}`);
      }),
    close: () => socket.destroy(),
  };
}

/** The value of a header of an answer, or undefined. */
export function headerOf(answer: Answer, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, "i").exec(answer.headers)?.[1];
}
