/** A file of the trading page, as a browser gets it. */
export interface PageFile {
  /** Without a directory. All names but that of the HTML have a hash of the content in them. */
  readonly name: string;
  /** `Content-Type`. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
