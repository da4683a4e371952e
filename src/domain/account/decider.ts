import type { Decider } from "../decider.ts";
import type { AccountEvent } from "./events.ts";

export type Account = { readonly registered: boolean };

export type AccountCommand = { readonly type: "RegisterReader"; readonly via: "wechat" };

export const accountDecider: Decider<Account, AccountCommand, AccountEvent> = {
  initialState: { registered: false },

  evolve(_account, event) {
    switch (event.type) {
      case "ReaderRegistered":
        return { registered: true };
    }
  },

  decide(command, account) {
    switch (command.type) {
      case "RegisterReader":
        return account.registered ? [] : [{ type: "ReaderRegistered", data: { via: command.via } }];
    }
  },
};
