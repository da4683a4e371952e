import { z } from "zod";
import type { StateCodec } from "../../domain/decider.ts";
import { KnownCommands } from "../knownCommands.ts";
import type { StreamState } from "../streamState.ts";

/** Raise it when the format around the state changes. */
const form = 2;

/** The version under which a snapshot is stored and found: that of the format and that of the state. */
export function versionOf({ version }: Pick<StateCodec<unknown>, "version">): string {
  return `${form}.${version}`;
}

const bigint = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);
const texts = z.array(z.string());
const stored = z.strictObject({
  position: bigint,
  books: texts,
  state: z.unknown(),
  // id, hash, revision, position, types, books
  known: z.array(z.tuple([z.string(), z.string(), bigint, bigint, texts, texts])),
  // fingerprint, revision, events
  older: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative(), z.int().positive()])),
});

/** A stream state as JSON, without its name and revision. The stream must have an event. */
export function snapshotText<State>(
  { state, position, books, known }: StreamState<State>,
  codec: StateCodec<State>,
): string {
  const { whole, older } = known.contents();
  const text = {
    position: String(position),
    books: [...books],
    state: codec.encode(state),
    known: whole.map(
      ([id, { hash, revision, position: at, types, books: concerned }]) =>
        [id, hash, String(revision), String(at), [...types], [...concerned]] satisfies z.input<
          typeof stored
        >["known"][number],
    ),
    older: [...older],
  } satisfies z.input<typeof stored>;
  return JSON.stringify(text);
}

/** Parses what `snapshotText` returned. Throws for anything else. */
export function fromSnapshotText<State>(
  stream: string,
  { revision, eventId }: { readonly revision: bigint; readonly eventId: string },
  text: string,
  codec: StateCodec<State>,
): StreamState<State> {
  const { position, books, state, known, older } = stored.parse(JSON.parse(text));
  return {
    stream,
    revision,
    eventId,
    position,
    books,
    state: codec.decode(state),
    readAt: 0,
    known: new KnownCommands(
      known.map(([id, hash, revision, position, types, books]) => [id, { hash, revision, position, types, books }]),
      older,
    ),
  };
}
