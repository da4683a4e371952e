import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { Client } from "@elastic/elasticsearch";
import type { World } from "../world/world.ts";
import { type FaultContext, insist, lasting } from "./fault.ts";

/** Queries the search engine directly, not through the links, until it answers. */
async function ask<Result>(world: World, work: (client: Client) => Promise<Result>): Promise<Result> {
  return insist(async () => {
    const node = world.environment.ELASTICSEARCH_URL ?? "";
    const client = new Client({ node, requestTimeout: 5_000, maxRetries: 0 });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  });
}

const indicesOf = async (client: Client, { environment }: World): Promise<readonly string[]> =>
  Object.keys(await client.indices.get({ index: `${environment.ELASTICSEARCH_PREFIX}-*`, expand_wildcards: "all" }));

/** All our indices are deleted while everything runs: their builds must restart automatically. */
export async function searchEmptied({ world }: FaultContext): Promise<string> {
  const count = await ask(world, async (client) => {
    const indices = await indicesOf(client, world);
    if (indices.length > 0) await client.indices.delete({ index: [...indices], ignore_unavailable: true });
    return indices.length;
  });
  return `Elasticsearch emptied: ${count} indices deleted`;
}

/** As when the disk is at the flood stage: reads and deletes of indices work, writes are refused until space is free again. */
export async function searchReadOnly({ world, forMs, until }: FaultContext): Promise<string> {
  const block = (value: true | null) =>
    ask(world, async (client) => {
      const indices = await indicesOf(client, world);
      const settings = { "index.blocks.read_only_allow_delete": value };
      if (indices.length > 0)
        await client.indices.putSettings({ index: [...indices], settings, ignore_unavailable: true });
      return indices.length;
    });
  const count = await block(true);
  await lasting({ forMs, until });
  await block(null);
  return `Elasticsearch read-only for ${forMs / 1_000} s (${count} indices)`;
}

/** It refuses every request with 429 for a while, as when its queues are full. */
export async function searchBusy({ world, forMs, until }: FaultContext): Promise<string> {
  let refused = 0;
  const server = refusing(() => refused++);
  const links = world.links.filter(({ name }) => name.endsWith("→elasticsearch"));
  for (const link of links) link.divert((near) => server.emit("connection", near));
  await lasting({ forMs, until });
  for (const link of links) link.divert(null);
  return `Elasticsearch answers 429 for ${forMs / 1_000} s; ${refused} requests refused`;
}

function refusing(onRequest: () => void): Server & { emit(event: "connection", socket: Socket): boolean } {
  const type = "es_rejected_execution_exception";
  const reason = "rejected execution (queue capacity is reached)";
  const body = JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason }, status: 429 });
  return createServer((request, response) => {
    onRequest();
    request.resume().on("end", () => {
      const headers = { "content-type": "application/json", "x-elastic-product": "Elasticsearch" };
      response.writeHead(429, headers).end(body);
    });
  });
}
