/** A metric in an expression, with the labels of its selector and their values or patterns. */
export type Selected = { readonly metric: string; readonly matchers: readonly Matcher[] };
type Matcher = { readonly label: string; readonly operator: string; readonly value: string };

export type Expression = {
  readonly selected: readonly Selected[];
  /** What `by (…)` keeps, of all aggregations. */
  readonly by: readonly string[];
  readonly durations: readonly string[];
};

const token = /\s*(?:("(?:[^"\\]|\\.)*")|(\d[\w.]*)|([a-zA-Z_:][\w:]*)|(=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],]))/y;
const functions = new Set(["absent", "rate", "increase", "histogram_quantile", "sum", "max", "min", "count", "avg"]);

/** The metrics and labels in a PromQL expression of the form that our alerts use. Throws for anything else. */
export function parsePromql(text: string): Expression {
  const tokens = tokensOf(text);
  const selected: { metric: string; matchers: Matcher[] }[] = [];
  const by: string[] = [];
  const durations: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const [now = "", next] = [tokens[at], tokens[at + 1]];
    if (now === "by" && next === "(") {
      const close = tokens.indexOf(")", at);
      by.push(...tokens.slice(at + 2, close).filter((name) => name !== ","));
      at = close;
    } else if (now === "[") {
      durations.push(next ?? "");
      if (tokens[at + 2] !== "]") throw new Error(`a range does not end: ${text}`);
      at += 2;
    } else if (now === "{") {
      const close = tokens.indexOf("}", at);
      if (selected.length === 0 || close < 0) throw new Error(`a selector without a metric or an end: ${text}`);
      selected.at(-1)?.matchers.push(...matchersOf(tokens.slice(at + 1, close)));
      at = close;
    } else if (/^[a-zA-Z_:]/.test(now)) {
      if (next === "(" || next === "by") {
        if (!functions.has(now)) throw new Error(`${now} is not a function that is known here`);
      } else selected.push({ metric: now, matchers: [] });
    }
  }
  return { selected, by, durations };
}

function matchersOf(tokens: readonly string[]): Matcher[] {
  const matchers: Matcher[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const [label = "", operator = "", value = "", comma] = tokens.slice(at, at + 4);
    if (!/^(=|!=|=~|!~)$/.test(operator) || !value.startsWith('"') || (comma !== undefined && comma !== ",")) {
      throw new Error(`not a matcher: ${tokens.join(" ")}`);
    }
    matchers.push({ label, operator, value: JSON.parse(value) });
  }
  return matchers;
}

function tokensOf(text: string): string[] {
  const trimmed = text.trim();
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < trimmed.length) {
    const at = token.lastIndex;
    const found = token.exec(trimmed);
    if (found === null) throw new Error(`not PromQL at ${at}: ${text}`);
    tokens.push(found[0].trim());
  }
  return tokens;
}
