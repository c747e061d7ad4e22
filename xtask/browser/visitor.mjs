// A visitor: one browser context with its own cookies, which notes what it should never see.

import assert from 'node:assert/strict'

/** Opens a context. `options` are Playwright's (locale, javaScriptEnabled, colorScheme, …). */
export async function visit(browser, demo, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ...options })
  context.setDefaultTimeout(15_000)
  const visitor = new Visitor(context, demo)
  await visitor.open()
  return visitor
}

export class Visitor {
  #allowed
  #troubles = []

  constructor(context, demo) {
    this.context = context
    this.demo = demo
    this.#allowed = [new URL(demo.broker).origin, new URL(demo.flightschool).origin]
  }

  async open() {
    this.context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (!this.#allowed.includes(origin) && protocol !== 'data:') {
        this.#troubles.push(`a request to ${request.url()}`)
      }
    })
    this.page = await this.context.newPage()
    this.page.on('pageerror', (error) => this.#troubles.push(`a script failed: ${error}`))
    this.page.on('console', (message) => {
      // A browser says this of every page that is served with an error status, as error pages are.
      const ofThePage = message.location().url === this.page.url()
      const ofItsStatus = message.text().startsWith('Failed to load resource') && ofThePage
      if (message.type() === 'error' && !ofItsStatus) {
        this.#troubles.push(`on the console of ${this.page.url()}: ${message.text()}`)
      }
    })
  }

  /** Presses Tab until the focus is on something that fits, and fails if it never is. */
  async tabTo(selector, words = '') {
    for (let presses = 0; presses < 60; presses += 1) {
      const fits = await this.page.evaluate(
        ([wanted, text]) => {
          const { activeElement: focused } = document
          return focused.matches(wanted) && focused.textContent.includes(text)
        },
        [selector, words],
      )
      if (fits) return
      await this.page.keyboard.press('Tab')
    }
    throw new Error(`the Tab key never reaches ${selector} ${words} on ${this.page.url()}`)
  }

  /** Signs in on the page that asks for it, with the keyboard only. */
  async signIn(person) {
    await this.page.waitForSelector('input[name="password"]')
    await this.tabTo('input[name="username"]')
    await this.page.keyboard.type(person.username)
    await this.tabTo('input[name="password"]')
    await this.page.keyboard.type(person.password)
    await this.page.keyboard.press('Enter')
    await this.page.waitForURL((url) => !url.pathname.startsWith('/login/'))
  }

  /** Opens the portal, signing in when it asks. */
  async portal(person) {
    await this.page.goto(this.#portal())
    if (person) await this.signIn(person)
    await this.page.waitForURL(this.#portal())
  }

  #portal() {
    return `${this.demo.broker}/in/${this.demo.district.shortname}`
  }

  /** Opens the tile of FlightSchool with the keyboard and waits for its page. */
  async openTile() {
    await this.tabTo('a', 'FlightSchool')
    await this.page.keyboard.press('Enter')
    await this.page.waitForURL(`${this.demo.flightschool}/home`)
  }

  /** From FlightSchool's own page: the button, the finder, the school, the sign-in page. */
  async pressTheButton(districtName, person) {
    await this.page.goto(this.demo.flightschool)
    await this.tabTo('a.button', 'Log in with Firstbell')
    await this.page.keyboard.press('Enter')
    await this.page.waitForURL(/\/login\//)
    // Where there is one district only, there is nothing to find.
    if ((await this.page.locator('input[name="q"]').count()) > 0) {
      await this.findDistrict(districtName)
    }
    await this.signIn(person)
    await this.page.waitForURL(`${this.demo.flightschool}/home`)
  }

  /** Looks for a school on the page that asks for it. */
  async findDistrict(name) {
    await this.tabTo('input[name="q"]')
    await this.page.keyboard.type(name)
    await this.page.keyboard.press('Enter')
    await this.page.waitForURL(/[?&]q=/)
    await this.tabTo('a.choice', name)
    await this.page.keyboard.press('Enter')
  }

  /** Presses “I’m done” in the portal. */
  async signOut() {
    await this.portal()
    await this.tabTo('form.done button')
    await this.page.keyboard.press('Enter')
    await this.page.waitForSelector('h1')
    await this.page.waitForFunction(() => !document.querySelector('form.done'))
  }

  /** Fails unless FlightSchool's page names the person. */
  async isNamed(name) {
    const heading = (await this.page.textContent('h1')).replace(/\s+/g, ' ')
    assert.ok(heading.includes(name), `the page says ${heading}, not ${name}`)
  }

  /** Closes the context; fails when it saw something that it should never see. */
  async leave() {
    await this.context.close()
    assert.deepEqual(this.#troubles, [])
  }
}
