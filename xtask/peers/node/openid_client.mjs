// openid-client (npm) logs people in through our pages: the strictest library of the six.

import assert from 'node:assert/strict'

import * as client from 'openid-client'

import { Browser } from './browser.mjs'
import { check, everybody, readStage } from './checks.mjs'

const stage = await readStage()
const { id, secret, redirect_uri } = stage.application
const server = {
  issuer: stage.auth,
  authorization_endpoint: `${stage.auth}/oauth/authorize`,
  token_endpoint: `${stage.auth}/oauth/tokens`,
}

function configuration(proof) {
  const made = new client.Configuration(server, id, undefined, proof(secret))
  client.allowInsecureRequests(made)
  return made
}

async function logIn(config, person, browser = new Browser()) {
  const state = client.randomState()
  const begin = client.buildAuthorizationUrl(config, { redirect_uri, state, scope: 'openid email' })
  const { url: end, html } = await browser.logIn(begin, redirect_uri, stage.district, person)
  assert.ok(!html, `stopped at ${end}`)
  const tokens = await client.authorizationCodeGrant(config, end, { expectedState: state })
  return { end, token: tokens.access_token }
}

async function read(config, token, path) {
  const answer = await client.fetchProtectedResource(config, token, new URL(stage.api + path), 'GET')
  assert.equal(answer.status, 200, `${path} answered ${answer.status}`)
  return answer.json()
}

const nobody = { username: 'nobody', password: 'wrong' }
const people = everybody(stage)
for (const [kind, proof] of [
  ['secret in the body', client.ClientSecretPost],
  ['secret in the Basic header', client.ClientSecretBasic],
]) {
  for (const person of people) {
    await check(`openid-client, ${kind}: ${person.said} logs in`, async () => {
      const config = configuration(proof)
      const { token } = await logIn(config, person)
      const me = await read(config, token, '/v3.0/me')
      assert.equal(me.type, 'user')
      const user = await read(config, token, `/v3.0/users/${me.data.id}`)
      assert.equal(user.data.id, me.data.id)
      assert.deepEqual(user.data.name, { first: person.first, last: person.last })
      assert.equal(Object.keys(user.data.roles)[0], person.role)
      assert.equal(user.data.email ?? '', person.email)
      assert.equal(user.data.roles[person.role].sis_id, undefined, 'sign-on shares no SIS ID')
    })
  }
}

await check('openid-client: a second login needs no password', async () => {
  const [config, browser] = [configuration(client.ClientSecretPost), new Browser()]
  await logIn(config, stage.student, browser)
  await logIn(config, nobody, browser)
})

await check('openid-client: a code is exchanged once', async () => {
  const config = configuration(client.ClientSecretPost)
  const { end } = await logIn(config, stage.student)
  const again = client.authorizationCodeGrant(config, end, {
    expectedState: end.searchParams.get('state'),
  })
  await assert.rejects(again, (error) => error.error === 'invalid_grant')
})

for (const [door, open] of [
  ['a tile', (browser) => browser.launch(stage, stage.student)],
  ['an Instant Login Link', (browser) => browser.followLink(stage, stage.student)],
]) {
  await check(`openid-client: ${door} brings no state, and is refused`, async () => {
    const { url: end } = await open(new Browser())
    assert.equal(end.searchParams.has('state'), false)
    assert.ok(end.searchParams.get('code'))
    const config = configuration(client.ClientSecretPost)
    const refused = client.authorizationCodeGrant(config, end, { expectedState: 'ours' })
    await assert.rejects(refused, (error) => /state/.test(error.cause?.message ?? error.message))
  })

  await check(`openid-client: after ${door} a login of its own needs no page`, async () => {
    const browser = new Browser()
    await open(browser)
    await logIn(configuration(client.ClientSecretPost), nobody, browser)
  })
}
