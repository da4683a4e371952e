export type Answer = { readonly status: number; readonly headers: Headers; readonly body: unknown };

/** Answers that ask for a retry: the process or a part of it is unavailable, or the outcome is unknown. */
const passing = new Set([502, 503, 504]);

/** Sends one request; undefined without an answer, or with one that asks for a repeat. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    if (passing.has(response.status)) return undefined;
    return { status: response.status, headers: response.headers, body: parsed(text) };
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The answer after a crash is no JSON; the status is enough.
    return text;
  }
}
