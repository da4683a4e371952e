import type { Decider } from "../decider.ts";
import type { AccountEvent } from "./events.ts";

export type Account = {
  readonly registered: boolean;
  readonly profileId: string | undefined;
  readonly erased: boolean;
};

export type AccountCommand =
  | { readonly type: "RegisterReader"; readonly via: "wechat" }
  | { readonly type: "ChangeProfile"; readonly profileId: string; readonly via: "wechat" }
  | { readonly type: "EraseReader" };

type AccountRefusal = "reader_erased";

export const accountDecider: Decider<Account, AccountCommand, AccountEvent, AccountRefusal> = {
  initialState: { registered: false, profileId: undefined, erased: false },

  evolve(account, event) {
    switch (event.type) {
      case "ReaderRegistered":
        return { ...account, registered: true };
      case "ReaderProfileChanged":
        return { ...account, profileId: event.data.profileId };
      case "ReaderErased":
        return { ...account, profileId: undefined, erased: true };
    }
  },

  decide(command, account) {
    if (command.type === "EraseReader") return account.erased ? [] : [{ type: "ReaderErased", data: {} }];
    if (account.erased) return { refused: "reader_erased", detail: "The reader's account was erased." };
    const { via } = command;
    switch (command.type) {
      case "RegisterReader":
        return account.registered ? [] : [{ type: "ReaderRegistered", data: { via } }];
      case "ChangeProfile": {
        const { profileId } = command;
        return account.profileId === profileId ? [] : [{ type: "ReaderProfileChanged", data: { profileId, via } }];
      }
    }
  },
};
