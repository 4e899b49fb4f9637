import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web page of somebody else on this machine. */
export class Elsewhere {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** Serves this HTML at every path. */
  static async serve(html: string): Promise<Elsewhere> {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
      response.end(`<!doctype html><link rel="icon" href="data:,"><title>elsewhere</title>${html}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Elsewhere(server)
  }

  /** Its address on our site: the port does not count, so the browser sends our cookie along. */
  get sameSite(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Its address on another site. */
  get otherSite(): string {
    return this.sameSite.replace('127.0.0.1', 'localhost')
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
