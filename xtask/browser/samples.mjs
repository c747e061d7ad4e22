// Every page with made-up people in it, as the server's own test writes them: each state of each
// page in each language, also those that no visit to the demo meets. axe-core from the narrowest
// width to the widest, light and dark, with and without scripts; nothing scrolls sideways; what is
// to be pressed is large enough for small hands.

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

import { check } from './checks.mjs'
import { fits, violations } from './pages.mjs'

const NARROW = 320
const MIDDLE = 768
const WIDE = 1366
/** What differs between the passes is colour and scripts: not each needs each width and a picture. */
const PASSES = [
  { how: 'light, with scripts', colorScheme: 'light', widths: [NARROW, MIDDLE, WIDE], pictured: true },
  { how: 'dark, with scripts', colorScheme: 'dark', widths: [NARROW, WIDE], pictured: true },
  { how: 'light, without scripts', colorScheme: 'light', widths: [NARROW, WIDE], unscripted: true },
]
/** CSS pixels, in each direction. */
const TARGET = 44
const TARGETS = 'button, .button, .tile, .choice, .option, input:not([type=hidden], [type=checkbox]), textarea'
const TYPES = { '.html': 'text/html', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png' }
/** As in `crates/firstbell-server/src/reply/html.rs`. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Looks at every page in `folder`. Pictures go into `artefacts`. */
export async function samples(browser, folder, artefacts) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.html')).sort()
  await check('there are samples of pages', () => assert.ok(names.length > 100, `${names.length}`))
  const server = await serve(folder)
  const origin = `http://127.0.0.1:${server.address().port}`
  // One after the other they would take minutes: most of the time is spent in the browser.
  await Promise.all(PASSES.map((pass) => walk(browser, origin, names, pass, artefacts)))
  server.close()
}

async function walk(browser, origin, names, pass, artefacts) {
  const { how, colorScheme, widths } = pass
  const context = await browser.newContext({ colorScheme })
  const page = await context.newPage()
  const scripts = await context.newCDPSession(page)
  const troubles = []
  page.on('console', (said) => said.type() === 'error' && troubles.push(said.text()))
  for (const name of names) {
    const title = name.replace('.html', '')
    await check(`sample ${title}, ${how}: accessible at ${widths.join(', ')}`, async () => {
      troubles.length = 0
      await page.setViewportSize({ width: NARROW, height: 800 })
      // axe-core needs scripts itself: they are off while the page is made, and on to look at it.
      await allow(scripts, !pass.unscripted)
      await page.goto(`${origin}/${name}`)
      await allow(scripts, true)
      await fits(page)
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 })
        if (pass.pictured && width !== MIDDLE) {
          const path = join(artefacts, `sample-${title}-${colorScheme}-${width}.png`)
          await page.screenshot({ path, fullPage: true, animations: 'disabled' })
        }
        const found = [...(await violations(page)), ...(await small(page))]
        troubles.push(...found.map((trouble) => `${trouble} at ${width}`))
      }
      assert.deepEqual(troubles, [])
    })
  }
  await context.close()
}

function allow(session, value) {
  return session.send('Emulation.setScriptExecutionDisabled', { value: !value })
}

/** What is smaller than a finger wants it. */
function small(page) {
  return page.evaluate(
    ([selector, least]) =>
      [...document.querySelectorAll(selector)]
        .map((element) => [element, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < least || height < least)
        .map(([{ outerHTML }, { width, height }]) => `${width}x${height} ${outerHTML.slice(0, 80)}`),
    [TARGETS, TARGET],
  )
}

async function serve(folder) {
  const server = createServer(async (request, response) => {
    try {
      const path = normalize(new URL(request.url, 'http://localhost').pathname)
      const body = await readFile(join(folder, path))
      response.setHeader('content-type', `${TYPES[extname(path)]}; charset=utf-8`)
      response.setHeader('content-security-policy', POLICY)
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
