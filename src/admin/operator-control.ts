/** The control port in an operator's hands. */
import type { ControlCommand, ControlPort, ControlReply } from "../router/control.ts";

export class OperatorControl implements ControlPort {
  constructor(
    private readonly control: ControlPort,
    /** Of his token. */
    private readonly name: string,
  ) {}

  submit(command: ControlCommand): Promise<ControlReply> {
    return this.control.submit({ ...command, by: this.name });
  }

  read<T>(read: () => T): Promise<T> {
    return this.control.read(read);
  }
}
