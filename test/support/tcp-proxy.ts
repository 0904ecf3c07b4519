import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A way to a port of 127.0.0.1 that can be cut. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refusing = false;
  readonly port: number;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => this.#join(client, target));
  }

  static async to(target: number): Promise<TcpProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(server, target);
  }

  /** Resets every connection; new ones are reset as well until `mend`. */
  cut(): void {
    this.#refusing = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#refusing = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket, target: number): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const backend = connect(target, "127.0.0.1");
    for (const [socket, other] of [[client, backend], [backend, client]] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on("error", () => other.destroy());
      socket.on("close", () => { this.#sockets.delete(socket); other.destroy(); });
    }
  }
}
