import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { CommandRefused } from "../../src/commands/errors.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { commandEndpoint } from "../../src/http/commandEndpoint.ts";
import { metricsPage } from "../../src/http/metricsPage.ts";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { createMetrics } from "../../src/metrics/registry.ts";
import { countRequests } from "../../src/metrics/requests.ts";
import { startApi } from "./startApi.ts";

const written = { position: 1n, revision: 0n, events: ["ThingAdded"], consistencyToken: null } as const;
const metrics = createMetrics("api");
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const endpoints = [
    commandEndpoint({
      method: "put",
      path: "/v1/things/{thing}",
      summary: "For a test",
      params: z.strictObject({ thing: z.string() }),
      stream: shelfStream,
      command: "AddBookToShelf",
      refusals: ["shelf_full"],
      sent: ({ params }) => params,
      async run(_readerId, { thing }) {
        if (thing === "full") throw new CommandRefused("shelf_full", "no");
        if (thing === "same") return { ...written, outcome: "unchanged", events: [] };
        return { ...written, outcome: thing === "newer" ? "repeated" : "appended" };
      },
    }),
    queryEndpoint({
      path: "/v1/things",
      summary: "For a test",
      access: "open",
      response: z.unknown(),
      problems: [],
      reads: [],
      handle: async () => ({}),
    }),
  ];
  api = await startApi(endpoints, { pages: { "/metrics": metricsPage(metrics) }, onAnswered: countRequests(metrics) });
});
afterAll(() => api.close());

const scrape = async () => (await fetch(`${api.url}/metrics`)).text();

test("commands are counted by outcome and requests by route, never by what a client made up", async () => {
  for (const thing of ["new", "newer", "same", "full"]) await api.fetch(`/v1/things/${thing}`, { method: "PUT" });
  await api.fetch("/v1/things/a?x=1", { method: "PUT" });
  await api.fetch("/v1/things/a", { method: "PUT", headers: { authorization: "" } });
  for (const path of ["/v1/things", "/v1/things", "/v1/things?x=1", "/wp-login.php"]) await api.fetch(path);
  await api.fetch("/v1/things", { method: "PROPFIND" });

  const command = 'command="PUT /v1/things/{thing}"';
  const lines = {
    [`heima_commands_total{${command},outcome="done",service="api"}`]: 2,
    [`heima_commands_total{${command},outcome="unchanged",service="api"}`]: 1,
    [`heima_commands_total{${command},outcome="shelf_full",service="api"}`]: 1,
    [`heima_commands_total{${command},outcome="invalid_request",service="api"}`]: 1,
    [`heima_commands_total{${command},outcome="token_missing",service="api"}`]: 1,
    [`heima_command_duration_seconds_count{service="api",${command}}`]: 3,
    'heima_http_requests_total{method="PUT",route="/v1/things/{thing}",status="200",service="api"}': 3,
    'heima_http_requests_total{method="GET",route="/v1/things",status="200",service="api"}': 2,
    'heima_http_requests_total{method="GET",route="/v1/things",status="400",service="api"}': 1,
    'heima_http_requests_total{method="any",route="none",status="404",service="api"}': 1,
    'heima_http_requests_total{method="any",route="none",status="405",service="api"}': 1,
  };
  await expect.poll(scrape).toContain('route="none",status="405"');
  const text = await scrape();
  for (const [series, value] of Object.entries(lines)) expect(text).toContain(`${series} ${value}\n`);
  expect(text).not.toMatch(/wp-login|PROPFIND/);
});

test("the page is Prometheus's text format, takes GET only, and does not count itself", async () => {
  const response = await fetch(`${api.url}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const text = await response.text();
  expect(text).toContain("nodejs_eventloop_lag_seconds");
  expect(text).toContain('heima_log_lines_lost_total{service="api"} 0\n');
  expect(text).not.toContain('route="/metrics"');
  const refused = await fetch(`${api.url}/metrics`, { method: "POST" });
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("the page is written once for all who ask within a second", async () => {
  let written = 0;
  let now = 0;
  const counting = {
    contentType: "text/plain",
    async metrics() {
      written += 1;
      return `written ${written}`;
    },
  };
  const watched = await startApi([], { pages: { "/metrics": metricsPage(counting, () => now) } });
  const read = async () => (await fetch(`${watched.url}/metrics`)).text();
  try {
    expect(new Set(await Promise.all(Array.from({ length: 50 }, read)))).toEqual(new Set(["written 1"]));
    now = 999;
    expect(await read()).toBe("written 1");
    now = 1_000;
    expect(await read()).toBe("written 2");
  } finally {
    await watched.close();
  }
});
