/** Serves `user_data.resume`: sends events of an account again. */
import { ErrorCode } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { accountName } from "../../protocol/names.ts";
import { methods, type Params, type Result } from "../../protocol/schemas.ts";
import { weightOf, weightOfTold } from "../../protocol/weight.ts";
import type { AccountStreams } from "../../records/account-streams.ts";
import { accountOf, type Caller, isLoggedIn } from "../../trading/caller.ts";
import type { DurableReads } from "../../trading/durable-reads.ts";
import { failure, type Outcome } from "../../trading/outcome.ts";
import type { Session } from "./session.ts";
import type { UserData } from "./user-data.ts";

export class UserDataResume {
  readonly #reads: DurableReads;
  readonly #streams: AccountStreams;
  readonly #userData: UserData;

  constructor(reads: DurableReads, streams: AccountStreams, userData: UserData) {
    this.#reads = reads;
    this.#streams = streams;
    this.#userData = userData;
  }

  /**
   * Sends the answer first, then every event from the requested one on, then new ones. A connection tells the account of its
   * login and no other: events of two accounts could not be told apart, and each has a `seq` of its own.
   */
  resume(
    session: Session,
    caller: Caller,
    params: Params<"user_data.resume">,
    answer: (outcome: Outcome<Result<"user_data.resume">>) => void,
  ): void {
    // The first event is number 1.
    const from = Math.max(1, params.from_seq);
    const named = isLoggedIn(caller) ? accountOf(caller, params.account_id) : null;
    const account = named === caller.account ? named : null;
    const { cost } = methods["user_data.resume"];
    const weightOfAll = weightOfTold(cost, this.#eventsFrom(account, from));
    const read = (): Outcome<Result<"user_data.resume">> => {
      if (named === null) return failure(ErrorCode.NOT_YOUR_ACCOUNT);
      return account === null ? otherAccount(caller.account) : this.#range(account, from);
    };
    const weight = weightOf(cost, params, 0);
    const onAnswer = (outcome: Outcome<Result<"user_data.resume">>): void => {
      answer(outcome);
      const isSame = session.socket !== null && session.login?.caller === caller;
      if ("result" in outcome && account !== null && isSame) {
        this.#userData.replay(session, account, from);
      }
    };
    const needs = { access: "login", source: "records" } as const;
    this.#reads.run(caller, needs, weight, read, onAnswer, weightOfAll);
  }

  /** How many of the requested events are still kept. */
  #eventsFrom(account: number | null, from: number): number {
    if (account === null) return 0;
    const first = Math.max(from, this.#streams.oldestSeq(account));
    return Math.max(0, this.#streams.lastSeq(account) - first + 1);
  }

  /** The events that will be sent again, or why that is not possible. */
  #range(account: number, from: number): Outcome<Result<"user_data.resume">> {
    const last = this.#streams.lastSeq(account);
    const oldest = this.#streams.oldestSeq(account);
    if (from > last + 1) {
      const issue = `Must be at most ${last + 1}, the number of the next event`;
      return { error: invalidParameters("user_data.resume", [{ field: "from_seq", issue }]) };
    }
    if (from < oldest) return failure(ErrorCode.REPLAY_UNAVAILABLE, { oldest_seq: oldest });
    return { result: { account_id: accountName(account), from_seq: from, last_seq: last } };
  }
}

/** The error for another account of the user than that of the connection's login. */
function otherAccount(account: number): Outcome<Result<"user_data.resume">> {
  const issue = `This connection tells ${accountName(account)}: log in for the other account`;
  return { error: invalidParameters("user_data.resume", [{ field: "account_id", issue }]) };
}
