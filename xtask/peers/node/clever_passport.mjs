// clever-passport (npm), whose host names are built in, in an Express application. It runs in a
// private network in which those names are the test's own server.

import assert from 'node:assert/strict'
import { once } from 'node:events'

import CleverStrategy from 'clever-passport'
import express from 'express'
import session from 'express-session'
import passport from 'passport'

import { Browser } from './browser.mjs'
import { check, readStage } from './checks.mjs'

const stage = await readStage()
const { id, secret, redirect_uri } = stage.application
const here = new URL(redirect_uri)

passport.use(
  new CleverStrategy({ clientID: id, clientSecret: secret, callbackURL: redirect_uri }, (...all) => {
    const [, , profile, done] = all
    done(null, profile)
  }),
)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const application = express()
application.use(session({ secret: 'only a test', resave: false, saveUninitialized: false }))
application.use(passport.initialize(), passport.session())
application.get('/begin', passport.authenticate('clever'))
application.get(here.pathname, passport.authenticate('clever'), (request, reply) => {
  reply.json(request.user)
})
application.use((error, _request, reply, _next) => {
  reply.status(500).json({ failure: error.name, text: error.message })
})
const listener = application.listen(Number(here.port), here.hostname)
await once(listener, 'listening')

async function pressTheButton(person) {
  const browser = new Browser()
  const begin = new URL('/begin', here)
  return arrive(browser, await browser.logIn(begin, redirect_uri, stage.district, person))
}

async function arrive(browser, { url }) {
  const page = await browser.open(url)
  return { status: page.status, said: JSON.parse(page.html) }
}

for (const person of [stage.student, stage.student_without_email, ...stage.names]) {
  await check(`clever-passport: ${person.said} logs in`, async () => {
    const { status, said } = await pressTheButton(person)
    assert.equal(status, 200, JSON.stringify(said))
    assert.equal(said.type, 'student')
    assert.equal(said.name.first, person.first)
    assert.equal(said.name.last, person.last)
    assert.match(said.id, /^[0-9a-f]{24}$/)
    assert.equal(said.email || undefined, person.email || undefined)
  })
}

for (const [door, open] of [
  ['a tile', (browser) => browser.launch(stage, stage.student)],
  ['an Instant Login Link', (browser) => browser.followLink(stage, stage.student)],
]) {
  await check(`clever-passport: ${door} logs in, as it checks no state`, async () => {
    const browser = new Browser()
    const { status, said } = await arrive(browser, await open(browser))
    assert.equal(status, 200, JSON.stringify(said))
    assert.equal(said.name.first, stage.student.first)
  })
}

for (const person of [stage.teacher, stage.teacher_and_staff]) {
  await check(`clever-passport: crashes for ${person.said}: sign-on shares no sections`, async () => {
    const { status, said } = await pressTheButton(person)
    assert.equal(status, 500, JSON.stringify(said))
    assert.equal(said.failure, 'TypeError')
  })
}

listener.close()
listener.closeAllConnections()
