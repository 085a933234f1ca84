/** The page's WebSockets, between it and the exchange, in the hands of a test. */
import type { Page, WebSocketRoute } from "playwright-core";

export interface Lines {
  /** Ends those that are open, and every new one until `allow`; resolves when the page says that it is offline. */
  lose(): Promise<void>;
  allow(): void;
}

/** Of one endpoint; call it before the page opens them. */
export async function holdLines(page: Page, endpoint: string): Promise<Lines> {
  const open = new Set<WebSocketRoute>();
  let isAllowed = true;
  await page.routeWebSocket(
    (url) => url.pathname.endsWith(`/${endpoint}`),
    (line) => {
      if (!isAllowed) {
        void line.close({ code: 1011 });
        return;
      }
      line.connectToServer();
      open.add(line);
    },
  );
  return {
    lose: async () => {
      isAllowed = false;
      for (const line of open) await line.close({ code: 1011 });
      open.clear();
      await page.getByRole("status", { name: "Connection" }).getByText("Offline").waitFor();
    },
    allow: () => {
      isAllowed = true;
    },
  };
}

export interface Frames {
  /** What the exchange says from now on waits. */
  hold(): void;
  release(): void;
  /** Ends the lines that are open. */
  lose(): Promise<void>;
}

/** What the exchange says on one endpoint, or the frames of it that are meant; call it before the page opens it. */
export async function holdFrames(
  page: Page,
  endpoint: string,
  isMeant: (frame: string) => boolean = () => true,
): Promise<Frames> {
  const held: (() => void)[] = [];
  const open = new Set<WebSocketRoute>();
  let isHeld = false;
  await page.routeWebSocket(
    (url) => url.pathname.endsWith(`/${endpoint}`),
    (line) => {
      open.add(line);
      line.connectToServer().onMessage((frame) => {
        if (isHeld && isMeant(String(frame))) held.push(() => line.send(frame));
        else line.send(frame);
      });
    },
  );
  return {
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      for (const send of held.splice(0)) send();
    },
    lose: async () => {
      for (const line of open) await line.close({ code: 1011 });
      open.clear();
    },
  };
}
