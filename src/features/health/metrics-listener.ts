import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../../operations/metrics.js';

/** Serves `/metrics`, and nothing else, on a port of its own that needs no token: for the network of the cluster only. */
export class MetricsListener {
  private constructor(
    private readonly server: Server,
    /** Where the metrics are. */
    readonly url: string,
  ) {}

  /** @throws Error when the port is taken */
  static async start(metrics: Metrics, host: string, port: number): Promise<MetricsListener> {
    const server = createServer((request, response) => {
      const isAsked = request.url?.split('?', 1)[0] === '/metrics' && ['GET', 'HEAD'].includes(request.method ?? '');
      if (!isAsked) {
        response.writeHead(404).end();
        return;
      }
      metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    server.listen(port, host);
    await once(server, 'listening');
    const { address, family, port: bound } = server.address() as AddressInfo;
    const name = family === 'IPv6' ? `[${address}]` : address;
    return new MetricsListener(server, `http://${name}:${bound}/metrics`);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
