/** What nobody should be told, whatever he does: a mistake of the exchange's. */
import type { AttackReport } from "./plan.ts";
import { tallyText } from "./tally.ts";

/** Codes of 5xxxx and statuses of 5xx but those of overload and shutting down: internal, storage. */
const WRONG_ANSWER = /^(HTTP )?5(?!03)/;
/** Closed for a mistake, or refused for one. */
const WRONG_CLOSE = /^(1011|refused 5(?!03).*)$/;

/** A sentence, or none. */
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
