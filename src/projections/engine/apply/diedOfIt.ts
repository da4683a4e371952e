import { type Codec, InvalidEvent } from "../../../event-store/codec.ts";

/** The error of an event that was parked because workers died of it: whoever folds it may die of it too. */
export const diedOfIt = "its worker died of it";

/** A codec that refuses one event instead of having it folded. */
export function refusing(codec: Codec, eventId: string): Codec {
  return {
    ...codec,
    decode(event) {
      if (event.id === eventId) throw new InvalidEvent(diedOfIt);
      return codec.decode(event);
    },
  };
}
