import { hostUrls } from '../settings/host-urls.js';
/** The hosts of a database, of which one is the next to be connected to. */
export class Hosts {
  private readonly urls: readonly string[];
  private index = 0;

  /** @throws TypeError as {@link hostUrls} does */
  constructor(url: string) {
    this.urls = hostUrls(url);
  }

  get count(): number {
    return this.urls.length;
  }

  /** The URL to connect by. */
  get current(): string {
    return this.urls[this.index] ?? '';
  }

  /** Makes the host after `url` the current one, unless that has been done since `url` was. */
  moveOn(url: string): void {
    if (this.current === url) this.index = (this.index + 1) % this.count;
  }
}
