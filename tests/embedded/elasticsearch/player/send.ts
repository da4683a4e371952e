import { Client, errors, HttpConnection } from "@elastic/elasticsearch";
import type { Request } from "./request.ts";

/** The compared part of an answer: its status and its body. */
export type Answer = { readonly status: number; readonly body: unknown };

export type Sender = { send(request: Request): Promise<Answer>; close(): Promise<void> };

/** Sends requests by the official client, which returns errors as answers. */
export function createSender(url: string): Sender {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: 600_000, Connection: HttpConnection });
  return {
    async send({ method, path, body, type }) {
      const [pathname = "/", query] = path.split(/\?(.*)/s);
      const isBulk = pathname.endsWith("/_bulk") || pathname.endsWith("/_msearch");
      const params = {
        method,
        path: pathname,
        ...(query ? { querystring: Object.fromEntries(new URLSearchParams(query)) } : {}),
      };
      // Lines are sent unchanged: the client would terminate the last one.
      const content = body === undefined ? {} : isBulk ? { bulkBody: body } : { body };
      const usual = `application/vnd.elasticsearch+${isBulk ? "x-ndjson" : "json"}; compatible-with=9`;
      const headers = {
        "content-type": type ?? usual,
        accept: type === undefined ? "application/vnd.elasticsearch+json; compatible-with=9" : "*/*",
      };
      try {
        const answer = await client.transport.request({ ...params, ...content }, { headers, meta: true });
        return { status: answer.statusCode ?? 0, body: method === "HEAD" ? null : answer.body };
      } catch (error) {
        if (!(error instanceof errors.ResponseError)) throw error;
        return { status: error.statusCode ?? 0, body: method === "HEAD" ? null : error.meta.body };
      }
    },
    close: () => client.close(),
  };
}
