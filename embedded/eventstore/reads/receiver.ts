/** The receiver of the messages of a read or a subscription. */
export type Receiver = {
  /** Sends a message; a promise when the receiver is full, resolved when it has room for the next one. */
  send(message: Buffer): Promise<void> | undefined;
  /** True when nobody listens any more. */
  over(): boolean;
  /** Resolves when nobody listens any more. */
  whenOver: Promise<void>;
};
