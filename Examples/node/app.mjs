// node app.mjs

import { createServer } from 'node:http'
import { MynahAuth, Refused } from './mynah-auth.mjs'

const mynah = new MynahAuth(process.env.MYNAH_URL ?? 'http://localhost:8000', process.env.MYNAH_ISSUER)

async function orders(request, response) {
  const caller = await mynah.caller(request.headers, { scope: 'read' })
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ orders_of: caller.userId ?? caller.chatbotId, role: caller.role }))
}

createServer(async (request, response) => {
  try {
    if (request.url === '/orders') return await orders(request, response)
    response.writeHead(404).end()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    response.writeHead(error.status, error.headers).end(error.body)
  }
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
