/** One request: a line of a file of requests, or a generated one. */
export type Request = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string;
  /** The media type of the body, if not the client's default. */
  readonly type?: string;
};

/**
 * Reads `METHOD PATH BODY`, one request a line. `{{type}}` before the body is its media type; a body that begins with `@@` has `|` for line
 * feeds, as bulks need them. Lines with `#` are headings.
 */
export function parseRequests(text: string): Request[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, method = "", path = "", rest = ""] = /^(\S+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
      const [, type, body = ""] = /^(?:\{\{(.*?)\}\})?(.*)$/.exec(rest) ?? [];
      const lines = body.startsWith("@@") ? body.slice(2).replaceAll("|", "\n") : body;
      return { method, path, ...(lines === "" ? {} : { body: lines }), ...(type === undefined ? {} : { type }) };
    });
}
