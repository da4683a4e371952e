import type { Decider } from "../decider.ts";
import type { AccountEvent } from "./events.ts";

export type Account = { readonly registered: boolean; readonly profileId: string | undefined };

export type AccountCommand =
  | { readonly type: "RegisterReader"; readonly via: "wechat" }
  | { readonly type: "ChangeProfile"; readonly profileId: string; readonly via: "wechat" };

export const accountDecider: Decider<Account, AccountCommand, AccountEvent> = {
  initialState: { registered: false, profileId: undefined },

  evolve(account, event) {
    switch (event.type) {
      case "ReaderRegistered":
        return { ...account, registered: true };
      case "ReaderProfileChanged":
        return { ...account, profileId: event.data.profileId };
    }
  },

  decide(command, account) {
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
