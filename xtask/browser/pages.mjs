// Every page that a person meets: pictures at three widths in light and dark, axe-core, nothing
// that scrolls sideways, and Spanish.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { check } from './checks.mjs'
import { wrongRedirect } from './journeys.mjs'
import { visit } from './visitor.mjs'

const WIDTHS = [360, 768, 1366]
const NARROWEST = 320
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The pages of a visitor who is nobody yet, and of each person: a name and a way there. */
function tours(demo) {
  const { broker, flightschool, districtName } = demo
  const portal = `${broker}/in/${demo.district.shortname}`
  const at = (url) => (visitor) => visitor.page.goto(url)
  const wrongPassword = async ({ page }) => {
    await page.goto(portal)
    await page.fill('input[name="username"]', demo.student.username)
    await page.fill('input[name="password"]', 'not the password')
    await page.press('input[name="password"]', 'Enter')
    await page.waitForSelector('[role="alert"]')
  }
  const nobody = [
    ['home', at(broker)],
    ['finder', at(`${broker}/login`)],
    ['finder-found', at(`${broker}/login?${new URLSearchParams({ q: districtName })}`)],
    ['finder-nothing', at(`${broker}/login?q=zzzzzz`)],
    ['sign-in', at(portal)],
    ['sign-in-wrong', wrongPassword],
    ['error-redirect', at(wrongRedirect(demo))],
    ['error-not-found', at(`${broker}/no/such/page`)],
    ['flightschool-landing', at(flightschool)],
    ['flightschool-trouble', at(`${flightschool}/oauth/callback?error=access_denied`)],
  ]
  const logIn = (person) => async (visitor) => {
    await visitor.portal(person)
    await visitor.openTile()
  }
  const leave = async (visitor) => {
    await visitor.signOut()
  }
  const of = (who) => [
    [`portal-${who}`, at(portal)],
    [`flightschool-${who}`, at(`${flightschool}/home`)],
  ]
  return [
    { begin: async () => {}, pages: nobody },
    { begin: logIn(demo.student), pages: [...of('student'), ['signed-out', leave]] },
    { begin: logIn(demo.teacher), pages: of('teacher') },
  ]
}

/** Walks all pages. Pictures go into `artefacts`. */
export async function pages(browser, demo, artefacts) {
  for (const colorScheme of ['light', 'dark']) {
    for (const { begin, pages } of tours(demo)) {
      const visitor = await visit(browser, demo, { colorScheme })
      await check(`the visit to ${pages[0][0]} and on begins, ${colorScheme}`, () => begin(visitor))
      for (const [name, go] of pages) {
        const title = `${name}, ${colorScheme}`
        await check(`${title}: opens`, () => go(visitor))
        await check(`${title}: 0 violations at ${WIDTHS.join(', ')}`, () =>
          look(visitor.page, join(artefacts, `${name}-${colorScheme}`)),
        )
        await check(`${title}: does not scroll sideways at ${NARROWEST}`, () => fits(visitor.page))
      }
      await check(`${pages[0][0]} and on, ${colorScheme}: no foreign request, no error`, () =>
        visitor.leave(),
      )
    }
  }
}

async function look(page, file) {
  const found = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    await page.screenshot({ path: `${file}-${width}.png`, fullPage: true, animations: 'disabled' })
    found.push(...(await violations(page)).map((violation) => `${violation} at ${width}`))
  }
  assert.deepEqual(found, [])
}

/** What axe-core finds wrong with the page as it is now. */
export async function violations(page) {
  // Not as a script of the page: its content security policy would rightly refuse it.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  const { violations } = await page.evaluate(
    (values) =>
      globalThis.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }),
    RULES,
  )
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join('; ')}`,
  )
}

/** Fails when the page has to be scrolled sideways where it is narrowest. */
export async function fits(page) {
  await page.setViewportSize({ width: NARROWEST, height: 800 })
  const [wide, view] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  assert.ok(wide <= view, `${wide} pixels of page in ${view} of view`)
}

/** The pages speak Spanish to a browser that asks for it. */
export async function spanish(browser, demo) {
  await check('a browser that asks for Spanish is answered in Spanish', async () => {
    const visitor = await visit(browser, demo, { locale: 'es-US' })
    const { page } = visitor
    const speaks = async (where) => {
      const [language, heading] = await page.evaluate(() => [
        document.documentElement.lang,
        document.querySelector('h1').textContent,
      ])
      assert.equal(language, 'es', `${where} has lang=${language}`)
      assert.ok(heading.trim(), `${where} has an empty heading`)
      return heading
    }
    await page.goto(`${demo.broker}/login`)
    assert.notEqual((await speaks('the finder')).trim(), 'Find your school')
    await page.goto(`${demo.broker}/in/${demo.district.shortname}`)
    await speaks('the sign-in page')
    await visitor.signIn(demo.student)
    await speaks('the portal')
    await page.goto(wrongRedirect(demo))
    await speaks('the error page')
    await visitor.leave()
  })
}
