/** A client's connection that reconnects whenever it is lost, for whatever reason. */

/** A link that has received nothing for this long counts as dead, even if the socket is still open. */
const SILENCE_MS = 3000;
const LOOK_MS = 250;
const BACK_AFTER_MS = 150;
const LOGIN_ID = "login";

export interface Message {
  id?: string | number;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; details?: Record<string, unknown> };
  stream?: string;
  data?: Record<string, unknown>;
}

export interface LinkCounts {
  dropped: number;
  silent: number;
  closed: number;
}

export abstract class Link {
  protected socket: WebSocket | null = null;
  readonly #url: string;
  readonly #counts: LinkCounts;
  #heardAt = 0;
  #isEnded = false;
  #isReady = false;
  readonly #timer: Timer;

  constructor(url: string, counts: LinkCounts) {
    this.#url = url;
    this.#counts = counts;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Connected, and everything that the client needs to go on has arrived. */
  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    this.#isReady = false;
    const socket = new WebSocket(this.#url, "waiver.json");
    this.socket = socket;
    this.#heardAt = performance.now();
    socket.onopen = () => this.onOpen();
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return;
      this.#heardAt = performance.now();
      this.onMessage(JSON.parse(String(data)) as Message, String(data));
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.#counts.closed++;
      this.#comeBack();
    };
    socket.onerror = () => undefined;
  }

  /** Ends the connection as a crash of the client would. */
  drop(): void {
    if (this.socket === null) return;
    this.#counts.dropped++;
    this.#comeBack();
  }

  end(): void {
    this.#isEnded = true;
    clearInterval(this.#timer);
    const { socket } = this;
    this.socket = null;
    socket?.terminate();
  }

  protected abstract onOpen(): void;
  protected abstract onMessage(message: Message, text: string): void;

  protected ready(): void {
    this.#isReady = true;
  }

  protected send(id: string | number, method: string, params: object): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ id, method, params }));
  }

  protected login(key: { api_key: string; api_secret: string }): void {
    this.send(LOGIN_ID, "auth.login", { api_key: key.api_key, api_secret: key.api_secret });
  }

  protected isLogin({ id }: Message): boolean {
    return id === LOGIN_ID;
  }

  #look(): void {
    if (this.socket === null) return;
    this.send("alive", "ping", {});
    if (performance.now() - this.#heardAt < SILENCE_MS) return;
    this.#counts.silent++;
    this.#comeBack();
  }

  #comeBack(): void {
    const { socket } = this;
    this.socket = null;
    this.#isReady = false;
    socket?.terminate();
    if (!this.#isEnded) setTimeout(() => this.#isEnded || this.start(), BACK_AFTER_MS);
  }
}
