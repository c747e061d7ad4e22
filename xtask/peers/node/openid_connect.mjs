// openid-client (npm) as a strict OpenID Connect client: it is told the issuer and nothing else,
// and verifies the ID token's signature with the keys that it finds from there.

import assert from 'node:assert/strict'

import * as client from 'openid-client'

import { Browser } from './browser.mjs'
import { check, everybody, readStage } from './checks.mjs'

const stage = await readStage()
const { id, secret, redirect_uri, id_token_algorithm, switches } = stage.application
const isStandard = switches.includes('standard_claims')
const who = `openid-client, ${id_token_algorithm}`

const config = await client.discovery(
  new URL(stage.auth),
  id,
  { id_token_signed_response_alg: id_token_algorithm },
  client.ClientSecretBasic(secret),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
)

async function begin(more = {}) {
  const [verifier, nonce, state] = [
    client.randomPKCECodeVerifier(),
    client.randomNonce(),
    client.randomState(),
  ]
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
    ...more,
  })
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }
  return { url, checks: { ...checks, idTokenExpected: true } }
}

async function answered(person, more) {
  const { url, checks } = await begin(more)
  const { url: end, html } = await new Browser().logIn(url, redirect_uri, stage.district, person)
  assert.ok(!html, `stopped at ${end}`)
  return { end, checks }
}

async function logIn(person) {
  const { end, checks } = await answered(person)
  assert.equal(end.searchParams.get('iss'), stage.auth)
  const tokens = await client.authorizationCodeGrant(config, end, checks)
  return { claims: tokens.claims(), token: tokens.access_token, idToken: tokens.id_token }
}

const rejects = async (grant, words) =>
  assert.rejects(grant, (error) => {
    const said = [error.error, error.code, error.message, error.cause?.message].join(' ')
    assert.match(said, words)
    return true
  })

await check(`${who}: discovery says what the client needs`, async () => {
  const found = config.serverMetadata()
  assert.equal(found.issuer, stage.auth)
  assert.ok(found.supportsPKCE('S256'))
  assert.ok(found.id_token_signing_alg_values_supported.includes(id_token_algorithm))
  assert.equal(found.authorization_response_iss_parameter_supported, true)
})

const people = everybody(stage)
for (const person of people) {
  await check(`${who}: ${person.said} logs in`, async () => {
    const { claims, token, idToken } = await logIn(person)
    const header = JSON.parse(Buffer.from(idToken.split('.')[0], 'base64url'))
    assert.equal(header.alg, id_token_algorithm)
    assert.match(claims.sub, /^[0-9a-f]{24}$/)
    assert.equal(claims.user_type, person.role)
    assert.equal(claims.district, stage.district.id)
    // `fetchUserInfo` refuses an answer about anybody but the subject of the ID token.
    const info = await client.fetchUserInfo(config, token, claims.sub)
    for (const said of [claims, info]) {
      assert.equal(said.given_name, person.first)
      assert.equal(said.family_name, person.last)
      assert.equal(said.email ?? '', person.email)
      if (person.email) assert.equal(said.email_verified, switches.includes('email_verified'))
    }
    if (isStandard) assert.equal(info.name, `${person.first} ${person.last}`)
    else assert.deepEqual(info.name, { first: person.first, last: person.last })
  })
}

await check(`${who}: the subject is the same each time and another for another person`, async () => {
  const [first, again, other] = [
    await logIn(stage.student),
    await logIn(stage.student),
    await logIn(stage.teacher),
  ]
  assert.equal(first.claims.sub, again.claims.sub)
  assert.notEqual(first.claims.sub, other.claims.sub)
})

await check(`${who}: another nonce is refused by the client`, async () => {
  const { end, checks } = await answered(stage.student)
  const grant = client.authorizationCodeGrant(config, end, { ...checks, expectedNonce: 'another' })
  await rejects(grant, /nonce/)
})

await check(`${who}: another code verifier is refused by us`, async () => {
  const { end, checks } = await answered(stage.student)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  await rejects(
    client.authorizationCodeGrant(config, end, { ...checks, pkceCodeVerifier }),
    /invalid_grant/,
  )
})

await check(`${who}: another issuer in the answer is refused by the client`, async () => {
  const { end, checks } = await answered(stage.student)
  end.searchParams.set('iss', 'https://elsewhere.example')
  await rejects(client.authorizationCodeGrant(config, end, checks), /iss/)
})

await check(`${who}: prompt=none without a session is told so`, async () => {
  const { end, checks } = await answered(stage.student, { prompt: 'none' })
  await rejects(client.authorizationCodeGrant(config, end, checks), /login_required/)
})

if (switches.includes('pkce_required')) {
  await check(`${who}: a request without a code challenge is refused`, async () => {
    const { url, checks } = await begin()
    for (const name of ['code_challenge', 'code_challenge_method']) url.searchParams.delete(name)
    const browser = new Browser()
    const { url: end } = await browser.logIn(url, redirect_uri, stage.district, stage.student)
    await rejects(client.authorizationCodeGrant(config, end, checks), /invalid_request/)
  })
}

for (const [door, open] of [
  ['a tile', (browser) => browser.launch(stage, stage.student)],
  ['an Instant Login Link', (browser) => browser.followLink(stage, stage.student)],
]) {
  await check(`${who}: ${door} leads to a login of its own, without a page`, async () => {
    const browser = new Browser()
    const { url: arrived } = await open(browser)
    assert.equal(arrived.searchParams.has('state'), false)
    const { url, checks } = await begin()
    const { url: end } = await browser.open(url, { stop: redirect_uri })
    const tokens = await client.authorizationCodeGrant(config, end, checks)
    assert.equal(tokens.claims().given_name, stage.student.first)
  })
}
