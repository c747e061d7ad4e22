// What people do, from the first page to the last, with the keyboard only. All of it runs once
// with scripts and once without: no page may need them.

import assert from 'node:assert/strict'

import { check } from './checks.mjs'
import { visit } from './visitor.mjs'

/** Runs every journey in contexts made with `options`; `how` goes into the names. */
export async function journeys(browser, demo, how, options) {
  const { student, teacher, districtName } = demo
  const journey = (name, body) =>
    check(`${name}, ${how}`, async () => {
      const visitor = await visit(browser, demo, options)
      await body(visitor)
      await visitor.leave()
    })

  await journey('a student opens FlightSchool from the portal', async (visitor) => {
    await visitor.portal(student)
    await visitor.openTile()
    await visitor.isNamed(student.name)
  })

  await journey('a teacher logs in with the button', async (visitor) => {
    await visitor.pressTheButton(districtName, teacher)
    await visitor.isNamed(teacher.name)
  })

  await journey('somebody who knows only the town finds the portal', async (visitor) => {
    await visitor.page.goto(`${demo.broker}/login`)
    await visitor.findDistrict(districtName)
    await visitor.signIn(student)
    await visitor.page.waitForURL(/\/in\//)
  })

  await journey('a second login in the same browser asks for nothing', async (visitor) => {
    await visitor.portal(student)
    await visitor.page.goto(`${demo.flightschool}/login`)
    await visitor.page.waitForURL(`${demo.flightschool}/home`)
    await visitor.isNamed(student.name)
  })

  await journey('“I’m done” ends the session', async (visitor) => {
    await visitor.portal(student)
    await visitor.signOut()
    await visitor.page.goto(`${demo.broker}/in/${demo.district.shortname}`)
    await visitor.page.waitForSelector('input[name="password"]')
  })

  await journey('another person on the same browser takes over', async (visitor) => {
    await visitor.portal(student)
    await visitor.openTile()
    await visitor.isNamed(student.name)
    await visitor.signOut()
    await visitor.portal(teacher)
    await visitor.openTile()
    await visitor.isNamed(teacher.name)
  })

  await journey('a wrong password is said kindly, and the right one then works', async (visitor) => {
    const { page } = visitor
    await page.goto(`${demo.broker}/in/${demo.district.shortname}`)
    await page.fill('input[name="username"]', student.username)
    await page.fill('input[name="password"]', 'not the password')
    await page.press('input[name="password"]', 'Enter')
    await page.waitForSelector('[role="alert"]')
    assert.equal(await page.inputValue('input[name="password"]'), '')
    await page.fill('input[name="username"]', '')
    await visitor.signIn(student)
    await page.waitForURL(/\/in\//)
  })

  await journey('a wrong redirect URI ends on a page, never elsewhere', async (visitor) => {
    const answer = await visitor.page.goto(wrongRedirect(demo))
    assert.equal(answer.status(), 400)
    assert.equal(new URL(visitor.page.url()).origin, demo.broker)
    assert.match(await visitor.page.textContent('main'), /FB1002/)
  })
}

/** An authorize address with a redirect URI that is not registered. */
export function wrongRedirect(demo) {
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: demo.client.id,
    redirect_uri: `${demo.flightschool}/elsewhere`,
  })
  return `${demo.broker}/oauth/authorize?${asked}`
}
