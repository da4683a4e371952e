import type { AnswerOf, Client } from "./client.js";
import { HeimaError, requireAnswerOfApi } from "./errors.js";
import { tell } from "./tell.js";

declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** What somebody may be about to type. */
export type Suggestion = AnswerOf<"GET /v1/search/suggest">["items"][number];

export interface SuggestionsOptions {
  client: Client;
  /** Is told what to show for the text of the search box as it is now; nothing for an empty one. */
  onSuggestions(items: readonly Suggestion[], text: string): void;
  /** Is told when there is no answer. What is shown may stay: the next letter asks again. */
  onProblem?(error: HeimaError): void;
  /** How long the box must rest before the API is asked, in milliseconds; 150 unless given. */
  waitMs?: number;
}

export interface Suggestions {
  /** The text of the search box changed. */
  typed(text: string): void;
  /** Answers that come now are not told any more: the page was left, or the search was sent. */
  stop(): void;
}

/** Suggestions while somebody types: one request a pause, and never those of a text that is not in the box any more. */
export function createSuggestions(options: SuggestionsOptions): Suggestions {
  const { client, onSuggestions, onProblem, waitMs = 150 } = options;
  let turn = 0;
  let timer: unknown;

  async function ask(text: string, asked: number): Promise<void> {
    try {
      const { items } = await client.send("GET /v1/search/suggest", { query: { q: text }, patience: { tries: 1 } });
      requireAnswerOfApi(Array.isArray(items));
      if (asked === turn) tell(() => onSuggestions(items, text));
    } catch (error) {
      if (!(error instanceof HeimaError)) throw error;
      if (asked === turn && onProblem !== undefined) tell(() => onProblem(error));
    }
  }

  return {
    typed(text) {
      const asked = ++turn;
      const wanted = text.trim();
      clearTimeout(timer);
      if (wanted === "") onSuggestions([], text);
      else timer = setTimeout(() => void ask(wanted, asked), waitMs);
    },
    stop() {
      turn++;
      clearTimeout(timer);
    },
  };
}
