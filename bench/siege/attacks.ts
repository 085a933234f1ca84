/** All attacks, in the order in which a siege runs them. */
import type { Attack } from "./attack.ts";
import { answerAttacks } from "./attacks/answers.ts";
import { commandAttacks } from "./attacks/commands.ts";
import { frameAttacks } from "./attacks/frames.ts";
import { gonePeerAttacks } from "./attacks/gone-peers.ts";
import { handshakeAttacks } from "./attacks/handshakes.ts";
import { httpAttacks } from "./attacks/http.ts";
import { httpTextAttacks } from "./attacks/http-text.ts";
import { memoryAttacks } from "./attacks/memory.ts";
import { passwordAttacks } from "./attacks/passwords.ts";
import { receiverAttacks } from "./attacks/receivers.ts";
import { requestTextAttacks } from "./attacks/request-text.ts";
import { requestAttacks } from "./attacks/requests.ts";
import { tableAttacks } from "./attacks/tables.ts";

export const ATTACKS: readonly Attack[] = [
  ...frameAttacks,
  ...answerAttacks,
  ...requestAttacks,
  ...memoryAttacks,
  ...httpAttacks,
  ...httpTextAttacks,
  ...passwordAttacks,
  ...receiverAttacks,
  ...handshakeAttacks,
  ...tableAttacks,
  ...commandAttacks,
  ...gonePeerAttacks,
  ...requestTextAttacks,
];
