import { afterAll, beforeAll, expect, test } from "vitest";
import { docsAndMetricsPages } from "../../src/http/docsAndMetricsPages.ts";
import { describedEndpoints, documented } from "./openapi/described.ts";
import { startApi } from "./startApi.ts";

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const metrics = { contentType: "text/plain", metrics: async () => "" };
  api = await startApi([], { pages: docsAndMetricsPages(describedEndpoints(), "1.2.3", metrics) });
});
afterAll(() => api.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.url}${path}`, { headers });

test("the document is served with an ETag, and 304 to a client that has it", async () => {
  const response = await get("/openapi.json");
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(documented("1.2.3"))));
  const etag = response.headers.get("etag")!;
  const again = await get("/openapi.json", { "if-none-match": etag, "cache-control": "max-age=0" });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("the page is made of what is served here alone, and its policy lets in no other script", async () => {
  const response = await get("/docs");
  const html = await response.text();
  const policy = response.headers.get("content-security-policy")!;
  expect(policy).toMatch(/default-src 'none'.*script-src 'self';/);
  expect(policy.split("; ").find((part) => part.startsWith("script-src"))).toBe("script-src 'self'");
  expect(html).not.toMatch(/https?:|<script>|\son\w+=/);
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => new URL(link!, `${api.url}/docs`));
  expect(links.map(({ origin }) => origin)).toEqual(links.map(() => api.url));
  expect(links).toHaveLength(4);
  for (const link of links) {
    const file = await fetch(link);
    expect([link.pathname, file.status]).toEqual([link.pathname, 200]);
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(100);
  }
});

test("its script asks for the document here, and nobody else to validate it", async () => {
  const start = await (await get("/docs/start.js")).text();
  const asked: Record<string, unknown>[] = [];
  const SwaggerUIBundle = Object.assign((options: Record<string, unknown>) => asked.push(options), { presets: {} });
  new Function("SwaggerUIBundle", start)(SwaggerUIBundle);
  expect(asked).toMatchObject([{ url: "openapi.json", dom_id: "#docs", validatorUrl: null }]);
  expect(await (await get("/docs")).text()).toContain('<div id="docs">');
});

test("a file of Swagger UI is packed if the client can unpack it, and kept for ever", async () => {
  const html = await (await get("/docs")).text();
  const script = /src="(docs\/[\d.]+\/swagger-ui-bundle\.js)"/.exec(html)?.[1];
  const packed = await get(`/${script}`, { "accept-encoding": "gzip" });
  const plain = await get(`/${script}`, { "accept-encoding": "identity" });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(packed.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(packed.headers.get("vary")).toContain("Accept-Encoding");
  const [a, b] = [await packed.text(), await plain.text()];
  expect(a === b && a.includes("SwaggerUIBundle")).toBe(true);
});
