/** Finds answers that no client should get, whatever it sends, because they mean a bug of the exchange. */
import type { AttackReport } from "./plan.ts";
import { tallyText } from "./tally.ts";

/** Internal errors and storage errors: codes 5xxxx and statuses 5xx, except those for overload and shutdown. */
const WRONG_ANSWER = /^(HTTP )?5(?!03)/;
/** Connections that were closed or refused because of an internal error. */
const WRONG_CLOSE = /^(1011|refused 5(?!03).*)$/;

/** One sentence about all wrong answers; an empty list if there are none. */
export function wrongAnswers({
  answers,
  closes,
}: Pick<AttackReport, "answers" | "closes">): string[] {
  const wrong = [
    ...Object.entries(answers).filter(([kind]) => WRONG_ANSWER.test(kind)),
    ...Object.entries(closes).filter(([how]) => WRONG_CLOSE.test(how)),
  ];
  return wrong.length === 0 ? [] : [`attackers were told ${tallyText(Object.fromEntries(wrong))}`];
}
