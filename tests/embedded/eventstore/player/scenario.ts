/* The format of the recordings: one scenario per line, in JSON. */

export type ProposedEvent = {
  /** A number stands for an id of the scenario; a text is sent unchanged. */
  id?: number | string;
  type?: string;
  /** A text, `base64:…`, or a number of bytes. `{name}` in a text stands for the stream's name in this run. */
  data?: string | number;
  meta?: string;
  binary?: boolean;
  metadata?: Record<string, string>;
};

export type Expected = "any" | "no_stream" | "stream_exists" | number | undefined;

export type BatchPart = {
  correlation: number;
  stream?: string;
  expected?: Expected;
  events?: ProposedEvent[];
  final?: boolean;
  omitOptions?: boolean;
  deadlineMs?: number | null;
  noAnswer?: boolean;
};

export type From = "start" | "end" | "mark" | number | { step: number; event?: number; append?: number; plus?: number };

export type ReadStep = {
  op: "read" | "subscribe";
  as?: string;
  stream?: string;
  all?: boolean;
  from?: From;
  backwards?: boolean;
  count?: number | null;
  filter?: { by?: "stream" | "type"; regex?: string; prefixes?: string[]; max?: number; multiplier?: number };
  resolveLinks?: boolean;
  compatibility?: number;
  structuredUuid?: boolean;
  ignoreCheckpoints?: boolean;
  omitOptions?: boolean;
  omitFilter?: boolean;
  omitUuid?: boolean;
};

export type AppendStep = {
  op: "append";
  stream?: string;
  expected?: Expected;
  events?: ProposedEvent[];
  omitOptions?: boolean;
  optionsAgain?: boolean;
};

export type BatchStep = { op: "batch"; appends: BatchPart[]; patience?: number; hangUp?: boolean; linger?: boolean };

export type Step =
  | AppendStep
  | BatchStep
  | ReadStep
  | { op: "delete" | "tombstone"; stream: string; expected?: Expected; omitOptions?: boolean }
  | { op: "take"; as: string; atLeast?: number }
  | { op: "cancel"; as: string }
  | { op: "wait"; ms: number }
  | { op: "features"; service?: string }
  | { op: "gossip" };

export type Scenario = {
  name: string;
  steps: Step[];
  /** One for each step; `also` has others that were seen, by the step's number. */
  answers: Json[];
  also?: Record<string, Json[]>;
  /** Milliseconds to wait after each write: EventStoreDB finishes some work after its answer. */
  settle?: number;
  /** Equality is not required. */
  beyond?: boolean;
};

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
