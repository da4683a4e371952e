/** The receiver of the messages of a read or a subscription. */
export type Receiver = {
  /** Sends a message; returns a promise if the receiver is full, resolved when it has room for the next one. */
  send(message: Buffer): Promise<void> | undefined;
  /** True after the receiver has gone. */
  over(): boolean;
  /** Resolves when the receiver has gone. */
  whenOver: Promise<void>;
};
