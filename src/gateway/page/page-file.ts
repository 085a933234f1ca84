/** A file of the trading page, as a browser gets it. */
export interface PageFile {
  /** Without a folder. That of all but the HTML has a hash of the content in it. */
  readonly name: string;
  /** `Content-Type`. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
