// A browser small enough to read: it keeps cookies, follows redirects and fills in forms. What it
// sees of the broker is what a person without scripts sees.

import assert from 'node:assert/strict'

const attribute = (tag, name) => unescape(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1])
const text = (html) => unescape(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim()
const unescape = (value) =>
  value?.replace(/&(amp|lt|gt|quot|#x?[0-9a-f]+);/gi, (_, entity) => {
    const known = { amp: '&', lt: '<', gt: '>', quot: '"' }[entity]
    if (known) return known
    const hex = entity.startsWith('#x')
    return String.fromCodePoint(parseInt(entity.slice(hex ? 2 : 1), hex ? 16 : 10))
  })

const linkTo = ({ html, url }, name) => {
  const link = html.match(/<a\s[^>]*>[\s\S]*?<\/a>/g)?.find((one) => text(one).includes(name))
  return link && new URL(attribute(link, 'href'), url)
}

export class Browser {
  #cookies = new Map()

  /** Opens an address and follows redirects up to a page, or up to one that begins with `stop`. */
  async open(url, { stop, ...request } = {}) {
    let [next, how] = [new URL(url), request]
    for (let hops = 0; hops < 20; hops += 1) {
      if (stop && next.href.startsWith(stop)) return { url: next }
      const answer = await fetch(next, {
        ...how,
        redirect: 'manual',
        headers: { ...how.headers, cookie: this.#sent(next), accept: 'text/html' },
      })
      this.#keep(next, answer.headers.getSetCookie())
      const to = answer.headers.get('location')
      if (!to) return { url: next, status: answer.status, html: await answer.text() }
      await answer.arrayBuffer()
      ;[next, how] = [new URL(to, next), {}]
    }
    throw new Error(`more than 20 redirects from ${url}`)
  }

  /** Finds the school and signs in; ends where `stop` begins, or at the first page after that. */
  async logIn(url, stop, district, person) {
    let page = await this.open(url, { stop })
    for (let pages = 0; page.html && pages < 6; pages += 1) {
      assert.equal(page.status, 200, `${page.url} answered ${page.status}: ${text(page.html)}`)
      const { username, password } = person
      if (/name="password"/.test(page.html)) {
        page = await this.submit(page, /name="password"/, { username, password }, stop)
      } else if (!/name="q"/.test(page.html)) {
        return page
      } else if (linkTo(page, district.name)) {
        page = await this.open(linkTo(page, district.name), { stop })
      } else {
        page = await this.submit(page, /name="q"/, { q: district.name }, stop)
      }
    }
    return page
  }

  /** Logs in at the portal and opens the tile of an application. */
  async launch(stage, person) {
    const portal = `${stage.auth}/in/${stage.district.shortname}`
    const page = await this.logIn(portal, undefined, stage.district, person)
    const tile = linkTo(page, stage.application.name)
    assert.ok(tile, `no tile ${stage.application.name}: ${text(page.html)}`)
    return this.open(tile, { stop: stage.application.redirect_uri })
  }

  /** Follows an Instant Login Link of an application. */
  async followLink(stage, person) {
    const link = new URL('/oauth/instant-login', stage.auth)
    link.search = new URLSearchParams({
      client_id: stage.application.id,
      district_id: stage.district.id,
    })
    return this.logIn(link, stage.application.redirect_uri, stage.district, person)
  }

  /** Submits the form in which `mark` is found, with its hidden fields and our values. */
  async submit(page, mark, values, stop) {
    const forms = page.html.match(/<form\s[\s\S]*?<\/form>/g) ?? []
    const form = forms.find((one) => mark.test(one))
    assert.ok(form, `no form with ${mark} on ${page.url}: ${text(page.html)}`)
    const head = form.match(/<form\s[^>]*>/)[0]
    const to = new URL(attribute(head, 'action') ?? '', page.url)
    const hidden = (form.match(/<input\s[^>]*type="hidden"[^>]*>/g) ?? []).map((tag) => [
      attribute(tag, 'name'),
      attribute(tag, 'value') ?? '',
    ])
    const fields = new URLSearchParams([...hidden, ...Object.entries(values)])
    if (attribute(head, 'method')?.toLowerCase() === 'post') {
      const headers = { origin: page.url.origin }
      return this.open(to, { method: 'POST', body: fields, headers, stop })
    }
    to.search = fields
    return this.open(to, { stop })
  }

  #sent(url) {
    return [...(this.#cookies.get(url.hostname) ?? [])].map((pair) => pair.join('=')).join('; ')
  }

  #keep(url, set) {
    const jar = this.#cookies.get(url.hostname) ?? new Map()
    this.#cookies.set(url.hostname, jar)
    for (const line of set) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/)
      if (/max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
  }
}
