import { createSecretKey, randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EventStoreDBClient, jsonEvent, NO_STREAM } from "@eventstore/db-client";
import express from "express";
import jsonwebtoken from "jsonwebtoken";
import { openConnection } from "../load/connection.ts";

/** Requests a second that Express alone answers, with a verified JWT: the floor of the API process. */
export async function bareExpress(connections: number, lengthMs: number): Promise<number> {
  const key = createSecretKey(Buffer.from("a secret of at least thirty-two characters"));
  const token = jsonwebtoken.sign({}, key, { subject: randomUUID() });
  const app = express().disable("x-powered-by");
  app.put("/v1/shelf/:bookId", (request, response) => {
    jsonwebtoken.verify(request.headers.authorization?.slice(7) ?? "", key, { algorithms: ["HS256"] });
    response.json({ position: "1", revision: 0, events: ["BookAddedToShelf"] });
  });
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: `Bearer ${token}` };
  try {
    return await perSecond(connections, lengthMs, async () => {
      const connection = await openConnection(url);
      return { once: () => connection.ask("PUT", "/v1/shelf/abcdefghijkl", headers), end: () => connection.close() };
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Single-event appends a second by the official client alone: the ceiling that the event store sets. */
export async function bareAppends(eventStoreUrl: string, writers: number, lengthMs: number): Promise<number> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  try {
    return await perSecond(writers, lengthMs, async () => ({
      once: () =>
        client.appendToStream(
          `bench-${randomUUID()}`,
          jsonEvent({
            type: "BookAddedToShelf",
            data: { bookId: "abcdefghijkl" },
            metadata: { commandId: randomUUID() },
          }),
          { expectedRevision: NO_STREAM },
        ),
      end: () => {},
    }));
  } finally {
    await client.dispose();
  }
}

async function perSecond(
  side: number,
  lengthMs: number,
  open: () => Promise<{ once(): Promise<unknown>; end(): void }>,
): Promise<number> {
  let done = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: side }, async () => {
      const { once, end } = await open();
      while (performance.now() - begun < lengthMs) {
        await once();
        done++;
      }
      end();
    }),
  );
  return (done / (performance.now() - begun)) * 1000;
}
