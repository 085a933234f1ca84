/** The control port for an operator: it puts the name of his token on each command. */
import type { ControlCommand, ControlPort, ControlReply } from "../router/control.ts";

export class OperatorControl implements ControlPort {
  constructor(
    private readonly control: ControlPort,
    /** Name of the operator's token. */
    private readonly name: string,
  ) {}

  submit(command: ControlCommand): Promise<ControlReply> {
    return this.control.submit({ ...command, by: this.name });
  }

  read<T>(read: () => T): Promise<T> {
    return this.control.read(read);
  }
}
