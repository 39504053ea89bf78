// Identifies callers with Mynah. Needs Node.js 18 or later, and no package.
//
// Access tokens are verified here with the keys that Mynah publishes. API keys are checked with GET /auth/verify, and
// the answer is cached for some seconds. While Mynah is away, tokens stay valid as long as their signing key is known,
// and keys for a minute; any other credential is 503.

import { createHash, createPublicKey, verify } from 'node:crypto'

const acceptedFor = 5_000, refusedFor = 1_000, staleFor = 60_000 // milliseconds
const keysInterval = 30_000, keysFreshFor = 600_000, peace = 1_000
const capacity = 10_000

/** What the caller is to be answered: Mynah's own refusal, or one in the same form. */
export class Refused extends Error {
  constructor(status, body, retryAfter) {
    super(`refused with ${status}`)
    this.status = status
    this.body = body
    this.headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
    if (status === 401) this.headers['WWW-Authenticate'] = 'Bearer'
    if (retryAfter) this.headers['Retry-After'] = String(retryAfter)
  }
}

const refusal = (status, code, message, retryAfter) =>
  new Refused(status, JSON.stringify({ error: { code, message } }), retryAfter)
const invalidToken = () => refusal(401, 'invalid_token', 'The token is not valid or has expired. Sign in again.')
const away = () => refusal(503, 'auth_unavailable', 'Credentials cannot be checked at the moment.', 5)
const isRefusal = error => error instanceof Refused && error.status !== 503
const parse = part => JSON.parse(Buffer.from(part, 'base64url').toString())

/** One for a whole process. */
export class MynahAuth {
  #url
  #issuer
  #timeout
  #keys = new Map()
  #keysFetched
  #keysTried
  #fetching
  #accepted = new Map()
  #refused = new Map()
  #questions = new Map()
  #awayUntil = 0

  /** `issuer` is Mynah's PUBLIC_URL, its address if left out; `mynah` accepts any address that Mynah signs with. */
  constructor(url, issuer, timeout = 3_000) {
    this.#url = url.replace(/\/$/, '')
    this.#issuer = issuer ?? this.#url
    this.#timeout = timeout
  }

  /** Who is calling: `{role, userId, workspaceId, chatbotId, scopes}`. Throws Refused. */
  async caller(headers, { roles = ['user', 'application'], scope } = {}) {
    const caller = await this.#identify(headers.authorization ?? '', headers['x-api-key'])
    if (!roles.includes(caller.role)) throw refusal(403, 'forbidden', 'You are not allowed to do this.')
    if (scope && caller.scopes && !caller.scopes.includes(scope)) {
      throw refusal(403, 'key_not_allowed', `This API key lacks the scope '${scope}'.`)
    }
    return caller
  }

  #identify(authorization, apiKey) {
    let key = apiKey
    if (key === undefined) {
      const [, bearer] = authorization.match(/^bearer (.*)$/i) ?? []
      if (bearer === undefined) {
        throw refusal(401, 'missing_credentials', "Send 'Authorization: Bearer …' or 'X-API-Key'.")
      }
      if (bearer.split('.').length === 3) return this.#verify(bearer) // a token has three parts; no key has
      key = bearer
    }
    if (!/^[!-~]{1,2048}$/.test(key)) throw refusal(401, 'invalid_api_key', 'This API key is not valid.')
    return this.#ask(key)
  }

  // Tokens

  async #verify(token) {
    const [head, body, signature] = token.split('.')
    let header, claims
    try {
      [header, claims] = [parse(head), parse(body)]
    } catch {
      throw invalidToken()
    }
    if (header?.alg !== 'ES256' || header.typ !== 'at+jwt' || typeof header.kid !== 'string') throw invalidToken()
    const key = await this.#key(header.kid)
    const isSigned = verify(
      'sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
    const now = Date.now() / 1000
    if (!isSigned || !this.#isIssuer(claims?.iss) || [claims.aud].flat().join() !== 'mynah' ||
      !(claims.exp + 5 > now) || (claims.nbf ?? 0) > now + 5 || typeof claims.sub !== 'string') throw invalidToken()
    return { role: 'user', userId: claims.sub }
  }

  #isIssuer(name) {
    return name === this.#issuer || this.#issuer === 'mynah' && /^https?:/.test(name)
  }

  async #key(kid) {
    const known = this.#keys.get(kid)
    if (!this.#fetching && this.#mayFetch(known)) {
      this.#keysTried = Date.now()
      this.#fetching = this.#fetchKeys().catch(() => {}).finally(() => { this.#fetching = undefined })
    }
    if (known) return known
    await this.#fetching
    const key = this.#keys.get(kid)
    if (!key) throw this.#keysFetched ? invalidToken() : away()
    return key
  }

  /** An unknown key id leads to Mynah once in 30 seconds, whatever tokens people make up. */
  #mayFetch(known) {
    if (known && Date.now() < this.#keysFetched + keysFreshFor) return false
    const failed = !this.#keysFetched || this.#keysTried > this.#keysFetched
    return !this.#keysTried || Date.now() >= this.#keysTried + (failed ? peace : keysInterval)
  }

  async #fetchKeys() {
    const response = await this.#get('/.well-known/jwks.json')
    if (!response.ok) throw new Error(`the key set is ${response.status}`)
    const { keys } = await response.json()
    this.#keys = new Map(
      keys.filter(key => key.alg === 'ES256').map(key => [key.kid, createPublicKey({ key, format: 'jwk' })]))
    this.#keysFetched = Date.now()
  }

  // Keys

  async #ask(key) {
    const digest = createHash('sha256').update(key).digest('base64')
    const now = Date.now()
    const accepted = this.#accepted.get(digest), refused = this.#refused.get(digest)
    if (accepted && now < accepted.at + acceptedFor) return accepted.caller
    if (refused && now < refused.at + refusedFor) throw refused.error
    try {
      if (!this.#questions.has(digest)) { // concurrent checks of one key share one call
        if (now < this.#awayUntil) throw away()
        this.#questions.set(digest, this.#question(key).finally(() => this.#questions.delete(digest)))
      }
      const caller = await this.#questions.get(digest)
      this.#remember(this.#accepted, digest, { caller, at: Date.now() })
      return caller
    } catch (error) {
      if (isRefusal(error)) {
        if (error.status !== 429) this.#accepted.delete(digest)
        this.#remember(this.#refused, digest, { error, at: Date.now() })
        throw error
      }
      if (now >= this.#awayUntil) this.#awayUntil = Date.now() + peace
      if (accepted && Date.now() < accepted.at + staleFor) return accepted.caller
      throw away()
    }
  }

  #remember(answers, digest, answer) {
    if (answers.size >= capacity) answers.clear()
    answers.set(digest, answer)
  }

  async #question(key) {
    const response = await this.#get('/auth/verify', { Authorization: `Bearer ${key}` })
    const told = name => response.headers.get(name) || undefined
    const body = await response.text()
    if (response.status === 204 && told('X-Auth-Role')) {
      return {
        role: told('X-Auth-Role'), userId: told('X-Auth-User'), workspaceId: told('X-Auth-Workspace'),
        chatbotId: told('X-Auth-Chatbot'), scopes: told('X-Auth-Scopes')?.split(' '),
      }
    }
    if ([401, 403, 429].includes(response.status)) throw new Refused(response.status, body, told('Retry-After'))
    throw away()
  }

  /** By `fetch`, which keeps connections open. */
  #get(path, headers = {}) {
    return fetch(this.#url + path, { headers, redirect: 'manual', signal: AbortSignal.timeout(this.#timeout) })
  }
}
