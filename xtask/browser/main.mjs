// The demo, used in a real browser: node main.mjs <demo.json> <browser program> <artefact
// folder> <folder of sample pages>.

import { mkdir, readFile } from 'node:fs/promises'

import { chromium } from 'playwright-core'

import { journeys } from './journeys.mjs'
import { pages, spanish } from './pages.mjs'
import { samples } from './samples.mjs'

const [demoFile, executablePath, artefacts, sampleFolder] = process.argv.slice(2)
const demo = JSON.parse(await readFile(demoFile, 'utf8'))
const first = (role) => {
  const person = demo.people.find((one) => one.role === role)
  if (!person) throw new Error(`the demo names no ${role}`)
  return person
}
demo.student = first('student')
demo.teacher = first('teacher')
await mkdir(artefacts, { recursive: true })

// Without these the browser looks for its maker's hosts, which a closed network refuses.
const quiet = ['background-networking', 'component-update', 'sync', 'gpu', 'quic']
const browser = await chromium.launch({
  executablePath,
  chromiumSandbox: process.getuid() !== 0,
  args: [...quiet.map((what) => `--disable-${what}`), '--no-first-run'],
})
try {
  demo.districtName = await districtName()
  await journeys(browser, demo, 'with scripts', {})
  await journeys(browser, demo, 'without scripts', { javaScriptEnabled: false })
  await spanish(browser, demo)
  await pages(browser, demo, artefacts)
  await samples(browser, sampleFolder, artefacts)
} finally {
  await browser.close()
}

/** What the district is called, as its sign-in page says. */
async function districtName() {
  const page = await browser.newPage()
  await page.goto(`${demo.broker}/in/${demo.district.shortname}`)
  const name = await page.textContent('.place strong')
  await page.close()
  return name.trim()
}
