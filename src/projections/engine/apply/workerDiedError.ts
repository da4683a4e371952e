import { type Codec, InvalidEvent } from "../../../event-store/codec.ts";

/**
 * The error of an event that was parked because workers died while applying it: any process that applies it may die
 * too.
 */
export const workerDiedError = "its worker died of it";

/** A codec that refuses one event, so that it is not applied. */
export function refusing(codec: Codec, eventId: string): Codec {
  return {
    ...codec,
    decode(event) {
      if (event.id === eventId) throw new InvalidEvent(workerDiedError);
      return codec.decode(event);
    },
  };
}
