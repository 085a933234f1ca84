/** Readiness by component. */
import { oncePerTurn } from "../lib/once-per-turn.ts";
import type { Component } from "../protocol/schemas/admin-replies.ts";
import { jsonTextResponse } from "./http/responses.ts";

export type Status = Component["status"];

export interface Readiness {
  status: Status;
  components: Record<string, Component>;
}

/** How often the components are looked at when nobody asks, so that their `since` is right. */
const LOOK_MS = 1000;

export class Health {
  readonly #components = new Map<string, () => Component>();
  readonly #answer = oncePerTurn(() => {
    const readiness = this.readiness();
    return { text: JSON.stringify(readiness), status: readiness.status === "failed" ? 503 : 200 };
  });

  /** Adds a component. `read` is called at every request and every second. */
  add(name: string, read: () => Component): void {
    this.#components.set(name, read);
  }

  /**
   * Adds a component that is degraded, or of the `status` that is given, while `reason` returns a text. `now`: milliseconds
   * since 1970.
   */
  addReason(
    name: string,
    reason: () => string | null,
    now: () => number,
    status: () => Status = () => "degraded",
  ): void {
    const state = new HealthState(now);
    this.add(name, () => {
      const trouble = reason();
      if (trouble === null) state.set("ok");
      else state.set(status(), trouble);
      return state.read();
    });
  }

  /** Looks at the components every second until it is disposed of. */
  watch(): Disposable {
    const timer = setInterval(() => this.readiness(), LOOK_MS);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /** All components, and the worst of their states. */
  readiness(): Readiness {
    const components: Record<string, Component> = {};
    let status: Status = "ok";
    for (const [name, read] of this.#components) {
      const component = read();
      components[name] = component;
      if (component.status === "failed") status = "failed";
      else if (component.status === "degraded" && status === "ok") status = "degraded";
    }
    return { status, components };
  }

  /**
   * Answers 200 while the exchange can trade, degraded or not; 503 otherwise. Computed once for all requests of one turn of
   * the event loop.
   */
  respond(): Response {
    const { text, status } = this.#answer();
    return jsonTextResponse(text, { status });
  }
}

/** The state of a component that is set by calls, with the time of its last change. */
export class HealthState {
  #component: Component;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#component = { status: "ok", since: now() };
  }

  set(status: Status, reason?: string): void {
    const since = status === this.#component.status ? this.#component.since : this.#now();
    this.#component = reason === undefined ? { status, since } : { status, reason, since };
  }

  read = (): Component => this.#component;
}
